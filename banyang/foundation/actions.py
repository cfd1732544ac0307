"""Actions: the one way in which anything is written.

An action is a function in a room's `actions.py`, verb first, with keyword arguments only, marked
`@action`. It runs in one transaction, and whatever it writes is kept in the history under the
name of whoever acts, whether a page, a task, a command or a test calls it:

    @action
    def withdraw_claim(*, claim: Claim, reason: str, by: Actor) -> list[Claim]: ...

`by` says who acts: the person who is signed in, a visitor, or a `Program` that works by itself.
Where an action takes a `reason`, the history keeps it too; where it takes `for_`, the history says
on whose behalf it was done (代办).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import uuid4

import pghistory
from django.db import models, transaction
from pghistory import runtime

P = ParamSpec("P")
R = TypeVar("R")


class Actor(Protocol):
    """Who acts: a person with an account has a `pk`, a visitor and a program have none."""

    @property
    def pk(self) -> Any: ...


@dataclass(frozen=True)
class Program:
    """A task or a command that acts by itself, by the name under which it is known."""

    name: str

    @property
    def pk(self) -> None:
        return None


@dataclass(frozen=True)
class _Running:
    """What is running: its row among the contexts of the history, and whether it is one deed."""

    row: runtime.Context
    is_action: bool


_running: ContextVar[_Running] = ContextVar("_running")


@contextmanager
def acting(
    by: Actor, *, reason: str = "", for_: models.Model | None = None, _is_action: bool = False
) -> Iterator[None]:
    """Let the history say of everything written inside who does it, why, and for whom.

    For what is no action: a task that writes many things, each in a transaction of its own.
    An action called inside belongs to it: the actor stays, a reason or `for_` that is still
    missing is added. Raises `TypeError` if nobody is named.

    What is said holds inside and nowhere else: it has a row of its own among the contexts of the
    history, which also says what the page around it says. An action inside an action is part of
    one deed and stays in its row, unless it adds a reason or `for_`, or runs in another thread.
    """
    if by is None:
        raise TypeError("Say who acts: a person, a visitor or a Program.")
    said: dict[str, Any] = {"user": by.pk}
    if isinstance(by, Program):
        said["program"] = by.name
    if reason:
        said["reason"] = reason
    if for_ is not None:
        said |= {"for": for_._meta.label_lower, "for_pk": for_.pk}
    outer = _running.get(None)
    inherited: dict[str, Any] = {}
    if outer:
        inherited = outer.row.metadata
        said = {name: each for name, each in said.items() if name not in (*inherited, "program")}
    # A context inside another would only add to it, for good: so each gets a row, put in by hand.
    with pghistory.context() as around:
        row = around
        # Another thread has another transaction, which would wait for a row that this one writes.
        if said or not (outer and outer.is_action and outer.row is around):
            row = runtime.Context(uuid4(), around.metadata | inherited | said)
        token = _running.set(_Running(row, _is_action or bool(outer and outer.is_action)))
        runtime._tracker.value = row
        try:
            yield
        finally:
            runtime._tracker.value = around
            _running.reset(token)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Mark an action. Raises `TypeError` where `function` does not say who acts."""
    parameters = signature(function).parameters
    if "by" not in parameters:
        raise TypeError(f"{function.__qualname__} does not say who acts: it has no `by`.")
    by_name = (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD)
    if any(each.kind not in by_name for each in parameters.values()):
        raise TypeError(f"{function.__qualname__} takes arguments by position.")

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        said: dict[str, Any] = {
            name: kwargs[name] for name in ("by", "reason", "for_") if name in kwargs
        }
        with transaction.atomic(), acting(**said, _is_action=True):
            return function(*args, **kwargs)

    run.is_action = True  # type: ignore[attr-defined]
    return run
