"""Residents' needs, from the board to what became of them."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pghistory
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from banyang.foundation.once import token_of
from banyang.foundation.tones import States, Tone, tone_of
from banyang.office.calendar import working_days_before
from communities.models import Community
from projects.catalogue.models import Group

if TYPE_CHECKING:
    from banyang.accounts.models import User


# The secretary checks a need within so many working days, and answers it within so many days.
CHECK_WITHIN = 3
ANSWER_WITHIN = 30


def new_receipt() -> str:
    """Twelve digits: easy to note down and to read out on the phone, too many to guess."""
    return f"{secrets.randbelow(10**12):012d}"


class NeedQuerySet(models.QuerySet["Need"]):
    def on_board(self) -> "NeedQuerySet":
        """What a secretary has checked and anybody may read."""
        return self.exclude(state__in=Need.OFF_BOARD)

    def visible_to(self, user: "User") -> "NeedQuerySet":
        """Staff see all, a secretary their community's; others what is on the board."""
        if user.is_staff:
            return self
        return self.filter(Q(community__in=user.community_ids) | ~Q(state__in=Need.OFF_BOARD))

    def manageable_by(self, user: "User") -> "NeedQuerySet":
        return self if user.is_staff else self.filter(community__in=user.community_ids)

    def with_what_it_is_about(self) -> "NeedQuerySet":
        """With what a page about them shows beside them, in the same query."""
        return self.select_related(
            "community",
            "group__category",
            "double_of__community",
            "double_of__group__category",
        )

    def asked_with(self, form_token: uuid.UUID, **asked: Any) -> "NeedQuerySet":
        """What the form with this token has put down, if it was just what is `asked`."""
        return self.filter(form_token=token_of(form_token, asked))

    def with_receipt(self, receipt: str) -> "NeedQuerySet":
        return self.filter(receipt=receipt)

    def unchecked(self) -> "NeedQuerySet":
        return self.filter(state=Need.State.NEW)

    def unanswered(self) -> "NeedQuerySet":
        """On the board, and nobody has said yet what becomes of them."""
        return self.filter(state=Need.State.OPEN)

    def awaiting_outcome(self) -> "NeedQuerySet":
        """Their project has ended, so the secretary has to say whether they are solved."""
        return self.filter(state=Need.State.PROJECT, project_ended_at__isnull=False)

    def answered(self) -> "NeedQuerySet":
        """Whoever asked has been told what became of it."""
        return self.filter(state__in=Need.OUTCOMES)

    def longest_waiting(self) -> "NeedQuerySet":
        return self.select_related("community").order_by("created_at", "pk")

    def unfinished(self) -> "NeedQuerySet":
        """Everything that waits for the secretary: to be checked, answered or wound up."""
        waiting: NeedQuerySet = self.filter(state__in=[Need.State.NEW, Need.State.OPEN])
        return waiting | self.awaiting_outcome()

    def overdue(self, now: datetime) -> "NeedQuerySet":
        """Unchecked or unanswered for longer than an office should take."""
        return self.filter(_overdue(now))

    def in_work_order(self, now: datetime) -> "NeedQuerySet":
        """What the secretary has to do first: check, wind up, answer; the longest waiting first.

        Every need says in `is_overdue` whether it has waited too long.
        """
        rank = Case(
            When(_overdue(now), then=0),
            When(state=Need.State.NEW, then=1),
            When(state=Need.State.PROJECT, project_ended_at__isnull=False, then=2),
            When(state=Need.State.OPEN, then=3),
            When(state=Need.State.PROJECT, then=4),
            default=5,
        )
        return self.annotate(
            is_overdue=ExpressionWrapper(_overdue(now), output_field=models.BooleanField()),
            rank=rank,
        ).order_by("rank", "created_at", "pk")


def _overdue(now: datetime) -> Q:
    check_by = working_days_before(timezone.localtime(now).date(), CHECK_WITHIN)
    answer_by = timezone.localtime(now).date() - timedelta(days=ANSWER_WITHIN)
    return Q(state=Need.State.NEW, created_at__date__lt=check_by) | Q(
        state=Need.State.OPEN, checked_at__date__lt=answer_by
    )


