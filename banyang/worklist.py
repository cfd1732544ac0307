"""Worklists: what somebody has to do today, each thing with its one button.

Every app says in `<app>/worklist.py` what there is to do for a person; the home page puts the
tasks in order. Nothing is stored: a task is gone once it is done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

SHOWN = 6  # of each kind; the rest is a link away


@dataclass(frozen=True)
class Task:
    """One thing to do: what, where it is done, the button's word, and by when if at all."""

    kind: str
    text: str
    url: str
    verb: str
    due_on: date | None = None


@dataclass(frozen=True)
class More:
    """How many more tasks of a kind there are than are shown, and where they are listed."""

    kind: str
    url: str


@dataclass(frozen=True)
class Worklist:
    """Tasks by urgency: late, due today, and all others with the nearest first."""

    overdue: list[Task]
    today: list[Task]
    later: list[Task]
    more: list[More]

    def __len__(self) -> int:
        return len(self.overdue) + len(self.today) + len(self.later)


def some(things: Sequence[Any] | Any, make: Any, more: More) -> list[Task | More]:
    """The first tasks that `make` makes of `things`, a queryset, and `more` if there are more."""
    rows = list(things[: SHOWN + 1])
    tasks: list[Task | More] = [make(row) for row in rows[:SHOWN]]
    return [*tasks, more] if len(rows) > SHOWN else tasks


def worklist(today: date, *sources: Iterable[Task | More]) -> Worklist:
    """The worklist made of what each of `sources` says there is to do."""
    everything = list(chain(*sources))
    tasks = sorted(
        (entry for entry in everything if isinstance(entry, Task)),
        key=lambda task: task.due_on or date.max,
    )
    return Worklist(
        overdue=[task for task in tasks if task.due_on and task.due_on < today],
        today=[task for task in tasks if task.due_on == today],
        later=[task for task in tasks if task.due_on is None or task.due_on > today],
        more=[entry for entry in everything if isinstance(entry, More)],
    )
