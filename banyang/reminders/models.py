"""The ledger of reminders, and the messages that carried them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from banyang.foundation.tones import States, Tone, tone_of
from banyang.office.calendar import decent_moments, morning, waking_moment
from banyang.office.models import Office
from banyang.reminders.kinds import KINDS

if TYPE_CHECKING:
    from banyang.accounts.models import User

# Reasons for which a reminder is no longer needed; stored as message ids, shown translated.
SETTLED = gettext_noop("It was settled before anybody had to be reminded.")
CALLED_OFF = gettext_noop("What it was to announce was called off.")
GONE = gettext_noop("What it was about no longer exists.")
CLOSED = gettext_noop("The recipient's account is closed.")
NOT_THEIRS = gettext_noop("The recipient no longer acts for those whom it is meant for.")

STILL_NEEDED = timedelta(days=1)  # how long after it was needed a reminder is still urgent

COUNT_UNREAD = """
    SELECT (SELECT count(*) FROM reminders_message
             WHERE recipient_id = %(user)s AND read_at IS NULL)
         + (SELECT count(*) FROM reminders_reminder
             WHERE recipient_id = %(user)s AND state = 'waiting' AND due_at <= %(now)s
               AND message_id IS NULL AND attempts = 0)
"""


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        """Everybody reads their own messages, and nobody else's."""
        return self.filter(recipient=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def count_unread_by(self, user: User) -> int:
        """How much is new in a person's inbox: messages not opened, and what they will hold.

        Every page asks this. It is `visible_to(user).unread()` and `unnotified` in plain SQL, since
        putting those together took longer than a dozen rows of a list.
        """
        with connection.cursor() as cursor:
            cursor.execute(COUNT_UNREAD, {"user": user.pk, "now": timezone.now()})
            return cursor.fetchone()[0]

    def pushed_on(self, day: date) -> Self:
        """The messages of a day that have left the app since its reminder hours began.

        When something could not wait and went out before these hours, its recipient still gets
        the message of that day. Example: mailed at 07:00 that the market is called off, and at
        08:30 what else is due.
        """
        return self.filter(notified_on=day, pushed_at__gte=morning(day, Office.current()))


@dataclass(frozen=True)
class Entry:
    """One reminder as it stands in its recipient's inbox."""

    text: str
    path: str
    due_at: datetime


class Message(models.Model):
    """What one person was notified of on one day: the inbox shows it, an e-mail carried it.

    There is one a day, to which everything is added that the person is notified of later on that
    day. As a rule one e-mail carries it; what could not wait went out in another, and `pushed_at`
    is when the last one did.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="messages",
        verbose_name=_("recipient"),
        db_index=False,  # the constraint's index begins with it
    )
    notified_on = models.DateField(_("day"))
    # [{"text": in words, "path": where to act, "due_at": when it was due}], in the order of sending.
    notices = models.JSONField(_("text"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    pushed_at = models.DateTimeField(_("sent out at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-notified_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "notified_on"], name="message_one_per_person_day"
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True), name="message_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient_id} · {self.notified_on}"

    @property
    def entries(self) -> list[Entry]:
        """What the person was notified of on this day, in the order of sending."""
        return [
            Entry(notice["text"], notice["path"], datetime.fromisoformat(notice["due_at"]))
            for notice in self.notices
        ]


def _too_late(chance: datetime, now: datetime) -> Q:
    """What `Reminder.is_too_late` says, for the database."""
    return Q(needed_by__lte=chance, needed_by__gt=now - STILL_NEEDED)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: User) -> Self:
        """The ledger is the street office's; people find in their inbox what is theirs."""
        return self if user.is_staff else self.none()

    def manageable_by(self, user: User) -> Self:
        """Whoever sees the ledger may step in."""
        return self.visible_to(user)

    def with_recipient(self) -> Self:
        return self.select_related("recipient")

    def waiting(self) -> Self:
        return self.filter(state=Reminder.State.WAITING)

    def due(self, now: datetime) -> Self:
        """Waiting, and their time has come."""
        return self.waiting().filter(due_at__lte=now)

    def about(self, subjects: Iterable[models.Model], *kinds: str) -> Self:
        pks: dict[str, list[int]] = defaultdict(list)
        for subject in subjects:
            pks[subject._meta.label_lower].append(subject.pk)
        any_of = Q(pk__in=[])
        for label, theirs in pks.items():
            any_of |= Q(subject_label=label, subject_pk__in=theirs)
        return self.filter(any_of, kind__in=kinds)

    def notified(self, now: datetime) -> Self:
        """Their recipients know it, or will in a moment.

        It stands in the inbox (whether a channel took it or not), or a worker has it in hand, who
        put it into words before it could be changed.
        """
        return self.filter(
            Q(sent_at__isnull=False) | Q(message__isnull=False) | Q(leased_until__gte=now)
        )

    def notified_since(self, since: datetime, now: datetime) -> Self:
        unsent = Q(sent_at=None, created_at__gte=since)
        return self.notified(now).filter(unsent | Q(sent_at__gte=since) | Q(leased_until__gte=now))

    def may_wait_again(self) -> Self:
        """No longer needed, for a reason that may pass.

        Example: one called off with a market's day waits again when the market moves back to it.
        What no longer exists does not come back.
        """
        return self.filter(
            state=Reminder.State.OBSOLETE, reason__in=[CALLED_OFF, SETTLED, CLOSED, NOT_THEIRS]
        )

    def not_leased(self, now: datetime) -> Self:
        """Not in the hands of a worker at this moment."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lt=now))

    def to_try(self, now: datetime) -> Self:
        """Due, and not waiting for another attempt."""
        return self.due(now).filter(Q(retry_at=None) | Q(retry_at__lte=now))

    def ready(self, now: datetime) -> Self:
        """To be sent now by whoever comes first.

        Leaves out whoever a worker is just writing to, and whoever has had their message of the
        day. Both are asked for so that it is fast however old the planner's statistics are: the
        first are few and looked up once, the others one by one in the index.

        When the next regular message would come too late, a reminder goes out by itself: beside
        today's message in the office's hours, and outside them while people are up. Example: a
        market called off on Friday evening is mailed at once, or from 07:00 on Saturday.
        """
        soon, next_day = decent_moments(now)
        in_hand = Reminder.objects.waiting().filter(leased_until__gte=now)
        due = self.to_try(now).exclude(recipient__in=in_hand.order_by().values("recipient"))
        if soon > now:
            return due.filter(_too_late(soon, now)) if waking_moment(now) == now else self.none()
        pushed = Message.objects.pushed_on(timezone.localdate(now)).filter(
            recipient=OuterRef("recipient")
        )
        return due.alias(pushed=Subquery(pushed.order_by().values("pk")[:1])).filter(
            Q(pushed=None) | _too_late(next_day, now)
        )

    def unnotified(self, now: datetime) -> Self:
        """Due, and the recipient can't have read it anywhere yet: new in their inbox."""
        return self.due(now).filter(message=None, attempts=0)


def _corrected() -> pgtrigger.Condition:
    """Somebody stopped, resent or rescheduled it; sending it is no correction."""
    return (
        pgtrigger.Q(old__due_at__df=pgtrigger.F("new__due_at"))
        | pgtrigger.Q(new__state="stopped")
        | (pgtrigger.Q(new__state="waiting") & ~pgtrigger.Q(old__state="waiting"))
    )


# The ledger is its own record of what was sent; the history keeps who stepped in.
@pghistory.track(
    pghistory.UpdateEvent("corrected", condition=_corrected(), row=pghistory.New),
    pghistory.DeleteEvent(),
    fields=["state", "due_at", "reason", "sent_at"],
    model_name="ReminderEvent",
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class Reminder(models.Model):
    """One thing that one person is to be notified of, written down before it is sent.

    `key` is unique: the same thing is never written twice. `due_at` says when it may be sent at
    the earliest; `needed_by`, where it is set, from when on it would come too late.
    """

    class State(States):
        WAITING = "waiting", Tone.WAITING, _("waiting")
        SENT = "sent", Tone.GOOD, _("sent")
        OBSOLETE = "obsolete", Tone.ENDED, _("no longer needed")
        STOPPED = "stopped", Tone.ENDED, _("stopped")
        FAILED = "failed", Tone.BAD, _("failed")

    tone = tone_of(State, "state")

    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.SENT, State.OBSOLETE, State.STOPPED, State.FAILED},
        State.FAILED: {State.WAITING, State.STOPPED},
        State.STOPPED: {State.WAITING},
        State.SENT: {State.WAITING},
        State.OBSOLETE: {State.WAITING},
    }

    kind = models.CharField(_("kind"), max_length=50)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="reminders",
        verbose_name=_("recipient"),
    )
    subject_label = models.CharField(_("about (model)"), max_length=60)
    subject_pk = models.BigIntegerField(_("about (number)"))
    key = models.CharField(max_length=200)
    due_at = models.DateTimeField(_("due at"))
    needed_by = models.DateTimeField(null=True, blank=True, editable=False)
    # Staff chose `due_at` themselves: the calendar does not move it.
    keeps_time = models.BooleanField(default=False, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    # Why it was stopped or is no longer needed: a person's words, or a message id of ours.
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    retry_at = models.DateTimeField(_("next attempt at"), null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    text = models.TextField(_("what was said"), blank=True, editable=False)
    path = models.CharField(max_length=500, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # Whether a channel carried it when it was sent; else it stood in the inbox alone.
    is_pushed = models.BooleanField(default=False, editable=False)
    message = models.ForeignKey(
        Message,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("message"),
        db_index=False,  # nothing is looked up by it, and every stamp would write it
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="reminder_once"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="reminder_sent_has_time",
            ),
        ]
        # Few, and most of them for what still waits: a stamp writes all the others anew.
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="waiting"),
                name="reminder_due",
            ),
            models.Index(
                fields=["recipient", "due_at"],
                condition=models.Q(state="waiting"),
                name="reminder_waiting_for",
            ),
            models.Index(
                fields=["leased_until"],
                condition=models.Q(state="waiting", leased_until__isnull=False),
                name="reminder_in_hand",
            ),
            # Of sent ones too: a change or a recall asks who has been notified.
            models.Index(fields=["subject_label", "subject_pk"], name="reminder_subject"),
            models.Index(fields=["-due_at", "-id"], name="reminder_ledger"),
        ]

    def __str__(self) -> str:
        return str(KINDS[self.kind].label) if self.kind in KINDS else self.kind

    def get_absolute_url(self) -> str:
        return reverse("reminder_detail", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def is_too_late(self, chance: datetime, now: datetime) -> bool:
        """Whether it would come too late at `chance`, when it could be sent next as a rule.

        When a reminder is needed by then or before, it is sent at the next moment when people are
        up. When it was needed more than a day ago (`STILL_NEEDED`), it waits like any other.
        Example: news of a market that was over on Saturday disturbs nobody on Sunday.
        """
        needed_by = self.needed_by
        return needed_by is not None and now - STILL_NEEDED < needed_by <= chance

    @property
    def can_stop(self) -> bool:
        return self.State.STOPPED in self.MOVES[self.state]

    @property
    def can_resend(self) -> bool:
        return self.State.WAITING in self.MOVES[self.state]
