"""Writing to the ledger of reminders; the sending is in `sending.py`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from banyang.reminders import outcomes
from banyang.reminders.composing import compose, subjects_of
from banyang.reminders.kinds import KINDS
from banyang.reminders.locking import lock_ledger
from banyang.reminders.models import (
    CALLED_OFF,
    STILL_NEEDED,
    Message,
    Reminder,
    ReminderQuerySet,
)

LONGEST_AHEAD = timedelta(days=731)  # of a moment that staff choose
ROWS = 1000  # at a time
TIMES = ["due_at", "needed_by"]

Topics = Mapping[str, Sequence[Model]]  # kinds of reminders, each with what they are about


@dataclass(frozen=True)
class News:
    """One thing of which some people are to be notified, from `due_at` on: what `remind` writes.

    `needed_by` is the moment by which they need to know it. When the next message of the day
    would come after that, they get a message of its own. Example: a market that is called off on
    the Friday evening before it is mailed on Saturday morning, though that is a day off.

    `corrects` and `undoes` are for `supersede` alone, which says what they do.
    """

    kind: str
    recipients: Iterable[User]
    subject: Model
    due_at: datetime
    occasion: str = ""
    needed_by: datetime | None = None
    corrects: "News | None" = None
    undoes: str = ""

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
    """Write down that each of `recipients` is to be notified about `subject` at `due_at`.

    Belongs in the transaction of whatever causes it. Harmless to repeat: there is one reminder
    per kind, subject, recipient and `occasion` (say, the day a step is due, so that a new date
    gets a new reminder). A reminder that was called off or no longer needed waits again; one that
    was sent, has failed or was stopped by staff stays so.
    """
    remind_all([News(kind, recipients, subject, due_at, occasion)])


def remind_all(news: Iterable[News]) -> None:
    """`remind` of many things, in two or three queries for every `ROWS` reminders."""
    reminders = _reminders(news)
    for start in range(0, len(reminders), ROWS):
        _write(reminders[start : start + ROWS])


def _reminders(news: Iterable[News]) -> list[Reminder]:
    return [_reminder(each, person) for each in news for person in each.recipients]


def _reminder(news: News, recipient: User) -> Reminder:
    if news.kind not in KINDS:
        raise ValueError(f"No kind of reminder is called {news.kind}.")
    if news.corrects or news.undoes:
        raise ValueError(f"News that correct or undo others go to `supersede`: {news.kind}.")
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
    again = list(Reminder.objects.may_wait_again().filter(key__in=by_key))
    for reminder in again:
        reminder.state, reminder.reason = Reminder.State.WAITING, ""
        reminder.keeps_time = False
        _set_times(reminder, by_key[reminder.key])
    Reminder.objects.may_wait_again().bulk_update(again, ["state", "reason", "keeps_time", *TIMES])


@transaction.atomic
def move_to_calendar(news: Sequence[News]) -> None:
    """Give what still waits of `news` the times that today's calendar gives it.

    Holidays are announced after things are written down. Example: what was due on a Thursday that
    has become a holiday is now due on the working day before. A moment that has passed by now
    means at once. Left alone is what is due already (a worker may have it in hand), what staff
    gave a time, and what is just being changed. One or two queries for every `ROWS` reminders.
    """
    reminders = _reminders(news)
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
    """Mark what still waits of `kind` about `subject` as no longer needed; returns how many."""
    return forget_all(kind, subjects=[subject])


def forget_all(*kinds: str, subjects: Iterable[Model]) -> int:
    """`forget` several kinds about many things, in one query."""
    return _take_back(Reminder.objects.about(subjects, *kinds))


def _take_back(reminders: ReminderQuerySet) -> int:
    return reminders.waiting().update(state=Reminder.State.OBSOLETE, reason=CALLED_OFF)


def notified_of(subject: Model, kind: str, *, occasion: str) -> QuerySet[User]:
    """Who has been notified of `kind` about `subject` on an occasion.

    To write to them, give `supersede` this queryset, not a list made of it: it is then evaluated
    while nobody else can be notified.
    """
    reminders = Reminder.objects.about([subject], kind).filter(key__endswith=f":{occasion}")
    notified = reminders.notified(timezone.now())
    return User.objects.active().filter(pk__in=notified.values("recipient"))


def is_announced(subject: Model, kind: str) -> bool:
    """Whether news of `kind` about `subject` were ever written, heard of or not."""
    return Reminder.objects.about([subject], kind).exists()


# --- Setting right what was announced ------------------------------------------------------


@transaction.atomic(savepoint=False)
def supersede(
    news: Iterable[News],
    *,
    replaces: Topics | None = None,
    covers: Topics | None = None,
    is_undo: bool = False,
    known_from: Topics | None = None,
    known_at: Iterable[datetime] = (),
) -> bool:
    """Announce `news` in place of earlier ones; returns whether anybody knows the earlier ones.

    Takes back what still waits of `replaces` (kinds of reminders, each with its subjects), leaves
    in people's inboxes what they have been notified of, and writes `news`. From here to the end
    of the transaction nobody is notified of anything, so the answer to who knows what stays true.

    Somebody knows the earlier news unless everybody concerned still waits to be notified of them.
    They may also be known from news of the kinds `known_from`, or to people who looked at the
    pages at the moments `known_at`; that counts if it was later than the earlier news were written.

    - When `news` say that all is as it was before the earlier ones (`is_undo`), and nobody knows
      the earlier ones, nothing is written. Example: a market moved to another day and back within
      a minute.
    - When one of `news` has `corrects` (earlier news), it is for those alone of its recipients who
      have been notified of these. Example: a market's new hours are for those who were reminded
      of it with the old ones.
    - When one of `news` has `undoes` (a kind about the same subject), it is not for recipients who
      have not been notified of that; what they waited for is taken back as well. Example: a
      market is given to another host and back before that one was notified of anything.
    - When a recipient still waits for news of `replaces` or of `covers`, the new ones are needed
      as early as those. Example: a list was to open on Saturday and is moved twice on Friday
      evening; whoever was notified of Saturday is notified of the second move before Saturday.
      `covers` are earlier news that the new ones tell as well, but that are not taken back.
    """
    lock_ledger()
    replaces, covers = replaces or {}, covers or {}
    is_known = _is_known(replaces, known_from or {}, known_at)
    needs = _needs({**covers, **replaces})
    _take_back(_about(replaces))
    if is_known or not is_undo:
        wanted = _for_whom_they_are(news)
        remind_all(early for each in wanted for early in _as_early(each, needs))
    return is_known


def _about(topics: Topics) -> ReminderQuerySet:
    reminders = Reminder.objects.none()
    for kind, subjects in topics.items():
        reminders |= Reminder.objects.about(subjects, kind)
    return reminders


def _is_known(earlier: Topics, known_from: Topics, known_at: Iterable[datetime]) -> bool:
    """Whether anybody knows the `earlier` news; see `supersede`."""
    since = _about(earlier).waiting().aggregate(since=Min("created_at"))["since"]
    if since is None or any(moment >= since for moment in known_at):
        return True
    notified = _about(earlier) | _about(known_from)
    return notified.notified_since(since, timezone.now()).exists()


def _needs(topics: Topics) -> dict[int, datetime]:
    """When those who still wait for news of `topics` need them at the latest, by their number.

    Leaves out what was needed so long ago that it is no longer urgent.
    """
    still = timezone.now() - STILL_NEEDED
    waiting = _about(topics).waiting().filter(needed_by__gt=still)
    by_person = waiting.order_by().values("recipient").annotate(first=Min("needed_by"))
    return dict(by_person.values_list("recipient", "first"))


def _for_whom_they_are(news: Iterable[News]) -> list[News]:
    """`news` without the recipients for whom they are not by `corrects` and `undoes`."""
    news = [replace(each, recipients=list(each.recipients)) for each in news]
    known, unaware = _known_to_be_corrected(news), _take_back_undone(news)
    return [
        replace(
            each,
            recipients=[
                person
                for person in each.recipients
                if (each.corrects is None or each.corrects.key(person) in known)
                and (each.undoes, each.subject.pk, person.pk) not in unaware
            ],
            corrects=None,
            undoes="",
        )
        for each in news
    ]


def _known_to_be_corrected(news: Sequence[News]) -> set[str]:
    """The keys of what `news` correct, as far as its recipients have been notified of it."""
    keys = [each.corrects.key(one) for each in news if each.corrects for one in each.recipients]
    notified = Reminder.objects.filter(key__in=keys).notified(timezone.now())
    return set(notified.values_list("key", flat=True))


def _take_back_undone(news: Sequence[News]) -> set[tuple[str, int, int]]:
    """Take back what `news` undo; who was not notified of it: kind, subject and recipient.

    Taken back, too, is what a worker has in hand or a channel refused, of which people know.
    """
    undone = Reminder.objects.none()
    for each in news:
        if each.undoes:
            earlier = Reminder.objects.about([each.subject], each.undoes)
            undone |= earlier.filter(recipient__in=each.recipients)
    now = timezone.now()
    unaware = undone.unnotified(now).not_leased(now)
    found = set(unaware.values_list("kind", "subject_pk", "recipient"))
    _take_back(undone)
    return found


def _as_early(news: News, needs: Mapping[int, datetime]) -> Iterator[News]:
    """`news` for each recipient, needed as early as what they still waited for."""
    for person in news.recipients:
        moments = filter(None, [news.needed_by, needs.get(person.pk)])
        yield replace(news, recipients=[person], needed_by=min(moments, default=None))


# --- For whoever reads ---------------------------------------------------------------------


@action
def open_inbox(*, by: User) -> None:
    """Put everything that is due to `by` and new into today's message: they are then notified of it.

    What a worker is just sending is left to it.
    """
    lock_ledger(shared=True)
    now = timezone.now()
    new = list(
        Reminder.objects.unnotified(now)
        .not_leased(now)
        .filter(recipient=by)
        .select_related("message")
        .order_by("due_at", "pk")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
    )
    composed = compose(by, new, subjects_of(new))
    outcomes.record_left_out(composed, now)
    if composed.notices:
        outcomes.record_notified(by, composed.notices, now, pushed=False)


@action
def mark_read(*, shown: Iterable[Message], by: User) -> None:
    """Mark those of `shown`, messages of `by`, as read to which nothing has been added since.

    What a channel refused of them is then sent, and is not tried again. What a worker is
    just sending is left to it.
    """
    notices = {message.pk: message.notices for message in shown}
    unread = Message.objects.visible_to(by).unread().filter(pk__in=notices).order_by("pk")
    read = [
        each.pk
        for each in unread.select_for_update(no_key=True)
        if each.notices == notices[each.pk]
    ]
    now = timezone.now()
    Message.objects.filter(pk__in=read).update(read_at=now)
    refused = Reminder.objects.waiting().not_leased(now).filter(message__in=read).order_by("pk")
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
        .not_leased(timezone.now())
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .values_list("pk", flat=True)
    )
    return Reminder.objects.filter(pk__in=pks).update(
        state=Reminder.State.STOPPED, reason=reason.strip(), retry_at=None
    )


@action
def resend_reminder(*, reminder: Reminder, by: User) -> None:
    """Send a reminder that was sent, failed, stopped or no longer needed once more, from now on.

    It goes out like any other: in reminder hours, with its recipient's message of the day.
    Raises `Refused` if it is waiting anyhow, or if there is nothing to say any more.
    """
    composed = compose(reminder.recipient, [reminder], subjects_of([reminder]))
    for _reminder, reason in composed.obsolete:
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
