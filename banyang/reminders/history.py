"""Who stepped in: what the history keeps of a reminder."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from banyang.accounts.models import User
from banyang.reminders.models import Reminder


@dataclass(frozen=True)
class Correction:
    """That somebody stopped, resent or rescheduled a reminder, and what it was from then on."""

    at: datetime
    by: str  # a name; empty if no person did
    state: str
    label: str
    due_at: datetime
    reason: str


def corrections_of(reminder: Reminder) -> list[Correction]:
    """Every correction of a reminder, oldest first."""
    model: Any = apps.get_model("reminders", "ReminderEvent")
    events = model.objects.filter(pgh_obj=reminder).select_related("pgh_context").order_by("pgh_id")
    actors = {event.pk: _actor(event) for event in events}
    names = dict(
        User.objects.filter(pk__in=filter(None, actors.values())).values_list("pk", "name")
    )
    return [
        Correction(
            at=event.pgh_created_at,
            by=names.get(actors[event.pk], ""),
            state=event.state,
            label=str(Reminder.State(event.state).label),
            due_at=event.due_at,
            reason=event.reason,
        )
        for event in events
    ]


def _actor(event: Any) -> int:
    context = event.pgh_context
    return (context.metadata.get("user") if context else None) or 0
