"""Runs the programs of `manage.py serve` side by side: hears them, revives them, stops them."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper

from banyang import embedded
from banyang.embedded.children import bound

TICK_SECONDS = 0.25
STOP_SECONDS = 10  # to finish the request or the task in hand; a lease brings back what was cut off
PAUSES = (0, 1, 2, 5, 10, 30)  # seconds before a program that keeps dying is started again
SOUND_SECONDS = 60  # a program that ran this long is no longer one that keeps dying
PATIENCE = 4  # deaths before everything is up


class DoesNotStart(RuntimeError):
    """A program died again and again before everything was up; why is on the terminal."""


def replace_what_cannot_be_shown() -> None:
    """Let a terminal that knows few characters show “?” for the others, for as long as we run."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(name: str, text: str) -> None:
    """Print a line under a name; a terminal that was closed must not keep us from stopping."""
    with contextlib.suppress(OSError):
        print(f"{name:<8}| {text}", flush=True)


@dataclass(frozen=True)
class Program:
    """What to run, under which name to show it, and the open files to hand over."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()


class Child:
    """A running program, in a session of its own so that Ctrl-C reaches only the supervisor."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started = time.monotonic()
        self.unfinished = b""
        hear, speak = os.pipe()
        self.output = os.fdopen(hear, "rb", buffering=0)
        self.process = subprocess.Popen(
            program.command,
            env={**os.environ, **program.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=speak,
            stderr=speak,
            start_new_session=True,
            pass_fds=program.pass_fds,
            preexec_fn=bound(signal.SIGTERM),  # noqa: PLW1509 - we have one thread
        )
        os.close(speak)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def hear(self) -> bool:
        """Print the whole lines it has said; False when it will say nothing more."""
        piece = self.output.read(65536)
        *lines, self.unfinished = (self.unfinished + piece).split(b"\n")
        if not piece and self.unfinished:
            lines.append(self.unfinished)
        for line in lines:
            say(self.program.name, line.decode(errors="replace").rstrip())
        return bool(piece)


class Supervisor:
    """Keeps programs, and the embedded servers that they use, alive until it's told to stop."""

    def __init__(self) -> None:
        self.children: dict[str, Child] = {}
        self.deaths: Counter[str] = Counter()  # in a row
        self.due: dict[str, float] = {}  # when to start again what has died
        self.selector = selectors.DefaultSelector()
        self.is_stopping = (
            False  # set by a signal, which may come at any moment: here it can't harm
        )

    def start(self, program: Program) -> None:
        child = self.children[program.name] = Child(program)
        self.selector.register(child.output, selectors.EVENT_READ, child)

    def wait(self, is_up: Callable[[], bool]) -> None:
        """Watch over everything until something is up.

        Raises DoesNotStart when a program has died too often before that.
        """
        while not self.is_stopping and not is_up():
            self.tick()
            if failed := [name for name, deaths in self.deaths.items() if deaths >= PATIENCE]:
                raise DoesNotStart(" and ".join(failed))

    def run(self) -> None:
        """Watch over everything until it's time to stop."""
        while not self.is_stopping:
            self.tick()

    def stop(self) -> None:
        """Ask all programs to finish, and end those that don't."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for child in self.children.values():
                if child.is_alive():
                    child.process.send_signal(number)
            deadline = time.monotonic() + STOP_SECONDS
            while self.count_alive() and time.monotonic() < deadline:
                self.listen()

    def count_alive(self) -> int:
        return sum(child.is_alive() for child in self.children.values())

    def tick(self) -> None:
        self.listen()
        self.revive_servers()
        for name, child in list(self.children.items()):
            if name not in self.due and not child.is_alive():
                self.due[name] = self.note_death(child)
            if name in self.due and self.due[name] <= time.monotonic():
                del self.due[name]
                self.start(child.program)

    def note_death(self, child: Child) -> float:
        """Say so, and answer the moment to start it again."""
        name = child.program.name
        lived = time.monotonic() - child.started
        self.deaths[name] = 1 if lived > SOUND_SECONDS else self.deaths[name] + 1
        pause = PAUSES[min(self.deaths[name], len(PAUSES)) - 1]
        code = child.process.returncode
        how = _signal_name(-code) if code < 0 else f"status {code}"
        say(name, f"died ({how}), starting it again" + (f" in {pause} s" if pause else ""))
        return time.monotonic() + pause

    def listen(self) -> None:
        """Print what the programs say, waiting a moment for it."""
        for key, _ in self.selector.select(TICK_SECONDS):
            child: Child = key.data
            if not child.hear():
                self.selector.unregister(child.output)
                child.output.close()

    def revive_servers(self) -> None:
        """Start embedded servers again whose keepers were killed; a keeper revives its server."""
        local = embedded.local_folder()
        for name in embedded.missing():
            if embedded.is_ready(name, local):
                continue
            say(name, "has gone, waiting for it")
            try:
                embedded.ensure([name])
                say(name, "is back")
            except embedded.EmbeddedError as error:
                say(name, str(error))
                time.sleep(1)


def _signal_name(number: int) -> str:
    """What a signal is called; most real-time signals have no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
