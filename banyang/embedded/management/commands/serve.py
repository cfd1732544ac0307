"""The whole product on one machine: `make run`.

A management command rather than a script of its own, because all it does first (migrate, load,
collect) are management commands, and so `manage.py` has already seen to the embedded servers.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from banyang import embedded
from banyang.embedded.children import tie_to
from banyang.embedded.locks import Lock, take, wait_for
from banyang.embedded.supervisor import (
    DoesNotStart,
    Program,
    Supervisor,
    replace_what_cannot_be_shown,
)

FIRST_PORT, LAST_PORT = 8000, 8099
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what HOST may say; we never do
HERE = ("127.0.0.1", EVERYWHERE)


class Command(BaseCommand):
    help = (
        "Prepare the database and run web server, worker and scheduler until Ctrl-C. PORT (8000 or "
        "the next free one) and HOST (127.0.0.1) in the environment say where it listens, "
        "BANYANG_LOCAL (.local) where the embedded servers keep their data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument(
            "--parent",
            type=int,
            metavar="PID",
            help="the process that starts this one: end with it, however it ends. Without, this one "
            "outlives the shell or service that started it",
        )

    def handle(self, *, no_demo: bool, parent: int | None, **options: Any) -> None:
        replace_what_cannot_be_shown()
        self.supervisor = Supervisor()
        self.take_signals(self.interrupt)
        lock = None
        try:
            if parent and not tie_to(parent, signal.SIGTERM):
                raise CommandError(f"Process {parent}, which was to start this one, is gone.")
            lock = self.take_place()
            with self.listen() as listener:
                host, port = listener.getsockname()
                address = f"http://{'localhost' if host in HERE else host}:{port}"
                os.write(lock.fd, f", at {address}".encode())
                self.prepare(demo=not no_demo)
                self.supervise(listener, address)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped before all was up.")
        finally:
            self.take_signals(signal.SIG_IGN)
            self.supervisor.stop()
            connections.close_all()
            embedded.leave()
            if lock:
                lock.close()

    def supervise(self, listener: socket.socket, address: str) -> None:
        """Start everything, say so, and watch over it until a signal comes."""
        self.take_signals(self.ask_to_stop)
        web, *others = _programs(listener, address)
        self.supervisor.start(web)
        try:
            self.supervisor.wait(lambda: _answers(*listener.getsockname()))
        except DoesNotStart as error:
            raise CommandError(f"{error} does not start; see above why.") from error
        self.welcome(address)
        if listener.getsockname()[0] == EVERYWHERE and "SITE_URL" not in os.environ:
            self.stdout.write(
                "Other machines get an answer at the address that SITE_URL names: stop it and say, "
                "for example, SITE_URL=http://192.168.1.20:8000.\n"
            )
        for program in others:
            self.supervisor.start(program)
        self.supervisor.run()
        self.stdout.write("\nStopping …")

    def take_signals(
        self, handler: Callable[[int, FrameType | None], None] | signal.Handlers
    ) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup it's ignored from the beginning, and must stay so.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, handler)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """The first time, leave what is at hand its time; then interrupt it."""
        if self.supervisor.is_stopping:
            raise KeyboardInterrupt
        self.supervisor.is_stopping = True

    def take_place(self) -> Lock:
        """One at a time in a folder: a second one's scheduler would write the first one's file.

        Nobody would be reminded twice, since reminders are leased.
        """
        path = embedded.local_folder() / "serve.lock"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = take(path)
        if lock is None:
            who = path.read_text()
            raise CommandError(
                f"It already runs here: {who}. Stop that one first, with Ctrl-C in its window or "
                "with `kill` and its number."
            )
        os.truncate(lock.fd, 0)
        os.write(lock.fd, f"process {os.getpid()}".encode())
        return lock

    def listen(self) -> socket.socket:
        """Take the port ourselves and for good: no one slips in while the web server restarts."""
        host = os.environ.get("HOST", "127.0.0.1")
        wanted = os.environ.get("PORT")
        if wanted and not wanted.isdecimal():
            raise CommandError(f"PORT must be a number, not {wanted!r}.")
        for port in [int(wanted)] if wanted else range(FIRST_PORT, LAST_PORT + 1):
            try:
                return socket.create_server((host, port))
            except (OSError, OverflowError) as error:
                problem = error
        ports = f"Port {wanted}" if wanted else f"No port from {FIRST_PORT} to {LAST_PORT}"
        raise CommandError(f"{ports} can't be used: {problem}. Name a free one in PORT.")

    def prepare(self, *, demo: bool) -> None:
        self.stdout.write("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
        with redirect_stdout(StringIO()):  # what they have to say is in the welcome
            call_command("load_reference")
        if demo and not get_user_model().objects.exists():
            self.stdout.write("Making a demo office, this once …")
            with redirect_stdout(StringIO()):
                call_command("demo")
        self.collect_static()
        connections.close_all()

    def collect_static(self) -> None:
        """Collect the static files unless none has changed since the last time.

        One at a time: two local folders may share these files, and each would clear the other's.
        """
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        files = _digest_of_static_files()

        def is_collected() -> bool:
            return stamp.exists() and stamp.read_text() == files

        if is_collected():
            return
        lock = wait_for(Path(f"{settings.STATIC_ROOT}.lock"))
        try:
            if not is_collected():
                self.stdout.write("Collecting static files …")
                call_command("collectstatic", clear=True, interactive=False, verbosity=0)
                stamp.write_text(files)
        finally:
            lock.close()

    def welcome(self, address: str) -> None:
        self.stdout.write(f"\nBanyang Partners runs at {self.style.SUCCESS(address + '/')}")
        call_command("demo", sign_ins=True, stdout=self.stdout)
        self.stdout.write("Ctrl-C stops it.\n")


def _digest_of_static_files() -> str:
    """What changes with any file that is to be collected."""
    files = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            files.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return files.hexdigest()


def _programs(listener: socket.socket, address: str) -> list[Program]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "--app=banyang"]
    worker = ["worker", "--concurrency=2", "--without-mingle", "--without-gossip"]
    beat = ["beat", f"--schedule={embedded.local_folder() / 'beat'}", "--pidfile="]
    web = ["gunicorn", "banyang.wsgi", f"--bind=fd://{listener.fileno()}", "--no-control-socket"]
    web += ["--preload", "--workers=2", "--threads=4", "--log-level=warning"]
    environment = {
        "SITE_URL": os.environ.get("SITE_URL", address),
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",  # known and fine here
    }
    return [
        Program("web", [*python, *web], environment, pass_fds=[listener.fileno()]),
        Program("worker", [*celery, *worker, "--loglevel=WARNING"], environment),
        Program("beat", [*celery, *beat, "--loglevel=WARNING"], environment),
    ]


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
