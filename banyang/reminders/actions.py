"""Writing to the ledger of reminders; the sending is in `sending.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from banyang.reminders import telling
from banyang.reminders.composing import compose, subjects_of
from banyang.reminders.kinds import KINDS
from banyang.reminders.models import CALLED_OFF, Message, Reminder, ReminderQuerySet

LONGEST_AHEAD = timedelta(days=731)  # of a moment that staff choose
ROWS = 1000  # at a time
TIMES = ["due_at", "needed_by"]


@dataclass(frozen=True)
class News:
    """One thing that some people are to be told: what `remind` writes down.

    Rather than later than `needed_by` they are told beside their message of the day, or on a day
    off.
    """

    kind: str
    recipients: Iterable[User]
    subject: Model
    due_at: datetime
    occasion: str = ""
    needed_by: datetime | None = None

    def key(self, recipient: User) -> str:
        label = self.subject._meta.label_lower
        return f"{self.kind}:{label}:{self.subject.pk}:{recipient.pk}:{self.occasion}"


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
    gets a new reminder). What `forget` has called off, or what was moot and is no more, waits
    again; what was sent, has failed or was stopped by staff stays so.
    """
    remind_all([News(kind, recipients, subject, due_at, occasion)])


def remind_all(news: Iterable[News]) -> None:
    """`remind` of many things, in two or three queries for every `ROWS` reminders."""
    reminders = [_reminder(each, person) for each in news for person in each.recipients]
    for start in range(0, len(reminders), ROWS):
        _write(reminders[start : start + ROWS])


def _reminder(news: News, recipient: User) -> Reminder:
    if news.kind not in KINDS:
        raise ValueError(f"No kind of reminder is called {news.kind}.")
    return Reminder(
        kind=news.kind,
        recipient=recipient,
        subject_label=news.subject._meta.label_lower,
        subject_pk=news.subject.pk,
        key=news.key(recipient),
        due_at=news.due_at,
        needed_by=news.needed_by,
    )


def _write(reminders: Sequence[Reminder]) -> None:
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    by_key = {reminder.key: reminder for reminder in reminders}
    again = list(Reminder.objects.unsaid().filter(key__in=by_key))
    for reminder in again:
        reminder.state, reminder.reason = Reminder.State.WAITING, ""
        reminder.keeps_time = False
        _set_times(reminder, by_key[reminder.key])
    Reminder.objects.unsaid().bulk_update(again, ["state", "reason", "keeps_time", *TIMES])


@transaction.atomic
def move_to_calendar(news: Sequence[News]) -> None:
    """Let what still waits of `news` be due when it is to be by today's calendar.

    Holidays are announced after things are written down. A moment that has passed by now means
    at once. What is due already, which a worker may have in hand, stays so, and what staff gave
    a time or is just being changed is left alone. One or two queries for every `ROWS` reminders.
    """
    reminders = [_reminder(each, person) for each in news for person in each.recipients]
    for start in range(0, len(reminders), ROWS):
        _move(reminders[start : start + ROWS])


def _move(reminders: Sequence[Reminder]) -> None:
    by_key = {reminder.key: reminder for reminder in reminders}
    written = (
        Reminder.objects.waiting()
        .filter(key__in=by_key, keeps_time=False, due_at__gt=timezone.now())
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
    )
    moved = [each for each in written if _set_times(each, by_key[each.key])]
    Reminder.objects.bulk_update(moved, TIMES)


def _set_times(reminder: Reminder, right: Reminder) -> bool:
    """Give a reminder the times of the `right` one; whether they were others."""
    before = (reminder.due_at, reminder.needed_by)
    reminder.due_at, reminder.needed_by = right.due_at, right.needed_by
    return before != (right.due_at, right.needed_by)


def forget(*, kind: str, subject: Model) -> int:
    """Mark what still waits to be said of `kind` about `subject` as no longer needed; how many."""
    return forget_all(kind, subjects=[subject])


def forget_all(*kinds: str, subjects: Iterable[Model]) -> int:
    """`forget` several kinds about many things, in one query."""
    return (
        Reminder.objects.waiting()
        .about(subjects, *kinds)
        .update(state=Reminder.State.MOOT, reason=CALLED_OFF)
    )


def told_of(subject: Model, *kinds: str, since: datetime) -> QuerySet[User]:
    """Who has been told about `subject` by reminders of these kinds, since a moment.

    Before something is changed for good because of it, see `telling.take_turn`.
    """
    told = Reminder.objects.about([subject], *kinds).told_since(since, timezone.now())
    return User.objects.active().filter(pk__in=told.values("recipient"))


def needed_by(subject: Model, *kinds: str) -> dict[int, datetime]:
    """By when those who still wait to be told some kinds about `subject` need it, by their number.

    What they needed by a moment that has passed is left out.
    """
    waiting = Reminder.objects.waiting().about([subject], *kinds)
    needed = waiting.filter(needed_by__gt=timezone.now()).values_list("recipient", "needed_by")
    # The earliest last, which stays.
    return dict(needed.order_by("-needed_by"))  # type: ignore[arg-type]


