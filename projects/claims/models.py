"""Claims on projects, and the plan agreed on each."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from banyang.foundation.moves import locked
from banyang.foundation.tones import States, Tone, tone_of
from banyang.office.calendar import working_days_before
from partners.capacity import Holding, HoldingQuerySet, counts_taken
from partners.models import Partner
from projects.lists.models import Project

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor


UNCONFIRMED_AFTER = 3  # working days until a claim should be confirmed
COMING_UP_WITHIN = timedelta(days=7)  # how far ahead home pages point steps out
# Why those who still wait are released when a project is closed: a message id, shown translated.
PROJECT_COMPLETED = gettext_noop("The project is completed.")


class ClaimQuerySet(HoldingQuerySet["Claim"]):
    def visible_to(self, user: "User") -> "ClaimQuerySet":
        """Staff see all, a secretary the claims on their community's projects, a member their
        partner's."""
        if user.is_staff:
            return self
        return self.filter(
            Q(project__list__community__in=user.community_ids) | Q(partner__in=user.partner_ids)
        )

    def manageable_by(self, user: "User") -> "ClaimQuerySet":
        """Claims the person may confirm, plan and complete, for the community's side."""
        return (
            self if user.is_staff else self.filter(project__list__community__in=user.community_ids)
        )

    def on_page(self) -> "ClaimQuerySet":
        """With all that a page says about each."""
        return self.select_related("project__list__community", "partner")

    def with_partner_as_seen_by(self, user: "User | Visitor") -> "ClaimQuerySet":
        """Each with its partner, and whether `user` may open that partner's page."""
        seen = Partner.objects.visible_to(user).filter(pk=OuterRef("partner"))
        return self.select_related("partner").annotate(is_partner_visible=Exists(seen))

    def lock(self, pk: int) -> "Claim":
        """The claim as it is now, its row locked until the transaction ends."""
        return locked(self, pk)

    def unconfirmed(self) -> "ClaimQuerySet":
        return self.filter(state=Claim.State.CLAIMED)

    def overdue(self) -> "ClaimQuerySet":
        """Unconfirmed for longer than a community should take."""
        held_by = working_days_before(timezone.localdate(), UNCONFIRMED_AFTER)
        return self.unconfirmed().filter(held_at__date__lt=held_by)

    def confirmed(self) -> "ClaimQuerySet":
        return self.filter(state=Claim.State.CONFIRMED)

    def with_steps(self) -> "ClaimQuerySet":
        return self.prefetch_related("steps")

    def agreed(self) -> "ClaimQuerySet":
        """Confirmed by the community, whether still running or completed."""
        return self.filter(state__in=[Claim.State.CONFIRMED, Claim.State.COMPLETED])

    def running(self) -> "ClaimQuerySet":
        """Holding a place, with something still to be done."""
        return self.filter(state__in=Claim.RUNNING)

    def resting(self) -> "ClaimQuerySet":
        """Running, though the partner's agreement does not: to be released or carried on."""
        runs = Partner.objects.running().filter(pk=OuterRef("partner"))
        return self.running().filter(~Exists(runs))

    def unfinished(self) -> "ClaimQuerySet":
        """Running, or waiting in line to."""
        return self.filter(state__in=[Claim.State.WAITING, *Claim.RUNNING])

    def standing(self) -> "ClaimQuerySet":
        """Unfinished, with all that tells how they stand, and those not confirmed yet first."""
        confirmed = Case(When(state=Claim.State.CONFIRMED, then=1), default=0)
        return (
            self.unfinished()
            .on_page()
            .with_position_in_line()
            .order_by(confirmed, "-asked_at", "-pk")
        )

    def holding(self) -> "ClaimQuerySet":
        """Those that hold places, completed ones too."""
        return self.filter(state__in=Claim.HOLDING)

    def completed(self) -> "ClaimQuerySet":
        return self.filter(state=Claim.State.COMPLETED)

    def ended(self) -> "ClaimQuerySet":
        """Withdrawn or released, the latest first."""
        return self.exclude(state__in=Claim.ACTIVE).order_by("-ended_at")

    def released_for(self, reason: str) -> "ClaimQuerySet":
        return self.filter(state=Claim.State.RELEASED, end_reason=reason)


