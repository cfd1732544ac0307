"""The words of reminders about claims and plans, made by the worker when it sends them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.foundation.dates import day
from banyang.reminders.kinds import Notice, kind
from projects.claims.models import Claim, Step


def _for_partner(claim: Claim, user: User) -> bool:
    return claim.partner_id in user.partner_ids


def _for_community(claim: Claim, user: User) -> bool:
    return claim.project.list.community_id in user.community_ids


def _for_both(claim: Claim, user: User) -> bool:
    return _for_partner(claim, user) or _for_community(claim, user)


def _steps() -> "QuerySet[Step]":
    return Step.objects.select_related("claim__project__list__community", "claim__partner")


def _claims() -> "QuerySet[Claim]":
    return Claim.objects.on_page()


def _claim_words(claim: Claim) -> dict[str, Any]:
    return {
        "partner": claim.partner,
        "project": claim.project,
        "community": claim.project.community,
        "reason": claim.why_ended.rstrip("。."),  # our sentence goes on to its own stop
    }


@kind(
    "step_due",
    gettext_lazy("a step of a plan is due soon"),
    _steps,
    lambda step, user: _for_partner(step.claim, user),
)
def _step_due(step: Step, recipient: User) -> Notice | None:
    if not step.is_pending or step.is_overdue:  # another kind says that to both sides
        return None
    words = {"step": step, "project": step.claim.project, "day": day(step.due_on)}
    return Notice(
        _("“%(step)s” of “%(project)s” is due on %(day)s.") % words,
        step.claim.get_absolute_url(),
    )


@kind(
    "step_overdue",
    gettext_lazy("a step of a plan is overdue"),
    _steps,
    lambda step, user: _for_both(step.claim, user),
)
def _step_overdue(step: Step, recipient: User) -> Notice | None:
    if not step.is_pending:
        return None
    words = {
        "step": step,
        "project": step.claim.project,
        "partner": step.claim.partner,
        "day": day(step.due_on),
    }
    if step.is_overdue:
        text = _(
            "“%(step)s” of “%(project)s” (%(partner)s) was due on %(day)s: "
            "mark it as done or agree a new date."
        )
    else:  # as the ledger shows it until then
        text = _(
            "“%(step)s” of “%(project)s” (%(partner)s) is due on %(day)s. "
            "Both sides are reminded if it is not done by then."
        )
    return Notice(text % words, step.claim.get_absolute_url())


@kind("claim_unconfirmed", gettext_lazy("a claim is not confirmed yet"), _claims, _for_community)
def _claim_unconfirmed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.CLAIMED:
        return None
    words = _claim_words(claim) | {"day": day(claim.held_at)}
    return Notice(
        _("%(partner)s has waited since %(day)s for you to confirm its claim on “%(project)s”.")
        % words,
        claim.get_absolute_url(),
    )


@kind("claim_place_free", gettext_lazy("a place has come free"), _claims, _for_both)
def _claim_place_free(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.CLAIMED:
        return None
    if claim.partner_id in recipient.partner_ids:
        text = _(
            "A place has come free: %(partner)s now holds it in “%(project)s” (%(community)s). "
            "The community will get in touch about the plan."
        )
    else:
        text = _(
            "A place in “%(project)s” came free and passed to %(partner)s, next in line. "
            "Please agree the plan and confirm the claim."
        )
    return Notice(text % _claim_words(claim), claim.get_absolute_url())


@kind("claim_withdrawn", gettext_lazy("a partner withdrew a claim"), _claims, _for_community)
def _claim_withdrawn(claim: Claim, recipient: User) -> Notice | None:
    return Notice(
        _("%(partner)s withdrew from “%(project)s”: %(reason)s.") % _claim_words(claim),
        claim.get_absolute_url(),
    )


@kind("claim_released", gettext_lazy("a claim was released"), _claims, _for_partner)
def _claim_released(claim: Claim, recipient: User) -> Notice | None:
    if claim.ended_with_project:
        text = _(
            "%(community)s cancelled “%(project)s”, so that the claim of %(partner)s has ended: "
            "%(reason)s."
        )
    else:
        text = _("%(community)s released the claim of %(partner)s on “%(project)s”: %(reason)s.")
    return Notice(text % _claim_words(claim), claim.get_absolute_url())


@kind("claim_confirmed", gettext_lazy("a claim was confirmed"), _claims, _for_partner)
def _claim_confirmed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.CONFIRMED:
        return None
    words = _claim_words(claim) | {"day": day(claim.deadline_on)}
    return Notice(
        _("%(community)s confirmed your claim on “%(project)s”. The plan runs until %(day)s.")
        % words,
        claim.get_absolute_url(),
    )


@kind("claim_completed", gettext_lazy("a claim was completed"), _claims, _for_partner)
def _claim_completed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.COMPLETED:
        return None
    return Notice(
        _("%(community)s accepted “%(project)s” as completed. Thank you, %(partner)s!")
        % _claim_words(claim),
        claim.get_absolute_url(),
    )
