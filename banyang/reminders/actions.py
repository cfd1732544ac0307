"""Writing to the ledger of reminders; the sending is in `sending.py`."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from banyang.accounts.models import User
from banyang.reminders.kinds import KINDS
from banyang.reminders.models import Reminder


def remind(
    *,
    kind: str,
    recipients: Iterable[User],
    subject: Model,
    due_at: datetime,
    occasion: str = "",
) -> None:
    """Write down that each of `recipients` is to be told about `subject` at `due_at`.

    Belongs in the transaction of whatever causes it. Harmless to repeat: there is one reminder
    per kind, subject, recipient and `occasion` (say, the day a step is due, so that a new date
    gets a new reminder).
    """
    if kind not in KINDS:
        raise ValueError(f"No kind of reminder is called {kind}.")
    label = subject._meta.label_lower
    Reminder.objects.bulk_create(
        [
            Reminder(
                kind=kind,
                recipient=recipient,
                subject_label=label,
                subject_pk=subject.pk,
                key=f"{kind}:{label}:{subject.pk}:{recipient.pk}:{occasion}",
                due_at=due_at,
            )
            for recipient in recipients
        ],
        ignore_conflicts=True,
    )


def forget(*, kind: str, subject: Model) -> int:
    """Mark what still waits to be said of `kind` about `subject` as no longer needed; how many."""
    return Reminder.objects.filter(
        kind=kind,
        subject_label=subject._meta.label_lower,
        subject_pk=subject.pk,
        state=Reminder.State.WAITING,
    ).update(state=Reminder.State.MOOT)
