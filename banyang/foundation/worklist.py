"""Worklists: what somebody has to do today, each thing with its one button.

Every room registers in its `worklist.py` what there is to do in it for a person, a group of tasks
for each kind; the home page puts the tasks in order. Nothing is stored: a task is gone once it is
done.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.db.models import Count, Window

from banyang.foundation.hooks import Hook

SHOWN = 6  # of each kind in each section; the rest is a link away
READ = 100  # of each kind; what comes after these goes with the last of them


@dataclass(frozen=True)
class Task:
    """One thing to do: what, where it is done, the button's word, and by when if at all.

    What `starts_at` some hour happens on that very day, and not by it.
    """

    kind: str
    text: str
    url: str
    verb: str
    due_on: date | None = None
    starts_at: time | None = None


@dataclass(frozen=True)
class More:
    """How many more tasks of a kind there are than are shown, and where they are listed."""

    kind: str
    url: str
    count: int


@dataclass(frozen=True)
class TaskGroup:
    """All tasks of one kind, what is due first on top, and the list of them.

    `unread` is how many there are beyond the `tasks`. `late_url` lists those that are overdue,
    where a list can be narrowed to them.
    """

    kind: str
    tasks: list[Task]
    unread: int
    url: str
    late_url: str = ""


@dataclass
class Section:
    """Tasks that are equally urgent: some to be shown, and how many more there are of a kind."""

    tasks: list[Task] = field(default_factory=list)
    more: list[More] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tasks) + sum(more.count for more in self.more)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def add(self, tasks: list[Task], kind: str, url: str, unread: int) -> None:
        """Take in tasks of one kind: the first few to be shown, all others to be counted."""
        self.tasks += tasks[:SHOWN]
        if left := len(tasks[SHOWN:]) + unread:
            self.more.append(More(kind, url, left))


@dataclass(frozen=True)
class Worklist:
    """Tasks by urgency: late, due today, and all others with the nearest first."""

    overdue: Section
    today: Section
    later: Section

    def __len__(self) -> int:
        return len(self.overdue) + len(self.today) + len(self.later)


# What there is to do for a person on a day; each room registers its own.
sources: Hook[[Any, date], Iterable[TaskGroup]] = Hook()


def task_group(
    kind: str,
    things: Any,
    make: Callable[[list[Any]], list[Task]],
    *,
    url: str,
    late_url: str = "",
) -> TaskGroup:
    """The tasks that `make` makes of `things`, a queryset, counted in the same query."""
    rows = list(things.annotate(in_all=Window(Count("*")))[:READ])
    unread = rows[0].in_all - len(rows) if rows else 0
    return TaskGroup(kind, make(rows), unread, url, late_url)


def worklist(user: Any, today: date) -> Worklist:
    """What there is to do for `user` in all rooms."""
    sections = {"overdue": Section(), "today": Section(), "later": Section()}
    for groups in sources(user, today):
        for one in groups:
            _sort_in(one, today, sections)
    for section in sections.values():
        section.tasks.sort(key=lambda task: task.due_on or date.max)
    return Worklist(**sections)


def _sort_in(one: TaskGroup, today: date, sections: dict[str, Section]) -> None:
    last = _urgency(one.tasks[-1], today) if one.tasks else ""
    for name, section in sections.items():
        tasks = [task for task in one.tasks if _urgency(task, today) == name]
        url = one.late_url if name == "overdue" and one.late_url else one.url
        section.add(tasks, one.kind, url, one.unread if name == last else 0)


def _urgency(task: Task, today: date) -> str:
    if task.due_on is None or task.due_on > today:
        return "later"
    return "today" if task.due_on == today else "overdue"
