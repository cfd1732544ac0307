"""The web server as production runs it, and a client that asks it all it can take."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from statistics import quantiles
from threading import Thread
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from banyang.accounts.models import User

WORKERS, THREADS = 2, 4
CONNECTIONS = WORKERS  # one to each: what is measured is the page, not a queue before a worker
CSRF = "b" * 32
START_SECONDS = 60
MOST_TRIES = 200


@dataclass
class Sample:
    """How long requests took, and how many were answered in a second."""

    latencies: list[float] = field(default_factory=list)  # seconds
    seconds: float = 0  # the connections' time, all together

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds * CONNECTIONS

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return self._percentile(50)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return self._percentile(95)

    def _percentile(self, part: int) -> float:
        return quantiles(self.latencies, n=100, method="inclusive")[part - 1] * 1000


class Served(NamedTuple):
    """A web server that runs: its port, and the process whose children answer there."""

    port: int
    pid: int


@contextmanager
def serving(
    environment: Mapping[str, str] = os.environ, threads: int = THREADS
) -> Iterator[Served]:
    """Run the web server, which reads its settings from `environment`."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        options = [f"--bind=fd://{listener.fileno()}", f"--workers={WORKERS}"]
        options += [f"--threads={threads}", "--preload", "--no-control-socket"]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "banyang.wsgi", *options, "--log-level=warning"],
            env={**environment, "LOG_LEVEL": "ERROR"},
            pass_fds=[listener.fileno()],
        )
        try:
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait()


def sign_in(user: User) -> dict[str, str]:
    """The headers of a browser in which `user` has signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; csrftoken={CSRF}"
    return {"Cookie": cookies, "X-CSRFToken": CSRF}


class Connection:
    """A connection that stays open, to one worker; as little of a client as can be.

    Python's own takes half a millisecond of the machine for a page, which would be measured too.
    """

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), START_SECONDS)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exception: object) -> None:
        self.file.close()
        self.socket.close()

    def ask(self, method: str, path: str, headers: dict[str, str], expected: int = 200) -> bytes:
        """What is answered; raises `RuntimeError` if that is not as `expected`."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Length: 0"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status = self.file.readline().split()
        length = 0
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        page = self.file.read(length)
        if status[1:2] != [str(expected).encode()] or len(page) != length:
            raise RuntimeError(f"{path} answered {status}.")
        return page


def answer(port: int, path: str, headers: dict[str, str]) -> str:
    """The page at `path`, for seeing that it is what is to be measured."""
    with Connection(port) as connection:
        return connection.ask("GET", path, headers).decode()


def ask_for(port: int, path: str, headers: dict[str, str], sample: Sample, seconds: float) -> None:
    """Ask for one page over and over for so many seconds, and add that to `sample`."""

    def client(connection: Connection, latencies: list[float]) -> None:
        start, end = time.perf_counter(), time.perf_counter() + seconds
        while start < end:
            connection.ask("GET", path, headers)
            start, asked = time.perf_counter(), start
            latencies.append(start - asked)

    _together(port, client, sample)


def post_each(port: int, posts: Sequence[tuple[str, dict[str, str]]], sample: Sample) -> None:
    """Send every post, a path and its headers, once, and add that to `sample`."""

    def client(connection: Connection, latencies: list[float]) -> None:
        while waiting:
            path, headers = waiting.pop()
            start = time.perf_counter()
            connection.ask("POST", path, headers, 302)
            latencies.append(time.perf_counter() - start)

    waiting = list(reversed(posts))
    _together(port, client, sample)


def _together(port: int, client: Callable[[Connection, list[float]], None], sample: Sample) -> None:
    """Run a client for every worker, each on a connection of its own."""
    problems: list[Exception] = []

    def run(connection: Connection) -> None:
        latencies: list[float] = []
        try:
            start = time.perf_counter()
            client(connection, latencies)
            sample.seconds += time.perf_counter() - start
            sample.latencies += latencies
        except Exception as problem:
            problems.append(problem)

    with ExitStack() as stack:
        threads = [Thread(target=run, args=[each]) for each in _one_to_each_worker(port, stack)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if problems:
        raise problems[0]


def _one_to_each_worker(port: int, stack: ExitStack) -> list[Connection]:
    """Connections of which no two lead to the same worker.

    Whichever worker is idle takes a connection; two with the same one would wait for each other.
    """
    found: dict[bytes, Connection] = {}
    for _ in range(MOST_TRIES):
        connection = stack.enter_context(Connection(port))
        found.setdefault(connection.ask("GET", "/bench/worker/", {}), connection)
        if len(found) == CONNECTIONS:
            return list(found.values())
    raise RuntimeError(f"{MOST_TRIES} connections lead to {len(found)} of {CONNECTIONS} workers.")
