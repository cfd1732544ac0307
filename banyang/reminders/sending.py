"""Sending what is due: leased in batches, sent to one person at a time, at least once.

How it goes
    Every minute beat runs `tasks.send_due`, which asks for as many `tasks.send_batch` as are
    needed. Each leases one batch of people (`lease`): their due reminders get a `leased_until`,
    so that no other worker takes them. Then it renders, sends and stamps person by person, each
    stamp its own commit. The ledger holds all the truth and the queue none: a lost task, an
    emptied Redis or a scan that overlaps another change nothing, because every scan begins with
    the ledger. A worker that dies leaves leases that run out; the next scan takes up what it
    left. What it had handed over but not yet stamped is sent again: *at least once*, and the one
    message in flight at most twice.

When
    Within the office's reminder hours on working days. Only what would then come too late (a
    market called off on its eve: `Reminder.needed_by`) goes out on any day while people are up.

One message per person and day
    All that is due to a person at that moment goes into one message. What becomes due after it
    has left goes out with the next working day's. Only what would then come too late goes in a
    message of its own, which holds nothing else. But the *inbox* shows everything that is due
    at once, on any day and at any hour, because looking there disturbs nobody. What a person was
    shown there is not sent to them again. So a place that has
    come free is news for whoever looks within the minute, and for everybody by the next morning
    that the office works.

Failures
    A channel that can't be reached costs no attempts: everything it should carry waits and is
    tried again. A message that is refused, or a reminder that can't be rendered, is tried
    `MAX_ATTEMPTS` times with growing pauses and is then `failed`, for staff to see. What could
    not be mailed stands in the inbox from the first attempt.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from banyang.accounts.models import User, load_roles
from banyang.office.calendar import decent_moments, waking_moment
from banyang.reminders import outcomes
from banyang.reminders.channels import Channel, ChannelDown, Letter, open_channels
from banyang.reminders.composing import Subjects, compose, subjects_of
from banyang.reminders.locking import lock_ledger
from banyang.reminders.models import Message, Reminder

logger = logging.getLogger(__name__)

BATCH = 200  # people, who share what a lease costs
MAX_BATCHES = 100  # per scan; the next scan is a minute away
PAUSE = timedelta(minutes=5)  # until a channel that was down is tried again


def goes_out_at(reminder: Reminder) -> datetime:
    """When a waiting reminder will leave the app, as things stand."""
    earliest = max(reminder.due_at, reminder.retry_at or reminder.due_at, timezone.now())
    soon, next_day = decent_moments(earliest)
    pushed = Message.objects.pushed_on(timezone.localdate(soon))
    moment = next_day if pushed.filter(recipient=reminder.recipient_id).exists() else soon
    if reminder.is_too_late(moment, earliest):
        return min(soon, waking_moment(earliest))
    return moment


def delayed(reminders: Sequence[Reminder]) -> dict[int, datetime]:
    """When those of `reminders` will leave the app that are due and still wait, by number.

    Takes the same queries for however many.
    """
    now = timezone.now()
    late = [reminder for reminder in reminders if reminder.is_waiting and reminder.due_at < now]
    if not late:
        return {}
    soon, next_day = decent_moments(now)
    early = min(soon, waking_moment(now))
    pushed = Message.objects.pushed_on(timezone.localdate(soon))
    pushed = pushed.filter(recipient__in={one.recipient_id for one in late})
    have_todays = set(pushed.values_list("recipient", flat=True))
    moments = {one: next_day if one.recipient_id in have_todays else soon for one in late}
    return {
        one.pk: early if one.is_too_late(moment, now) else moment for one, moment in moments.items()
    }


def batches_due(now: datetime | None = None) -> int:
    """How many batches are waiting to be sent right now."""
    now = now or timezone.now()
    people = Reminder.objects.ready(now).order_by().values("recipient").distinct()
    return -(-people[: BATCH * MAX_BATCHES].count() // BATCH)


def send_batch(now: datetime | None = None) -> int:
    """Lease one batch and send it; how many people were in it.

    Sends outside the reminder hours only what can't wait. No message is begun in the second half
    of the lease, so that nobody else can take it up while it is on its way.
    """
    now = now or timezone.now()
    end = monotonic() + settings.REMINDER_LEASE_SECONDS / 2
    leased = lease(now)
    subjects = subjects_of(leased)
    channels = open_channels()
    people = [(person, list(theirs)) for person, theirs in groupby(leased, attrgetter("recipient"))]
    load_roles([person for person, _ in people])
    try:
        for number, (person, reminders) in enumerate(people):
            if monotonic() > end:
                rest = [reminder for _, theirs in people[number:] for reminder in theirs]
                logger.warning("A batch took too long: %s reminders wait for the next.", len(rest))
                _release(rest, retry_at=None)
                break
            _notify(person, reminders, subjects, channels, now)
    finally:
        for channel in channels:
            channel.close()
    return len(people)


def lease(now: datetime) -> list[Reminder]:
    """Take up to `BATCH` people's due reminders for ourselves, ordered by person.

    Workers lease one after the other, which takes milliseconds: one person's reminders must
    never be split between two, who would send them two messages. What somebody is just changing
    is left for a later scan.
    """
    until = now + timedelta(seconds=settings.REMINDER_LEASE_SECONDS)
    with transaction.atomic():
        lock_ledger()
        ready = Reminder.objects.ready(now)
        people = ready.order_by("recipient_id").values_list("recipient_id", flat=True)
        mine = (
            ready.filter(recipient__in=list(people.distinct()[:BATCH]))
            .order_by("recipient_id", "due_at", "pk")
            .select_related("recipient", "message")
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
        )
        leased = list(mine)
        Reminder.objects.filter(pk__in=[each.pk for each in leased]).update(leased_until=until)
    return leased


def _notify(
    person: User,
    reminders: list[Reminder],
    subjects: Subjects,
    channels: list[Channel],
    now: datetime,
) -> None:
    """Send one person what is due to them, and write down what came of it."""
    composed = compose(person, reminders, subjects)
    outcomes.record_left_out(composed, now)
    rendered = composed.notices
    if not rendered:
        return
    channel = next((each for each in channels if each.reaches(person)), None)
    letter = Letter(
        recipient=person,
        sent_on=timezone.localdate(now),
        notices=list(dict.fromkeys(notice for _, notice in rendered)),
        numbers=[reminder.pk for reminder, _ in rendered],
        due_at=max(reminder.due_at for reminder, _ in rendered),
    )
    try:
        if channel is not None:
            with translation.override(person.language):
                channel.send(letter)
    except ChannelDown as down:
        _release([reminder for reminder, _ in rendered], retry_at=now + PAUSE, error=str(down))
    except Exception as error:
        # The ledger keeps the words of the refusal, which may have the address in them.
        refusal, numbers = type(error).__name__, letter.numbers
        logger.error("The message of reminders %s was not taken: %s.", numbers, refusal)
        outcomes.record_refused(person, rendered, f"{type(error).__name__}: {error}", now)
    else:
        outcomes.record_notified(person, rendered, now, pushed=channel is not None)


def _release(reminders: Iterable[Reminder], **changes: object) -> None:
    """Give leased reminders back for a later scan."""
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(
        leased_until=None, **changes
    )