@pghistory.track()
class Claim(Holding):
    """A partner's claim (认领) on a project, with the plan that both sides agree."""

    class State(States):
        WAITING = "waiting", Tone.WAITING, _("on the waiting list")
        CLAIMED = "claimed", Tone.WAITING, _("claimed")
        CONFIRMED = "confirmed", Tone.ACTIVE, _("confirmed")
        COMPLETED = "completed", Tone.GOOD, _("completed")
        WITHDRAWN = "withdrawn", Tone.ENDED, _("withdrawn")
        RELEASED = "released", Tone.ENDED, _("released")

    tone = tone_of(State, "state")

    PARENT = "project"
    RUNNING = (State.CLAIMED, State.CONFIRMED)
    HOLDING = (*RUNNING, State.COMPLETED)
    ACTIVE = (State.WAITING, *HOLDING)
    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.CLAIMED, State.WITHDRAWN, State.RELEASED},
        State.CLAIMED: {State.CONFIRMED, State.WITHDRAWN, State.RELEASED},
        State.CONFIRMED: {State.COMPLETED, State.WITHDRAWN, State.RELEASED},
        State.COMPLETED: {State.CONFIRMED},
        State.WITHDRAWN: set(),
        State.RELEASED: set(),
    }

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="claims", verbose_name=_("project")
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True, editable=False)
    end_reason = models.CharField(_("reason"), max_length=200, blank=True)
    aim = models.TextField(_("aim"), blank=True)
    content = models.TextField(_("content"), blank=True)
    deadline_on = models.DateField(_("deadline"), null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            *Holding.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "partner"],
                condition=Q(state__in=["waiting", "claimed", "confirmed", "completed"]),
                name="claim_once_per_partner",
                violation_error_message=_("This partner has already claimed this project."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "completed"])
                | Q(confirmed_at__isnull=False, deadline_on__isnull=False)
                & ~Q(aim="")
                & ~Q(content=""),
                name="claim_confirmed_has_plan",
                violation_error_message=_("A confirmed claim needs its aim, content and deadline."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "confirmed", "completed"])
                | Q(held_at__isnull=False),
                name="claim_holding_since",
                violation_error_message=_("Say when the claim got its places."),
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(held_at=None),
                name="claim_waiting_holds_nothing",
                violation_error_message=_("A claim on the waiting list has no places yet."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["completed", "withdrawn", "released"])
                | Q(ended_at__isnull=False),
                name="claim_ended_has_moment",
                violation_error_message=_("Say when the claim ended."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["withdrawn", "released"]) | ~Q(end_reason=""),
                name="claim_given_up_has_reason",
                violation_error_message=_("Say why the claim ended."),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "asked_at", "id"], name="claim_line"),
            models.Index(fields=["partner", "state"], name="claim_partner_state"),
        ]
        triggers = [
            counts_taken(
                parent_table="lists_project",
                parent_column="project_id",
                holding=("claimed", "confirmed", "completed"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.project}"

    @property
    def asked_on(self) -> date:
        """The day on which the partner claimed: nothing was delivered on it before."""
        return timezone.localdate(self.asked_at)

    @property
    def why_ended(self) -> str:
        """The reason why it ended: in the reader's language, or in the words of whoever ended it."""
        is_ours = self.end_reason == PROJECT_COMPLETED
        return gettext(PROJECT_COMPLETED) if is_ours else self.end_reason

    @property
    def ended_with_project(self) -> bool:
        """Whether it was released because its project was cancelled."""
        return (
            self.state == self.State.RELEASED
            and self.project.state == Project.State.CANCELLED
            and self.end_reason == self.project.cancel_reason
        )

    def get_absolute_url(self) -> str:
        return reverse("claim_detail", args=[self.pk])


class StepQuerySet(models.QuerySet["Step"]):
    def visible_to(self, user: "User") -> "StepQuerySet":
        """Whoever sees a claim sees its steps, and may mark them."""
        return self.filter(claim__in=Claim.objects.visible_to(user))

    def manageable_by(self, user: "User") -> "StepQuerySet":
        """Steps the person looks after for the community's side."""
        return self.filter(claim__in=Claim.objects.manageable_by(user))

    def represented_by(self, user: "User") -> "StepQuerySet":
        """Steps the person's partners have taken on."""
        return self.filter(claim__partner__in=user.partner_ids)

    def on_page(self) -> "StepQuerySet":
        """With all that a page says about each."""
        return self.select_related("claim__project__list__community", "claim__partner")

    def due_by(self, day: date) -> "StepQuerySet":
        return self.filter(due_on__lte=day)

    def overdue(self) -> "StepQuerySet":
        return self.pending().filter(due_on__lt=timezone.localdate())

    def coming_up(self) -> "StepQuerySet":
        """To be done today or soon."""
        today = timezone.localdate()
        return self.pending().filter(due_on__range=(today, today + COMING_UP_WITHIN))

    def pending(self) -> "StepQuerySet":
        """Still to be done, the earliest first."""
        return self.filter(done_on=None, claim__state=Claim.State.CONFIRMED).order_by("due_on")


@pghistory.track()
class Step(models.Model):
    """A dated step (实施步骤) of a claim's plan."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="steps")
    text = models.CharField(_("step"), max_length=200)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be done: a claim that has ended asks for nothing more."""
        return self.done_on is None and self.claim.state == Claim.State.CONFIRMED

    @property
    def is_overdue(self) -> bool:
        return self.is_pending and self.due_on < timezone.localdate()
