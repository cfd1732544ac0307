"""File locks that live exactly as long as whoever holds them, and their forks."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


def take(path: Path) -> IO[bytes] | None:
    """Lock a file for ourselves alone until it's closed; None at once when somebody else has it."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Does anybody hold a lock on this file?"""
    try:
        file = take(path)
    except FileNotFoundError:  # its folder was removed
        return False
    if file is None:
        return True
    file.close()
    return False


def is_same(file: IO[bytes], path: Path) -> bool:
    """Is this open file still what the path leads to?"""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
