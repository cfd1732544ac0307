"""States carry a tone, which says how things stand, whatever the state is called.

A page shows a state by its word and its tone (`components/state.html`); the style sheet has a
colour and a shape for each tone and knows no state.
"""

from enum import StrEnum
from typing import Self

from django.db.models import TextChoices


class Tone(StrEnum):
    NEUTRAL = "neutral"  # nobody has to do anything about it
    WAITING = "waiting"  # somebody has to act
    ACTIVE = "active"  # is going on
    GOOD = "good"  # went well
    PARTLY = "partly"  # went half well
    BAD = "bad"  # went wrong, or was called off
    ENDED = "ended"  # is over, or nothing is left
    TWICE = "twice"  # is there already


class States(TextChoices):
    """States of which each says its value, its tone and its word:

    class State(States):
        WAITING = "waiting", Tone.WAITING, _("on the waiting list")
    """

    tone: Tone

    # The tone has a default for the sake of types: `State("waiting")` looks a state up.
    def __new__(cls, value: str, tone: Tone = Tone.NEUTRAL) -> Self:
        state = str.__new__(cls, value)
        state._value_ = value
        state.tone = tone
        return state


def tone_of(states: type[States], field: str) -> property:
    """The `tone` of a model's things: that of the state which `field` holds."""
    return property(lambda thing: states(getattr(thing, field)).tone)
