"""Writing down that somebody was told: the stamp after each message.

A stamp is two short statements in one transaction, whatever the number of reminders: the
message of the day gets its lines, the reminders their state. They are SQL because Django can
neither append to a JSON array on conflict nor update many rows with a value each.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from banyang.accounts.models import User
from banyang.reminders.composing import Composed
from banyang.reminders.kinds import Notice
from banyang.reminders.models import Reminder, ReminderQuerySet

MAX_ATTEMPTS = 5
BACKOFF = [timedelta(minutes=minutes) for minutes in (5, 20, 60, 180)]

Said = Sequence[tuple[Reminder, Notice]]

PUT = """
    INSERT INTO reminders_message (recipient_id, day, lines, created_at, pushed_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (recipient_id, day) DO UPDATE SET
        lines = reminders_message.lines || EXCLUDED.lines,
        pushed_at = COALESCE(EXCLUDED.pushed_at, reminders_message.pushed_at),
        read_at = CASE WHEN EXCLUDED.lines = '[]' THEN reminders_message.read_at END
    RETURNING id
"""

STAMP = """
    UPDATE reminders_reminder SET
        state = 'sent', sent_at = %s, message_id = %s, text = said.text, path = said.path,
        leased_until = NULL, retry_at = NULL, reason = '', error = ''
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS said (id, text, path)
    WHERE reminders_reminder.id = said.id
"""


def told(recipient: User, said: Said, now: datetime, *, pushed: bool) -> None:
    """The person has been told: in the inbox, and `pushed` if a channel carried it as well."""
    with transaction.atomic(), connection.cursor() as cursor:
        message = _put(cursor, recipient, said, now, now if pushed else None)
        cursor.execute(
            STAMP,
            [
                now,
                message,
                [reminder.pk for reminder, _ in said],
                [notice.text for _, notice in said],
                [notice.path for _, notice in said],
            ],
        )


def failed(recipient: User, said: Said, error: str, now: datetime) -> None:
    """A channel refused the message: it stands in the inbox, and is tried again later."""
    with transaction.atomic(), connection.cursor() as cursor:
        message = _put(cursor, recipient, said, now, None)
        for reminder, notice in said:
            count_attempt(reminder, error, now, message=message, text=notice.text, path=notice.path)


def set_aside(composed: Composed, now: datetime) -> None:
    """Write down what there is nothing to say about, and what can't be said."""
    for reminder, reason in composed.moot:
        _waiting(reminder).update(
            state=Reminder.State.MOOT, reason=reason, leased_until=None, retry_at=None
        )
    for reminder, error in composed.broken:
        count_attempt(reminder, error, now)


def count_attempt(reminder: Reminder, error: str, now: datetime, **changes: Any) -> None:
    """Let a reminder wait for its next attempt, or give up after the last one."""
    attempts = reminder.attempts + 1
    if attempts < MAX_ATTEMPTS:
        changes["retry_at"] = now + BACKOFF[reminder.attempts]
    else:
        changes |= {"state": Reminder.State.FAILED, "retry_at": None}
    _waiting(reminder).update(attempts=attempts, error=error[:2000], leased_until=None, **changes)


def _waiting(reminder: Reminder) -> ReminderQuerySet:
    """The reminder, unless it has been settled or stopped in the meantime."""
    return Reminder.objects.waiting().filter(pk=reminder.pk)


def _put(
    cursor: CursorWrapper,
    recipient: User,
    said: Said,
    now: datetime,
    pushed_at: datetime | None,
) -> int:
    """Put what is new of `said` into the person's message of the day; the message's number.

    What a failed attempt has put there already is not put there twice.
    """
    day = timezone.localdate(now)
    lines = [
        {"text": notice.text, "path": notice.path, "at": now.isoformat()}
        for reminder, notice in said
        if _day_of_message(reminder) != day
    ]
    cursor.execute(PUT, [recipient.pk, day, json.dumps(lines), now, pushed_at])
    return cursor.fetchone()[0]


def _day_of_message(reminder: Reminder) -> date | None:
    return reminder.message.day if reminder.message else None
