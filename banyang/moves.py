"""States with moves: the one way in which a state changes.

A model that has states declares, beside its `TextChoices`, a `MOVES` table from each state to
the states that may follow it. `move` refuses what the table does not list, and what somebody
else has changed in the meantime.
"""

from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext as _

from banyang.errors import Refused


class Moving(Protocol):
    """A model instance with a state and a table of moves."""

    pk: Any
    state: str
    MOVES: dict[str, set[str]]

    def get_state_display(self) -> str: ...


def move(thing: Any, to: str, **changes: Any) -> None:
    """Move `thing` from the state it was loaded in to `to`, setting `changes` with it.

    Expects to run inside the action's transaction. Raises `Refused` if `MOVES` does not list
    the move or if the row no longer is in the state it was loaded in.
    """
    if to not in thing.MOVES[thing.state]:
        raise Refused(
            _("“%(thing)s” is %(state)s, so this can't be done now.")
            % {"thing": thing, "state": thing.get_state_display()}
        )
    manager: models.Manager = type(thing)._base_manager
    # A conditional UPDATE, and its row count, are what makes the move safe in a race.
    if manager.filter(pk=thing.pk, state=thing.state).update(state=to, **changes) != 1:
        raise Refused(
            _("Somebody else has just changed “%(thing)s”. Look at it again, please.")
            % {"thing": thing}
        )
    for name, value in {"state": to, **changes}.items():
        setattr(thing, name, value)
