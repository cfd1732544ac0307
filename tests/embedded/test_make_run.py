"""`make run` as a newcomer meets it: a fresh copy of the project, a terminal, a browser's requests."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from banyang import embedded
from banyang.embedded.children import bound
from banyang.embedded.management.commands.serve import FIRST_PORT, LAST_PORT
from tests.embedded.conftest import (
    IDENTITIES,
    PROJECT,
    SECONDS,
    Site,
    are_gone,
    descendants,
    eventually,
    owned_by,
)
from tests.test_house import project_files

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]

START_SECONDS = 240  # a first start takes 10 on a machine with nothing else to do

ADDRESS = re.compile(r"runs at (http://localhost:(\d+))/")
SIGN_IN = re.compile(r"^  (\w+) +(\S+)  \S", re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[\d;]*m")
CTRL_C = b"\x03"


class Terminal:
    """A terminal in the project's folder in which somebody has typed `make run`."""

    def __init__(self, project: Path, owner: tuple[int, int] | None) -> None:
        self.screen, keyboard = os.openpty()
        os.set_blocking(self.screen, False)
        become = bound(signal.SIGKILL, owner)

        def settle() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # Ctrl-C becomes a signal to all that runs in it
            become()

        self.make = subprocess.Popen(
            ["make", "run"],
            cwd=project,
            # As where nothing was named: not what make and the tests' settings say to the tests.
            env={"PATH": os.environ["PATH"], "HOME": str(project), "TERM": "xterm"},
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
            start_new_session=True,
            preexec_fn=settle,  # noqa: PLW1509 - the tests have one thread
        )
        os.close(keyboard)
        self.shown = ""

    def read(self) -> str:
        """All that it has shown until now."""
        with contextlib.suppress(OSError):  # nothing new, or nobody left who could say more
            self.shown += COLOURS.sub("", os.read(self.screen, 65536).decode(errors="replace"))
        return self.shown

    def is_up_or_over(self) -> bool:
        return "Ctrl-C stops it" in self.read() or self.make.poll() is not None

    def close(self) -> None:
        self.make.kill()  # which takes all along that it started
        self.make.wait(SECONDS)
        os.close(self.screen)


@pytest.fixture(params=IDENTITIES, ids=lambda owner: "other-user" if owner else "own-user")
def owner(request: pytest.FixtureRequest) -> tuple[int, int] | None:
    return request.param


@pytest.fixture
def project(tmp_path: Path, owner: tuple[int, int] | None) -> Iterator[Path]:
    """A copy of the project, with the same environment, in a folder with a long, odd name."""
    project = tmp_path / ("般阳 合伙人 " * 8) / "p r o j e c t"
    for path in project_files("*"):
        copy = project / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    project.joinpath(".venv").symlink_to(PROJECT / ".venv")
    if owner:
        for path in (project, *project.rglob("*")):
            os.chown(path, *owner, follow_symlinks=False)
    yield project
    shutil.rmtree(project)  # large


@pytest.fixture
def site(project: Path, owner: tuple[int, int] | None) -> Iterator[Site]:
    """Every process that works in the copy, and the servers of its own local folder."""
    site = Site(project)
    site.runtime = owned_by(owner, embedded.runtime_folder(project / ".local"))
    yield site
    site.close()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """The first port that `make run` would have taken."""
    for port in range(FIRST_PORT, LAST_PORT):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            yield port
            return


def sign_in(address: str, username: str, password: str) -> str:
    """Sign in as a browser without JavaScript does; the address of the page that then comes."""
    browser = build_opener(HTTPCookieProcessor())
    page = browser.open(f"{address}/sign-in/").read().decode()
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
    form = {"csrfmiddlewaretoken": token, "username": username, "password": password}
    with browser.open(f"{address}/sign-in/", urlencode(form).encode()) as page:
        assert "退出登录" in page.read().decode()
        return page.url


def run_until_ctrl_c(
    project: Path, site: Site, owner: tuple[int, int] | None, taken_port: int
) -> str:
    """Run it, sign in as everybody whom it names, stop it, see nothing left; what it showed."""
    began = time.monotonic()
    terminal = Terminal(project, owner)
    try:
        eventually(terminal.is_up_or_over, seconds=START_SECONDS)
        print(f"up after {time.monotonic() - began:.1f} s")
        found = ADDRESS.search(terminal.shown)
        assert found, terminal.shown
        assert int(found[2]) != taken_port
        sign_ins = SIGN_IN.findall(terminal.shown)
        assert len(sign_ins) == 3
        for username, password in sign_ins:
            assert sign_in(found[1], username, password) == f"{found[1]}/home/"

        eventually(lambda: len(descendants(terminal.make.pid)) == 8)
        pids = {*site.processes(), *descendants(terminal.make.pid)}
        if owner:
            assert {Path(f"/proc/{pid}").stat().st_uid for pid in pids} == {owner[0]}
        os.write(terminal.screen, CTRL_C)
        terminal.make.wait(SECONDS)
        assert "Stopping …" in terminal.read()
        eventually(lambda: are_gone(pids) and site.is_gone())
        return terminal.shown
    finally:
        terminal.close()


def test_make_run_starts_all_and_ctrl_c_ends_all(
    project: Path, site: Site, owner: tuple[int, int] | None, taken_port: int
) -> None:
    first = run_until_ctrl_c(project, site, owner, taken_port)
    assert "Making a demo office" in first
    if owner is None:  # once is enough for whom nothing else is different
        again = run_until_ctrl_c(project, site, owner, taken_port)
        assert "Making a demo office" not in again
