"""Writing down what has become of each message: the stamp after it was sent, or its refusal.

A stamp is one short statement, whatever the number of reminders: the message of the day gets
its notices, the reminders their state. It is SQL because Django can neither append to a JSON array
on conflict nor do both at once.

A stamp does not wait for the disk (`synchronous_commit`), which would cost more than everything
else together. Killing a worker takes nothing back; should the database server itself lose power,
the stamps of its last half second may be gone, and those messages are sent again.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from banyang.accounts.models import User
from banyang.reminders.composing import Composed, Rendered
from banyang.reminders.models import Reminder, ReminderQuerySet

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
STAMP_ATTEMPTS = 3
STAMP_PAUSE = 0.2  # seconds before the second attempt; twice that before the third
BACKOFF = [timedelta(minutes=minutes) for minutes in (5, 20, 60, 180)]

PUT = """
    INSERT INTO reminders_message (recipient_id, notified_on, notices, created_at, pushed_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (recipient_id, notified_on) DO UPDATE SET
        notices = reminders_message.notices || EXCLUDED.notices,
        pushed_at = COALESCE(EXCLUDED.pushed_at, reminders_message.pushed_at),
        read_at = CASE WHEN EXCLUDED.notices = '[]' THEN reminders_message.read_at END
    RETURNING id
"""

# Rows of values rather than arrays, of whose length the server would think the worst, and plan
# every stamp anew. Put together from constants alone.
STAMP = f"""
    WITH message AS ({PUT})
    UPDATE reminders_reminder SET
        state = 'sent', sent_at = %s, message_id = message.id, text = rendered.text, path = rendered.path,
        is_pushed = %s, leased_until = NULL, retry_at = NULL, reason = '', error = ''
    FROM message,
        (VALUES {{rendered}}) AS rendered (id, text, path),
        set_config('synchronous_commit', 'off', true)
    WHERE reminders_reminder.id = rendered.id
"""  # noqa: S608


def record_notified(recipient: User, rendered: Rendered, now: datetime, *, pushed: bool) -> None:
    """The person has been notified: in the inbox, and `pushed` if a channel carried it as well.

    An action that changes two of the reminders in another order makes a deadlock, of which the
    server ends either; and a server that restarts ends the connection. What has been sent must
    be written down all the same.
    """
    stamp = STAMP.format(rendered=", ".join(["(%s::bigint, %s, %s)"] * len(rendered)))
    values = [*_put(recipient, rendered, now, pushed=pushed), now, pushed]
    for reminder, notice in rendered:
        values += [reminder.pk, notice.text, notice.path]
    for attempt in range(1, STAMP_ATTEMPTS + 1):
        try:
            _stamp(stamp, values)
            break
        except OperationalError:
            if attempt == STAMP_ATTEMPTS or connection.in_atomic_block:
                raise
            logger.warning("Stamping %s reminders once more.", len(rendered))
            connection.close_if_unusable_or_obsolete()
            sleep(attempt * STAMP_PAUSE)  # whoever else wants the rows goes first


def _stamp(stamp: str, values: Sequence[Any]) -> None:
    connection.ensure_connection()
    # Django's own cursor puts the values into the text; this one prepares the statement, which
    # is then planned once for all stamps.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(stamp, values)


def record_refused(recipient: User, rendered: Rendered, error: str, now: datetime) -> None:
    """A channel refused the message: it stands in the inbox, and is tried again later."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PUT, _put(recipient, rendered, now, pushed=False))
        [message] = cursor.fetchone()
        for reminder, notice in rendered:
            count_attempt(reminder, error, now, message=message, text=notice.text, path=notice.path)


def record_left_out(composed: Composed, now: datetime) -> None:
    """Write down what there is nothing to say about, and what can't be rendered."""
    for reminder, reason in composed.obsolete:
        _waiting(reminder).update(
            state=Reminder.State.OBSOLETE, reason=reason, leased_until=None, retry_at=None
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


def _put(recipient: User, rendered: Rendered, now: datetime, *, pushed: bool) -> list[Any]:
    """The values for `PUT`: what is new of `rendered` goes into the person's message of the day.

    What a failed attempt has put there already is not put there twice, nor is what two reminders
    say in the same words: after a week of holidays a step is due in 7 days and in one.
    """
    today = timezone.localdate(now)
    new = {
        notice: min(reminder.due_at, now)
        for reminder, notice in rendered
        if reminder.message is None or reminder.message.notified_on != today
    }
    notices = [
        {"text": notice.text, "path": notice.path, "due_at": due_at.isoformat()}
        for notice, due_at in new.items()
    ]
    return [recipient.pk, today, json.dumps(notices), now, now if pushed else None]
