"""States with moves: the one way in which a state changes, and how a row is held for a change.

A model that has states declares, beside its `States` (`tones.py`), a `MOVES` table from each
state to the states that may follow it. `move` refuses what the table does not list, and what somebody
else has changed in the meantime.
"""

from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from banyang.foundation.errors import Refused

Thing = TypeVar("Thing", bound=models.Model)


def locked(things: "models.QuerySet[Thing] | models.Manager[Thing]", pk: Any) -> Thing:
    """The one of `things` as it is now, its row locked until the transaction ends.

    Raises `Refused` if somebody has removed it.
    """
    try:
        return things.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    except ObjectDoesNotExist as error:
        raise Refused(
            _("Somebody else has just removed this. Look at the list, please.")
        ) from error


def move(thing: Any, to: str, *, field: str = "state", **changes: Any) -> None:
    """Move `thing` from the state it was loaded in to `to`, setting `changes` with it.

    `field` is the attribute that holds the state.

    Expects to run inside the action's transaction. Raises `Refused` if `MOVES` does not list
    the move or if the row no longer is in the state it was loaded in.
    """
    state = getattr(thing, field)
    if to not in thing.MOVES[state]:
        raise Refused(
            _("“%(thing)s” is %(state)s, so this can't be done now.")
            % {"thing": thing, "state": getattr(thing, f"get_{field}_display")()}
        )
    manager: models.Manager = type(thing)._base_manager
    # A conditional UPDATE, and its row count, are what makes the move safe in a race.
    if manager.filter(pk=thing.pk, **{field: state}).update(**{field: to}, **changes) != 1:
        raise Refused(
            _("Somebody else has just changed “%(thing)s”. Look at it again, please.")
            % {"thing": thing}
        )
    for name, value in {field: to, **changes}.items():
        setattr(thing, name, value)
