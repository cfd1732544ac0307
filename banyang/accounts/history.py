"""Who did what the history keeps."""

from collections.abc import Iterable
from typing import Any

from banyang.accounts.models import User


def actor_of(event: Any) -> int | None:
    """The number of the person who made a change; None if no person did.

    The event was fetched with its context.
    """
    context = event.pgh_context
    return context.metadata.get("user") if context else None


def names_of_actors(events: Iterable[Any]) -> dict[int | None, str]:
    """The names of those who made the changes, by number; one query for however many."""
    actors = {actor_of(event) for event in events} - {None}
    return dict(User.objects.filter(pk__in=actors).values_list("pk", "name"))
