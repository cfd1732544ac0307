"""What there is to do about claims and plans."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.dates import day
from banyang.foundation.worklist import Task, TaskGroup, sources, task_group
from banyang.office.calendar import working_days_after
from partners.models import Partner
from projects.claims.models import (
    COMING_UP_WITHIN,
    UNCONFIRMED_AFTER,
    Claim,
    ClaimQuerySet,
    Step,
    StepQuerySet,
)


@sources.register
def tasks(user: User, today: date) -> Iterator[TaskGroup]:
    """For a secretary what waits in their communities; for staff what is late in any of them;
    for a partner the steps of their plans in the next week."""
    if user.is_staff or user.is_secretary:
        claims = Claim.objects.manageable_by(user)
        yield _claims(claims.overdue() if user.is_staff else claims, user)
        yield _late_steps(Step.objects.manageable_by(user), user)
    if user.is_secretary and not user.is_staff:
        yield _resting(claims, user)
    if user.is_partner:
        yield _own_steps(user, today)


def _claims(claims: ClaimQuerySet, user: User) -> TaskGroup:
    kind = _("Claim to confirm")

    def make(rows: list[Claim]) -> list[Task]:
        held = {claim.pk: timezone.localdate(claim.held_at) for claim in rows}
        due = working_days_after(set(held.values()), UNCONFIRMED_AFTER)
        return [
            Task(
                kind,
                _named(user, claim, claim.project, claim.partner),
                claim.get_absolute_url(),
                _("Agree the plan"),
                due[held[claim.pk]],
            )
            for claim in rows
        ]

    return task_group(
        kind,
        claims.unconfirmed().on_page().order_by("held_at", "pk"),
        make,
        url=reverse("claim_list") + "?state=claimed",
        late_url=reverse("claim_list") + "?state=claimed&overdue=on",
    )


def _resting(claims: ClaimQuerySet, user: User) -> TaskGroup:
    kind = _("Claim of a partner without a running agreement")
    return task_group(
        kind,
        claims.resting().on_page().order_by("held_at", "pk"),
        lambda rows: [
            Task(
                kind,
                _named(user, claim, claim.project, _standing(claim.partner)),
                claim.get_absolute_url(),
                _("Release or carry on"),
            )
            for claim in rows
        ],
        url=reverse("claim_list") + "?resting=on",
    )


def _standing(partner: Partner) -> str:
    if partner.status == Partner.Status.SIGNED:
        return _("%(partner)s (agreement ended on %(day)s)") % {
            "partner": partner,
            "day": day(partner.agreement_ends_on),
        }
    return _("%(partner)s (%(status)s)") % {
        "partner": partner,
        "status": partner.get_status_display(),
    }


def _late_steps(steps: StepQuerySet, user: User) -> TaskGroup:
    kind = _("Overdue step")
    return task_group(
        kind,
        steps.overdue().on_page(),
        lambda rows: [_step(kind, step, user, step.claim.partner) for step in rows],
        url=reverse("step_list") + "?due=overdue",
    )


def _own_steps(user: User, today: date) -> TaskGroup:
    kind = _("Step of a plan")
    return task_group(
        kind,
        Step.objects.represented_by(user).pending().due_by(today + COMING_UP_WITHIN).on_page(),
        lambda rows: [_step(kind, step, user, *_whose(user, step.claim)) for step in rows],
        url=reverse("step_list") + "?due=soon",
        late_url=reverse("step_list") + "?due=overdue",
    )


def _whose(user: User, claim: Claim) -> list[Partner]:
    """The partner of `claim`, for who acts for several."""
    return [claim.partner] if len(user.partner_ids) > 1 else []


def _named(user: User, claim: Claim, *names: object) -> str:
    """One line out of `names`, after the community for who looks after several."""
    if user.is_staff or len(user.community_ids) > 1:
        names = (claim.project.community, *names)
    return " · ".join(str(name) for name in names)


def _step(kind: str, step: Step, user: User, *whose: Partner) -> Task:
    return Task(
        kind,
        _named(user, step.claim, step.claim.project, step.text, *whose),
        step.claim.get_absolute_url(),
        _("Open the plan"),
        step.due_on,
    )
