"""The ledger of reminders, and the messages that carried them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """What one person was told on one day: the inbox shows it, e-mail carried it once."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="messages",
        verbose_name=_("recipient"),
    )
    day = models.DateField(_("day"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "day"], name="message_one_per_person_day"),
        ]

    def __str__(self) -> str:
        return self.subject


class Reminder(models.Model):
    """One thing that one person is to be told, written down before it is said.

    `key` is unique: the same thing is never written twice. `due_at` says when it may be said
    at the earliest.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        MOOT = "moot", _("no longer needed")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.SENT, State.MOOT, State.STOPPED, State.FAILED},
        State.FAILED: {State.WAITING, State.STOPPED},
        State.STOPPED: {State.WAITING},
        State.SENT: {State.WAITING},
        State.MOOT: {State.WAITING},
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
    key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    message = models.ForeignKey(
        Message,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("message"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="reminder_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="waiting"),
                name="reminder_due",
            ),
            models.Index(fields=["subject_label", "subject_pk"], name="reminder_subject"),
        ]

    def __str__(self) -> str:
        return self.key
