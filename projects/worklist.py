"""What there is to do about needs, claims and plans."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.worklist import More, Task, some
from projects.models import Claim, Need, Step
from projects.models.claims import ClaimQuerySet, StepQuerySet
from projects.models.needs import CHECK_WITHIN, NeedQuerySet

CONFIRM_WITHIN = timedelta(days=3)
STEPS_AHEAD = timedelta(days=7)


def tasks(user: User, today: date) -> Iterator[Task | More]:
    """For a secretary what waits in their communities; for staff what is late in any of them;
    for a partner the steps of their plans in the next week."""
    if user.is_staff or user.is_secretary:
        needs, claims = Need.objects.manageable_by(user), Claim.objects.manageable_by(user)
        if user.is_staff:
            now = timezone.now()
            needs, claims = needs.overdue(now), claims.held_before(now - CONFIRM_WITHIN)
        yield from _needs(needs)
        yield from _claims(claims)
        yield from _late_steps(Step.objects.manageable_by(user), today)
    if user.is_partner:
        yield from _own_steps(user, today)


def _needs(needs: NeedQuerySet) -> Iterator[Task | More]:
    kind = _("Need to check")
    yield from some(
        needs.unchecked().longest_waiting(),
        lambda need: Task(
            kind,
            f"{need.community} · {need}",
            need.get_absolute_url(),
            _("Check"),
            timezone.localdate(need.created_at) + timedelta(days=CHECK_WITHIN),
        ),
        More(kind, reverse("need_list")),
    )
    kind = _("Need whose project has ended")
    yield from some(
        needs.awaiting_outcome().longest_waiting(),
        lambda need: Task(
            kind, f"{need.community} · {need}", need.get_absolute_url(), _("Say what became of it")
        ),
        More(kind, reverse("need_list")),
    )


def _claims(claims: ClaimQuerySet) -> Iterator[Task | More]:
    kind = _("Claim to confirm")
    yield from some(
        claims.unconfirmed().on_page().order_by("held_at", "pk"),
        lambda claim: Task(
            kind,
            f"{claim.project} · {claim.partner}",
            claim.get_absolute_url(),
            _("Agree the plan"),
            timezone.localdate(claim.held_at) + CONFIRM_WITHIN if claim.held_at else None,
        ),
        More(kind, reverse("claim_list")),
    )


def _late_steps(steps: StepQuerySet, today: date) -> Iterator[Task | More]:
    kind = _("Overdue step")
    yield from some(
        steps.pending().due_by(today - timedelta(days=1)),
        lambda step: _step(kind, step),
        More(kind, reverse("claim_list")),
    )


def _own_steps(user: User, today: date) -> Iterator[Task | More]:
    kind = _("Step of a plan")
    yield from some(
        Step.objects.represented_by(user).pending().due_by(today + STEPS_AHEAD),
        lambda step: _step(kind, step),
        More(kind, reverse("claim_list")),
    )


def _step(kind: str, step: Step) -> Task:
    return Task(
        kind,
        f"{step.claim.project} · {step.text}",
        step.claim.get_absolute_url(),
        _("Open the plan"),
        step.due_on,
    )
