"""The web server as production runs it, and a client that asks it all it can take."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from statistics import quantiles
from threading import Thread

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from banyang.accounts.models import User

WORKERS, THREADS = 2, 4
CONNECTIONS = 2  # as many as there are workers: what is measured is the page, not a queue
CSRF = "b" * 32
START_SECONDS = 60


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


@contextmanager
def serving() -> Iterator[int]:
    """Run the web server; its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        options = [f"--bind=fd://{listener.fileno()}", f"--workers={WORKERS}"]
        options += [f"--threads={THREADS}", "--preload", "--no-control-socket"]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "banyang.wsgi", *options, "--log-level=warning"],
            env=os.environ | {"LOG_LEVEL": "ERROR"},
            pass_fds=[listener.fileno()],
        )
        try:
            yield port
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


def answer(port: int, path: str, headers: dict[str, str]) -> str:
    """The page at `path`, for seeing that it is what is to be measured."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}.")
    return page


def ask_for(port: int, path: str, headers: dict[str, str], sample: Sample, seconds: float) -> None:
    """Ask for one page over and over for so many seconds, and add that to `sample`."""

    def worker(connection: http.client.HTTPConnection, latencies: list[float]) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            latencies.append(_ask(connection, "GET", path, headers, 200))

    _together(port, [worker] * CONNECTIONS, sample)


def post_each(port: int, posts: Sequence[tuple[str, dict[str, str]]], sample: Sample) -> None:
    """Send every post, a path and its headers, once, and add that to `sample`."""

    def worker(connection: http.client.HTTPConnection, latencies: list[float]) -> None:
        while waiting:
            path, headers = waiting.pop()
            latencies.append(_ask(connection, "POST", path, headers, 302))

    waiting = list(reversed(posts))
    _together(port, [worker] * CONNECTIONS, sample)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    expected: int,
) -> float:
    start = time.perf_counter()
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    response.read()
    if response.status != expected:
        raise RuntimeError(f"{path} answered {response.status}.")
    return time.perf_counter() - start


Worker = Callable[[http.client.HTTPConnection, list[float]], None]


def _together(port: int, workers: Sequence[Worker], sample: Sample) -> None:
    """Run workers side by side, each on a connection that is kept open."""
    problems: list[Exception] = []

    def run(worker: Worker) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        latencies: list[float] = []
        try:
            connection.connect()
            start = time.perf_counter()
            worker(connection, latencies)
            sample.seconds += time.perf_counter() - start
            sample.latencies += latencies
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
