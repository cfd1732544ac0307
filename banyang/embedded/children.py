"""Children that never outlive their parent, whatever ends it."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import struct
from collections.abc import Callable

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS, NO_SETUID_FIXUP = 28, 1 << 2
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAP_DAC_OVERRIDE = 1


def bound(death_signal: signal.Signals, owner: tuple[int, int] | None = None) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child this signal when the thread that started it ends.

    With an owner (user and group number), the child runs as that user; only root can do this.
    """
    return functools.partial(_bind, os.getpid(), death_signal, owner)


def tie_to(parent: int, death_signal: signal.Signals) -> bool:
    """The same for ourselves: have the kernel send us this signal when our parent ends.

    False when it has ended already, or never was our parent.
    """
    _prctl(PR_SET_PDEATHSIG, death_signal)
    return os.getppid() == parent


def _bind(parent: int, death_signal: signal.Signals, owner: tuple[int, int] | None) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if owner:
        _leave_root(*owner)
    _prctl(PR_SET_PDEATHSIG, death_signal)  # last: a change of user clears it
    if os.getppid() != parent:
        os._exit(1)


def _leave_root(uid: int, gid: int) -> None:
    """Become another user, but keep root's right to enter folders.

    PostgreSQL refuses user 0, and an ordinary user could not get at a project below /root.
    """
    # Else a change of user gives the right up, and access(), which initdb asks, overlooks it.
    _prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    mine, override = (
        struct.pack("Ii", 0x20080522, 0),
        1 << CAP_DAC_OVERRIDE,
    )  # version 3, this process
    if _libc.capset(mine, struct.pack("6I", override, override, override, 0, 0, 0)):
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)  # survives exec


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(number) for number in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded):
        raise OSError(ctypes.get_errno(), f"prctl {option}")
