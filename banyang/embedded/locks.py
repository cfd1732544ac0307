"""File locks that live exactly as long as whoever holds them, and their forks."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lock:
    """A held lock: an open file, kept open until it's closed or its last holder ends."""

    fd: int

    def close(self) -> None:
        os.close(self.fd)

    def is_at(self, path: Path) -> bool:
        """Is our file still what the path leads to?"""
        try:
            return os.path.samestat(os.fstat(self.fd), path.stat())
        except FileNotFoundError:
            return False


def take(path: Path) -> Lock | None:
    """Lock a file for ourselves alone; None at once when anybody else has it."""
    try:
        return _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def wait_for(path: Path) -> Lock:
    """Lock a file for ourselves alone as soon as nobody else has it."""
    return _lock(path, fcntl.LOCK_EX)


def share(path: Path) -> Lock:
    """Lock a file together with others as soon as nobody has it alone."""
    return _lock(path, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Does anybody hold this file for themselves alone?

    Asked by sharing it for a moment, so that two who ask at once don't see each other.
    """
    try:
        _lock(path, fcntl.LOCK_SH | fcntl.LOCK_NB).close()
    except FileNotFoundError:  # its folder was removed
        return False
    except BlockingIOError:
        return True
    return False


def _lock(path: Path, how: int) -> Lock:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, how)
    except BaseException:
        os.close(fd)
        raise
    return Lock(fd)
