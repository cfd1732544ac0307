"""Who stepped in: what the history keeps of a reminder."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils import timezone

from banyang.accounts.history import actor_of, names_of_actors
from banyang.foundation.tones import Tone
from banyang.reminders.models import Message, Reminder


@dataclass(frozen=True)
class Correction:
    """That somebody stopped, resent or rescheduled a reminder, and what it was from then on.

    If it had been sent before: when its recipient was notified, and when they read it.
    """

    corrected_at: datetime
    by: str  # a name; empty if no person did
    tone: Tone
    label: str
    due_at: datetime
    reason: str
    notified_at: datetime | None
    read_at: datetime | None


def corrections_of(reminder: Reminder) -> list[Correction]:
    """Every correction of a reminder, oldest first."""
    model: Any = apps.get_model("reminders", "ReminderEvent")
    events = model.objects.filter(pgh_obj=reminder).select_related("pgh_context").order_by("pgh_id")
    names = names_of_actors(events)
    notified_on = {event.pk: timezone.localdate(event.sent_at) for event in events if event.sent_at}
    messages = Message.objects.filter(
        recipient=reminder.recipient_id, notified_on__in=notified_on.values()
    )
    read_at = dict(messages.values_list("notified_on", "read_at"))
    return [
        Correction(
            corrected_at=event.pgh_created_at,
            by=names.get(actor_of(event), ""),
            tone=Reminder.State(event.state).tone,
            label=str(Reminder.State(event.state).label),
            due_at=event.due_at,
            reason=event.reason,
            notified_at=event.sent_at,
            read_at=read_at.get(notified_on[event.pk]) if event.pk in notified_on else None,
        )
        for event in events
    ]