def unheard_since(*about: tuple[str, Iterable[Model]]) -> datetime | None:
    """Since when everybody concerned waits to be told of some kinds, each about its subjects.

    `None` if nobody waits, or somebody has been told since. Before something is changed for good
    because of it, see `telling.take_turn`.
    """
    concerned = Reminder.objects.none()
    for kind, subjects in about:
        concerned |= Reminder.objects.about(subjects, kind)
    since = concerned.waiting().aggregate(since=Min("created_at"))["since"]
    if since is None or concerned.told_since(since, timezone.now()).exists():
        return None
    return since


def heard(news: Sequence[News]) -> list[News]:
    """`news` for those of their recipients alone who have been told them, in one query.

    Before something is changed for good because of it, see `telling.take_turn`.
    """
    keys = [each.key(person) for each in news for person in each.recipients]
    told = set(
        Reminder.objects.filter(key__in=keys).told(timezone.now()).values_list("key", flat=True)
    )
    return [
        replace(each, recipients=[one for one in each.recipients if each.key(one) in told])
        for each in news
    ]


# --- For whoever reads ---------------------------------------------------------------------


@action
def open_inbox(*, by: User) -> None:
    """Put everything that is due to `by` and not yet told into today's message, as told.

    What a worker is just sending is left to it.
    """
    telling.take_turn(shared=True)
    now = timezone.now()
    untold = list(
        Reminder.objects.untold(now)
        .free(now)
        .filter(recipient=by)
        .select_related("message")
        .order_by("due_at", "pk")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
    )
    composed = compose(by, untold, subjects_of(untold))
    telling.set_aside(composed, now)
    if composed.notices:
        telling.told(by, composed.notices, now, pushed=False)


@action
def mark_read(*, shown: Iterable[Message], by: User) -> None:
    """Mark those of `shown`, messages of `by`, as read to which nothing has been added since.

    What a channel refused of them has then been told, and is not tried again. What a worker is
    just sending is left to it.
    """
    lines = {message.pk: message.lines for message in shown}
    unread = Message.objects.visible_to(by).unread().filter(pk__in=lines).order_by("pk")
    read = [
        each.pk for each in unread.select_for_update(no_key=True) if each.lines == lines[each.pk]
    ]
    now = timezone.now()
    Message.objects.filter(pk__in=read).update(read_at=now)
    refused = Reminder.objects.waiting().free(now).filter(message__in=read).order_by("pk")
    free = refused.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    Reminder.objects.filter(pk__in=list(free)).update(
        state=Reminder.State.SENT, sent_at=now, retry_at=None, leased_until=None, error=""
    )


# --- For staff -----------------------------------------------------------------------------


@action
def stop_reminder(*, reminder: Reminder, reason: str, by: User) -> None:
    """Make sure that a waiting or failed reminder is not sent, for a `reason` that staff keep.

    Raises `Refused` if it is past that, or in a worker's hands at this moment.
    """
    _not_in_hand(reminder)
    move(reminder, Reminder.State.STOPPED, reason=reason.strip(), retry_at=None)


@action
def stop_reminders(*, reminders: ReminderQuerySet, reason: str, by: User) -> int:
    """Stop those of `reminders` that wait and are in no worker's hands; how many."""
    pks = list(
        reminders.waiting()
        .free(timezone.now())
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .values_list("pk", flat=True)
    )
    return Reminder.objects.filter(pk__in=pks).update(
        state=Reminder.State.STOPPED, reason=reason.strip(), retry_at=None
    )


@action
def resend_reminder(*, reminder: Reminder, by: User) -> None:
    """Send a reminder that was sent, failed, stopped or moot once more, from now on.

    It goes out like any other: in reminder hours, with its recipient's message of the day.
    Raises `Refused` if it is waiting anyhow, or if there is nothing to say any more.
    """
    for _reminder, reason in compose(reminder.recipient, [reminder], subjects_of([reminder])).moot:
        raise Refused(_("There is nothing to resend: %(reason)s") % {"reason": _(reason)})
    move(
        reminder,
        Reminder.State.WAITING,
        due_at=timezone.now(),
        keeps_time=True,
        reason="",
        attempts=0,
        error="",
        retry_at=None,
        leased_until=None,
        message=None,
    )


@action
def reschedule_reminder(*, reminder: Reminder, due_at: datetime, by: User) -> None:
    """Correct when a waiting reminder is due: from today on, so that it may go out at once.

    Raises `Refused` for a moment before that or more than two years ahead, if it no longer waits,
    or is in a worker's hands at this moment.
    """
    today = timezone.localdate()
    if not today <= timezone.localdate(due_at) <= today + LONGEST_AHEAD:
        raise Refused(_("Choose a moment from today on, and within two years, please."))
    _not_in_hand(reminder)
    chosen = {"due_at": due_at, "keeps_time": True, "retry_at": None}
    if Reminder.objects.waiting().filter(pk=reminder.pk).update(**chosen) != 1:
        raise Refused(_("Only a reminder that still waits can be given another time."))
    reminder.due_at, reminder.retry_at = due_at, None


def _not_in_hand(reminder: Reminder) -> None:
    """Lock the reminder, and raise `Refused` while a worker is sending it."""
    now = timezone.now()
    current = Reminder.objects.select_for_update(no_key=True).get(pk=reminder.pk)
    if current.state == Reminder.State.WAITING and (current.leased_until or now) > now:
        raise Refused(_("This reminder is just being sent. Look at it again in a few minutes."))