@pghistory.track()
class Need(models.Model):
    """Something residents need (需求), put on the needs board or brought in by a visit."""

    class Source(models.TextChoices):
        BOARD = "board", _("needs board")
        VISIT = "visit", _("visit")
        PHONE = "phone", _("phone call")
        LEADER = "leader", _("red building leader")

    class State(States):
        NEW = "new", Tone.WAITING, _("to be checked")
        OPEN = "open", Tone.ACTIVE, _("on the board")
        PROJECT = "project", Tone.ACTIVE, _("became a project")
        SOLVED = "solved", Tone.GOOD, _("solved")
        PARTLY = "partly", Tone.PARTLY, _("partly solved")
        UNSOLVED = "unsolved", Tone.BAD, _("not solved for now")
        REJECTED = "rejected", Tone.BAD, _("not published")
        DOUBLE = "double", Tone.NEUTRAL, _("joined with another")

    tone = tone_of(State, "state")

    # Nothing reaches the board that a secretary has not checked.
    MOVES: dict[str, set[str]] = {
        State.NEW: {State.OPEN, State.REJECTED, State.DOUBLE},
        State.OPEN: {
            State.PROJECT,
            State.SOLVED,
            State.PARTLY,
            State.UNSOLVED,
            State.REJECTED,
            State.DOUBLE,
        },
        State.PROJECT: {State.SOLVED, State.PARTLY, State.UNSOLVED, State.OPEN},
        # Not solved after all: its project goes on, if it has one.
        State.SOLVED: {State.OPEN, State.PROJECT},
        State.PARTLY: {State.OPEN, State.PROJECT},
        State.UNSOLVED: {State.OPEN, State.PROJECT},
        State.REJECTED: {State.OPEN},
        State.DOUBLE: {State.OPEN},
    }
    OFF_BOARD = (State.NEW, State.REJECTED, State.DOUBLE)
    OUTCOMES = (State.SOLVED, State.PARTLY, State.UNSOLVED)
    ANSWERED = (*OUTCOMES, State.REJECTED)

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="needs", verbose_name=_("community")
    )
    text = models.CharField(_("what is needed"), max_length=500)
    location = models.CharField(_("building or place"), max_length=100, blank=True)
    asker_name = models.CharField(_("your name"), max_length=50, blank=True)
    asker_phone = models.CharField(_("your phone"), max_length=20, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.BOARD)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    group = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="needs",
        verbose_name=_("group"),
    )
    double_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="doubles",
        verbose_name=_("joined with"),
    )
    answer = models.TextField(_("answer"), blank=True)
    # The unguessable part of the link under which whoever asked sees what became of it.
    receipt = models.CharField(
        _("receipt number"), max_length=12, unique=True, default=new_receipt, editable=False
    )
    # `token_of` the form and what was asked with it: the same sent twice asks once.
    form_token = models.UUIDField(unique=True, null=True, editable=False)
    created_at = models.DateTimeField(_("put at"), default=timezone.now, editable=False)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    # Since when the project that it became has ended: what became of it is to be said then.
    project_ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    project: Any = None  # what it became, where a page has loaded that: see `hooks.with_projects`

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["solved", "partly", "unsolved", "rejected"])
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="need_closed_has_answer",
                violation_error_message=_(
                    "Say what became of the need: whoever asked will read it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "rejected", "double"]) | Q(checked_at__isnull=False),
                name="need_on_board_is_checked",
                violation_error_message=_("A need has to be checked before it goes on the board."),
            ),
            models.CheckConstraint(
                condition=Q(state="double", double_of__isnull=False)
                | (~Q(state="double") & Q(double_of__isnull=True)),
                name="need_double_named",
                violation_error_message=_("Name the need that this one is joined with."),
            ),
            models.CheckConstraint(
                condition=~Q(double_of=F("pk")),
                name="need_double_of_another",
                violation_error_message=_("A need can't be joined with itself."),
            ),
        ]
        indexes = [models.Index(fields=["community", "state"], name="need_community_state")]

    def __str__(self) -> str:
        return Truncator(self.text).chars(40)

    def get_absolute_url(self) -> str:
        return reverse("need_detail", args=[self.pk])

    def get_receipt_url(self) -> str:
        return reverse("need_receipt", args=[self.receipt])

    @property
    def answering(self) -> "Need":
        """The need whose answer answers this one: itself, or the one it is joined with."""
        return self.double_of or self

    @property
    def is_on_board(self) -> bool:
        return self.state not in self.OFF_BOARD

    @property
    def is_answered(self) -> bool:
        """Whether it has an answer that whoever asked reads: an outcome, or why it is off."""
        return self.state in self.ANSWERED

    def first_wording(self) -> str:
        """What was asked, before a secretary put it into words for everybody."""
        events: Any = self.events  # type: ignore[attr-defined]
        return events.order_by("pgh_id").values_list("text", flat=True)[0]

    @property
    def is_awaiting_outcome(self) -> bool:
        """Whether its project has ended and nobody has said yet if that solved it."""
        return self.state == self.State.PROJECT and self.project_ended_at is not None

    @property
    def receipt_in_groups(self) -> str:
        """The receipt number as people read it out: `3847 2910 5561`."""
        return " ".join(self.receipt[start : start + 4] for start in range(0, 12, 4))
