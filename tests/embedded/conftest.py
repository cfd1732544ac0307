"""A local folder of its own for each test, and processes that use its servers."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
import redis

from banyang import embedded
from banyang.embedded.children import bound

PROJECT = Path(embedded.__file__).parents[2]
SECONDS = 180  # a start takes 60 on a slow machine on which other tests start things, too
T = TypeVar("T")
NOBODY = pwd.getpwnam("nobody")
# Root can also be somebody else; anybody else can't be root.
IDENTITIES = [None] if os.geteuid() else [None, (NOBODY.pw_uid, NOBODY.pw_gid)]
# A user of the servers until its input ends; `leave` lets the keepers go at once.
USER = """
import sys
sys.path.append({banyang!r})
import embedded
embedded.ensure()
print("ready", flush=True)
sys.stdin.read()
embedded.leave()
"""


def eventually(found: Callable[[], T], *, seconds: int = SECONDS) -> T:
    """Wait until something is found, and answer it."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
    return result


def children(pid: int) -> list[int]:
    """The processes that a process itself has started; none when it is gone."""
    try:
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have started."""
    return [found for child in children(pid) for found in (child, *descendants(child))]


def are_gone(pids: Iterable[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def owned_by(owner: tuple[int, int] | None, runtime: Path) -> Path:
    """What a runtime folder is called when another user works in its local folder."""
    mine = f"banyang-{os.geteuid()}-"
    return Path(str(runtime).replace(mine, f"banyang-{owner[0]}-")) if owner else runtime


class Site:
    """A local folder with its servers, seen from outside."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self.runtime = embedded.runtime_folder(local)
        self.environment = {**os.environ, "BANYANG_LOCAL": str(local)}
        for variable in embedded.URL_VARIABLES.values():
            self.environment.pop(variable, None)
        self.started: list[subprocess.Popen[str]] = []

    def run(
        self, command: list[str], owner: tuple[int, int] | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=bound(signal.SIGKILL, owner),  # noqa: PLW1509 - the tests have one thread
        )
        self.started.append(process)
        return process

    def start_user(self, owner: tuple[int, int] | None = None) -> subprocess.Popen[str]:
        code = USER.format(banyang=str(PROJECT / "banyang"))
        return self.run([sys.executable, "-P", "-c", code], owner)

    def user(self, owner: tuple[int, int] | None = None) -> subprocess.Popen[str]:
        """A process for which the servers are ready."""
        user = self.start_user(owner)
        assert user.stdout
        first = user.stdout.readline()
        assert first == "ready\n", first + user.stdout.read()
        return user

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.runtime), dbname="banyang", user="banyang", autocommit=True
        )

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=f"{self.runtime}/redis.sock", decode_responses=True)

    def processes(self) -> dict[int, str]:
        """Every living process that names our folders or works in them."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
                place = str(folder.joinpath("cwd").readlink())
            except OSError:
                continue  # it ended, or it's somebody else's
            if command and any(str(ours) in command + place for ours in (self.local, self.runtime)):
                found[int(folder.name)] = command
        return found

    def pid(self, *words: str) -> int:
        """The one process whose command line has these words."""
        [pid] = self.pids(*words)
        return pid

    def pids(self, *words: str) -> list[int]:
        """The processes whose command lines have these words."""
        return [pid for pid, line in self.processes().items() if all(w in line for w in words)]

    def is_gone(self) -> bool:
        return not self.processes()

    def close(self) -> None:
        for process in self.started:
            if process.stdout and not process.stdout.closed:
                process.communicate(timeout=SECONDS)
        eventually(self.is_gone)
        shutil.rmtree(self.runtime, ignore_errors=True)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Servers in a folder that has spaces and Chinese characters and is longer than a socket's path may be."""
    site = Site(tmp_path / ("般阳 合伙人 " * 8) / "l o c a l")
    yield site
    site.close()
