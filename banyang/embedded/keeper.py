"""The process that owns a server."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import IO

from . import EmbeddedError
from .locks import Lock, take, wait_for
from .servers import SERVERS, Server

GRACE_SECONDS = 5  # for the next user: commands often follow each other
WATCH_SECONDS = 0.5


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
            _move_in(local)
            Keeper(SERVERS[name](local)).run(pipe)
        except Exception as error:
            told = str(error) if isinstance(error, EmbeddedError) else f"{name}: {error!r}"
            print(time.ctime(), told, flush=True)
            if not pipe.closed:
                pipe.write(told)
            raise


def _move_in(local: Path) -> None:
    """Leave the terminal for the local folder: nothing in, everything out to the log."""
    try:
        local.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = os.open(local / "keeper.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} is not yours to write. Run as its owner, remove it, or name another folder in BANYANG_LOCAL."
        ) from error
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


class Keeper:
    """Owns one server until nobody uses it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.keeper: Lock | None = None  # locked while we live
        self.ready: Lock | None = None  # locked while the server accepts work
        self.users: Lock | None = (
            None  # locked when we leave, so that whoever comes waits until we have gone
        )
        self.last_used = 0.0

    def run(self, tell: IO[str]) -> None:
        """Start the server, close `tell` when it's ready, keep it until it's no longer needed."""
        self.keeper = take(self.path("keeper"))
        if self.keeper is None:
            return  # another keeper was faster
        signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            self.start()
            tell.close()
            while self.is_needed():
                if not self.server.is_well():
                    self.restart()
                received = signal.sigtimedwait(signals, WATCH_SECONDS)
                if received and received.si_signo != signal.SIGCHLD:
                    break
        finally:
            self.stop()

    def path(self, role: str) -> Path:
        return self.server.runtime / f"{self.server.name}.{role}"

    def start(self) -> None:
        self.path("leave").unlink(missing_ok=True)
        self.server.start()
        self.ready = wait_for(self.path("ready"))
        self.last_used = time.monotonic()

    def stop(self) -> None:
        if self.ready:
            self.ready.close()
            self.ready = None
        self.server.stop()

    def restart(self) -> None:
        print(time.ctime(), self.server.name, "has gone, starting it again", flush=True)
        self.stop()
        self.start()

    def is_needed(self) -> bool:
        """Has somebody used the server lately, and are its folders still there?"""
        is_here = self.keeper and self.keeper.is_at(self.path("keeper"))
        if not is_here or not self.server.data.exists():
            return False
        self.users = take(self.path("users"))
        if self.users is None:
            self.last_used = time.monotonic()
            self.path("leave").unlink(missing_ok=True)
        elif self.path("leave").exists() or time.monotonic() - self.last_used > GRACE_SECONDS:
            return False
        else:
            self.users.close()
        return True
