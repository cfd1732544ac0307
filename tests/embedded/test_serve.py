"""`manage.py serve`, which is `make run`: up, alive whatever is killed, and gone without a trace."""

import http.client
import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from banyang.embedded.management.commands.serve import Command
from tests.embedded.conftest import SECONDS, Site, are_gone, children, descendants, eventually

# Each starts seven processes and waits for them: enough for two cores at a time.
pytestmark = pytest.mark.xdist_group("serve")


def test_these_run_one_after_another(request: pytest.FixtureRequest) -> None:
    """By a mark in their names, or in the only process; xdist is silent when it can't place it."""
    assert request.node.nodeid.endswith("@serve") or "PYTEST_XDIST_WORKER" not in os.environ


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One folder for all: what is tested is not how long a first start takes."""
    site = Site(tmp_path_factory.mktemp("serve") / "般阳 合伙人")
    yield site
    site.close()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def served(site: Site, port: int) -> Iterator[subprocess.Popen[str]]:
    site.environment["PORT"] = str(port)
    server = serve(site)
    assert f"http://localhost:{port}/" in read_until(server, "Ctrl-C stops it")
    yield server
    was_running = server.poll() is None
    server.terminate()
    server.communicate(timeout=SECONDS)
    assert server.returncode == 0 or not was_running


def serve(site: Site) -> subprocess.Popen[str]:
    return site.run([sys.executable, "manage.py", "serve", "--no-demo"])


def read_until(server: subprocess.Popen[str], words: str) -> str:
    assert server.stdout
    seen = ""
    for line in server.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"ended without saying {words!r}: {seen}")


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def everything(served: subprocess.Popen[str]) -> list[int]:
    """All processes of a running server: two for web requests, two for tasks, their masters, beat."""
    eventually(lambda: len(descendants(served.pid)) == 7)
    return descendants(served.pid)


def child_with(pid: int, word: str) -> int:
    """The child whose command line has this word."""
    commands = {child: Path(f"/proc/{child}/cmdline").read_text() for child in children(pid)}
    [found] = [child for child, line in commands.items() if word in line.replace("\0", " ")]
    return found


def kill_one_of(served: subprocess.Popen[str], word: str) -> None:
    """Kill a process of the master whose command line has this word, and wait for another.

    A master that is only just starting may give up with it, and be started again.
    """
    killed = children(child_with(served.pid, word))[0]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in everything(served))


def kill_the_one(site: Site, *words: str) -> None:
    """Kill the process whose command line has these words, and wait until there is another."""
    killed = site.pid(*words)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(now := site.pids(*words)) == 1 and now != [killed])


def test_serve_ends_on_ctrl_c_and_leaves_no_process(
    site: Site, served: subprocess.Popen[str], port: int
) -> None:
    assert answers(port)
    pids = everything(served)
    served.send_signal(signal.SIGINT)
    assert served.wait(SECONDS) == 0
    assert are_gone(pids)
    assert site.is_gone()


def test_whatever_is_killed_comes_back(
    site: Site, served: subprocess.Popen[str], port: int
) -> None:
    old = {*everything(served), *site.processes()}
    for word in ("gunicorn", " worker "):
        kill_one_of(served, word)
    for words in (("bin/postgres", "-D"), ("redis-server",)):  # which their keepers bring back
        kill_the_one(site, *words)
        eventually(lambda: answers(port))
    everything(served)
    for name, word in (("web", "gunicorn"), ("worker", " worker "), ("beat", " beat ")):
        os.kill(child_with(served.pid, word), signal.SIGKILL)
        read_until(served, f"{name:<8}| died (SIGKILL), starting it again")
    for server in (" postgres ", " redis "):
        # The supervisor brings it back, unless a program that is just starting is faster.
        kill_the_one(site, "banyang/embedded", server)
    eventually(lambda: are_gone(old))
    eventually(lambda: answers(port))
    everything(served)


def test_killed_supervisor_takes_everything_along(
    site: Site, served: subprocess.Popen[str]
) -> None:
    pids = everything(served)
    served.kill()
    eventually(lambda: are_gone(pids))
    eventually(site.is_gone)


def test_killed_starter_takes_everything_along_and_the_next_start_is_fine(
    site: Site, port: int
) -> None:
    site.environment["PORT"] = str(port)
    # As make runs it, with a command after it so that the shell stays its parent.
    recipe = f'"{sys.executable}" manage.py serve --no-demo --parent $$; true'
    starter = site.run(["sh", "-c", recipe])
    read_until(starter, "Ctrl-C stops it")
    eventually(lambda: len(descendants(starter.pid)) == 8)
    pids = descendants(starter.pid)
    starter.kill()
    eventually(lambda: are_gone(pids))
    eventually(site.is_gone)
    again = serve(site)
    read_until(again, "Ctrl-C stops it")
    again.terminate()
    again.communicate(timeout=SECONDS)


def test_serve_does_not_start_when_its_parent_is_gone(site: Site) -> None:
    stranger = site.run(["sleep", "60"])
    server = site.run([sys.executable, "manage.py", "serve", f"--parent={stranger.pid}"])
    assert (
        f"Process {stranger.pid}, which was to start this one, is gone" in server.communicate()[0]
    )
    assert server.returncode == 1
    stranger.kill()


def test_own_servers_are_used_when_they_are_named(site: Site, port: int, tmp_path: Path) -> None:
    user = site.user()
    elsewhere = Site(tmp_path / "elsewhere")
    address = quote(str(site.runtime), safe="")
    elsewhere.environment |= {
        "DATABASE_URL": f"postgresql://banyang@{address}/banyang",
        "REDIS_URL": f"unix://{site.runtime}/redis.sock",
        "PORT": str(port),
    }
    server = serve(elsewhere)
    read_until(server, "Ctrl-C stops it")
    assert answers(port)
    started = everything(server)
    assert set(elsewhere.processes()) <= set(started), "no keeper, no server"
    assert not (elsewhere.local / "postgres").exists()
    server.terminate()
    elsewhere.close()
    user.communicate()


def test_second_serve_in_the_same_folder_says_where_the_first_is(
    site: Site, served: subprocess.Popen[str], port: int
) -> None:
    site.environment.pop("PORT")
    second = serve(site)
    who = f"process {served.pid}, at http://localhost:{port}"
    assert f"already runs here: {who}. Stop that one" in second.communicate(timeout=SECONDS)[0]
    assert second.returncode == 1
    assert answers(port)


def test_taken_port_is_refused_when_it_was_asked_for(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        site.environment["PORT"] = str(taken.getsockname()[1])
        server = serve(site)
        assert f"Port {site.environment['PORT']} can't be used" in server.communicate()[0]
        assert server.returncode == 1


def test_those_who_start_together_collect_the_static_files_once(
    settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    said = [io.StringIO() for _ in range(4)]
    with ThreadPoolExecutor(len(said)) as pool:
        list(pool.map(lambda out: Command(stdout=out).collect_static(), said))
    assert [out.getvalue() for out in said if out.getvalue()] == ["Collecting static files …\n"]
    assert (tmp_path / "static" / "banyang.js").exists()
