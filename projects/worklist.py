"""What there is to do about needs, lists, claims and plans."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.models import User
from banyang.office.calendar import working_days_after
from banyang.templatetags.banyang import day
from banyang.worklist import Pile, Task, pile
from partners.models import Partner
from projects.models import Claim, Need, ProjectList, Step
from projects.models.claims import (
    STEPS_AHEAD,
    UNCONFIRMED_AFTER,
    ClaimQuerySet,
    StepQuerySet,
)
from projects.models.needs import ANSWER_WITHIN, CHECK_WITHIN, NeedQuerySet


def tasks(user: User, today: date) -> Iterator[Pile]:
    """For a secretary what waits in their communities; for staff what is late in any of them;
    for a partner the steps of their plans in the next week."""
    if user.is_staff or user.is_secretary:
        now = timezone.now()
        needs, claims = Need.objects.manageable_by(user), Claim.objects.manageable_by(user)
        late = needs.overdue(now)
        if user.is_staff:
            needs, claims = late, claims.overdue()
        yield _to_check(needs)
        yield _to_answer(late)
        yield _to_wind_up(needs)
        yield _claims(claims, user)
        yield _late_steps(Step.objects.manageable_by(user), user)
    if user.is_secretary and not user.is_staff:
        yield _resting(claims, user)
        yield _lists(user)
    if user.is_partner:
        yield _own_steps(user, today)


def _to_check(needs: NeedQuerySet) -> Pile:
    kind = _("Need to check")

    def make(rows: list[Need]) -> list[Task]:
        due = working_days_after(
            {timezone.localdate(need.created_at) for need in rows}, CHECK_WITHIN
        )
        return [
            _need(kind, need, _("Check"), due[timezone.localdate(need.created_at)]) for need in rows
        ]

    return pile(
        kind,
        needs.unchecked().longest_waiting(),
        make,
        url=reverse("need_list") + "?state=new",
        late_url=reverse("need_list") + "?state=new&overdue=on",
    )


def _to_answer(late: NeedQuerySet) -> Pile:
    kind = _("Need to answer")
    within = timedelta(days=ANSWER_WITHIN)
    return pile(
        kind,
        late.unanswered().longest_waiting(),
        lambda rows: [
            _need(kind, need, _("Answer"), timezone.localdate(need.checked_at) + within)
            for need in rows
        ],
        url=reverse("need_list") + "?state=open&overdue=on",
    )


def _to_wind_up(needs: NeedQuerySet) -> Pile:
    kind = _("Need whose project has ended")
    return pile(
        kind,
        needs.awaiting_outcome().longest_waiting(),
        lambda rows: [_need(kind, need, _("Say what became of it")) for need in rows],
        url=reverse("need_list") + "?state=ended",
    )


def _need(kind: str, need: Need, verb: str, due_on: date | None = None) -> Task:
    return Task(kind, f"{need.community} · {need}", need.get_absolute_url(), verb, due_on)


def _claims(claims: ClaimQuerySet, user: User) -> Pile:
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

    return pile(
        kind,
        claims.unconfirmed().on_page().order_by("held_at", "pk"),
        make,
        url=reverse("claim_list") + "?state=claimed",
        late_url=reverse("claim_list") + "?state=claimed&overdue=on",
    )


def _resting(claims: ClaimQuerySet, user: User) -> Pile:
    kind = _("Claim of a partner without a running agreement")
    return pile(
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


def _lists(user: User) -> Pile:
    kind = _("Project list to publish")
    return pile(
        kind,
        ProjectList.objects.manageable_by(user).with_drafts_to_publish(),
        lambda rows: [
            Task(
                kind,
                _drafted(project_list),
                reverse("projectlist_publish", args=[project_list.pk]),
                _("Publish list"),
            )
            for project_list in rows
        ],
        url=reverse("projectlist_list"),
    )


def _drafted(project_list: ProjectList) -> str:
    count = project_list.draft_count  # type: ignore[attr-defined]
    return ngettext(
        "%(list)s: %(count)d project drafted", "%(list)s: %(count)d projects drafted", count
    ) % {"list": project_list, "count": count}


def _late_steps(steps: StepQuerySet, user: User) -> Pile:
    kind = _("Overdue step")
    return pile(
        kind,
        steps.overdue().on_page(),
        lambda rows: [_step(kind, step, user, step.claim.partner) for step in rows],
        url=reverse("step_list") + "?due=overdue",
    )


def _own_steps(user: User, today: date) -> Pile:
    kind = _("Step of a plan")
    return pile(
        kind,
        Step.objects.represented_by(user).pending().due_by(today + STEPS_AHEAD).on_page(),
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
