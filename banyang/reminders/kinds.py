"""Kinds of reminders: each app registers its own in `<app>/reminders.py`.

A kind's function gets the subject (the model instance that the reminder is about) and the
recipient, and returns the `Notice` to send, or `None` when there is nothing left to remind of.
It runs in the recipient's language at the moment of sending, so that it never says what no
longer holds.

Subjects are fetched for a whole batch at once. A kind whose words need more than the subject's
own row names a `queryset` that brings it along:

    @kind("step_due", _("Step due"), queryset=lambda: Step.objects.select_related("claim__project"))
    def step_due(step: Step, recipient: User) -> Notice | None: ...

People leave: `meant_for` says whether somebody still acts for those whom a reminder is meant for.
Where it does not, nothing is said. The roles of a whole batch's recipients are fetched at once
(`load_roles`), so it should ask for `community_ids` and `partner_ids` alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from banyang.accounts.models import User


@dataclass(frozen=True)
class Notice:
    """One reminder in words: a line, and the path of the page on which to act."""

    text: str
    path: str


Render = Callable[[Any, User], Notice | None]
Subjects = Callable[[], QuerySet[Any]]
MeantFor = Callable[[Any, User], bool]


@dataclass(frozen=True)
class Kind:
    name: str
    label: str | Promise
    render: Render
    queryset: Subjects | None = None
    meant_for: MeantFor | None = None


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    label: str | Promise,
    queryset: Subjects | None = None,
    meant_for: MeantFor | None = None,
) -> Callable[[Render], Render]:
    """Register the decorated function as what renders reminders of kind `name`."""

    def register(render: Render) -> Render:
        if name in KINDS:
            raise ValueError(f"Two kinds of reminder are called {name}.")
        KINDS[name] = Kind(name, label, render, queryset, meant_for)
        return render

    return register
