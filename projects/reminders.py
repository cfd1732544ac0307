"""Which of a project's things people are told, when, and in what words."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.office.calendar import add_working_days, working_days_before
from banyang.office.models import Office
from banyang.reminders.actions import forget, remind, told_of
from banyang.reminders.kinds import Notice, kind
from banyang.templatetags.banyang import day, moment
from partners.models import Partner
from projects.models import Claim, ProjectList, Step
from projects.models.claims import UNCONFIRMED_AFTER

STEP_AHEAD = (7, 1)  # days before a step is due


# --- Writing it down: called by the actions, inside their transactions ---------------------


def _morning(working_day: date) -> datetime:
    """When the office's reminder hours begin on a working day."""
    return timezone.make_aware(datetime.combine(working_day, Office.current().remind_from))


def _last_working_day(on: date) -> date:
    """`on`, or the working day before it: a weekend's step is announced on the Friday."""
    return working_days_before(on + timedelta(days=1), 1)


def _tell(kind_name: str, subject: Model, *groups: Iterable[User], occasion: str = "") -> None:
    """Write down that everybody in `groups` is told: in the inbox at once, by e-mail decently."""
    recipients = {user.pk: user for group in groups for user in group}
    remind(
        kind=kind_name,
        recipients=recipients.values(),
        subject=subject,
        due_at=timezone.now(),
        occasion=occasion,
    )


def ask_to_confirm(claim: Claim) -> None:
    """Remind the secretaries of a claim that they have left unconfirmed for 3 working days."""
    remind(
        kind="claim_unconfirmed",
        recipients=claim.project.community.people(),
        subject=claim,
        due_at=_morning(add_working_days(timezone.localdate(), UNCONFIRMED_AFTER)),
    )


def tell_place_free(claim: Claim) -> None:
    """Tell the partner and the secretaries that `claim` has moved up to a free place."""
    _tell(
        "claim_place_free",
        claim,
        claim.partner.people(),
        claim.project.community.people(),
    )


def tell_withdrawn(claim: Claim) -> None:
    _tell("claim_withdrawn", claim, claim.project.community.people())


def tell_released(claim: Claim) -> None:
    _tell("claim_released", claim, claim.partner.people())


def tell_confirmed(claim: Claim) -> None:
    _tell("claim_confirmed", claim, claim.partner.people())


def tell_completed(claim: Claim) -> None:
    _tell(
        "claim_completed",
        claim,
        claim.partner.people(),
        occasion=f"{claim.ended_at:%Y%m%d%H%M%S}",
    )


def tell_opening(project_list: ProjectList) -> None:
    """Tell the members of every partner that may claim when a list just published opens.

    That an earlier publication was taken back is no news while this one stands.
    """
    _tell(
        "projectlist_opens",
        project_list,
        members_of_running_partners(),
        occasion=str(project_list.published_at),
    )


def tell_moved(project_list: ProjectList) -> None:
    """Tell whoever knows when a list was to open that it opens at another moment.

    Who has not been told yet will be told the new moment, as it is then.
    """
    _correct("projectlist_moved", project_list)


def tell_recalled(project_list: ProjectList) -> None:
    """Tell whoever knows of a list that it is taken back; nobody else hears of it.

    Expects it to be still published: that says who knows.
    """
    forget(kind="projectlist_opens", subject=project_list)
    _correct("projectlist_recalled", project_list)


def all_told_by(written_at: datetime) -> datetime:
    """When everybody has been told what is written down at `written_at`, and has had time for it.

    Messages go out in the reminder hours of working days, one a day: who has had today's gets it
    with the next working day's. So that one is left to hear of it, and the next to act on it.
    """
    return _morning(add_working_days(timezone.localdate(written_at), 2))


def told(project_list: ProjectList) -> "QuerySet[User]":
    """Who has heard when a list opens, since it was published."""
    since = project_list.published_at
    if since is None:
        return User.objects.none()
    return told_of(project_list, "projectlist_opens", "projectlist_moved", since=since)


def _correct(kind_name: str, project_list: ProjectList) -> None:
    """Tell whoever has heard of a list what has become of it, once if it changes again."""
    forget(kind="projectlist_moved", subject=project_list)
    _tell(kind_name, project_list, told(project_list), occasion=timezone.now().isoformat())


def members_of_running_partners() -> "QuerySet[User]":
    running = Partner.objects.running()
    return User.objects.active().filter(memberships__partner__in=running).distinct()


def plan_steps(claim: Claim, steps: Iterable[Step]) -> None:
    """Remind of `steps`: the partner 7 days and 1 day ahead, both sides when one is overdue.

    What would have been due before now is left out: whoever has just agreed the plan knows it.
    """
    members = list(claim.partner.people())
    secretaries = list(claim.project.community.people())
    now = timezone.now()
    for step in steps:
        for days in STEP_AHEAD:
            due_at = _morning(_last_working_day(step.due_on - timedelta(days=days)))
            if due_at >= now:
                remind(
                    kind="step_due",
                    recipients=members,
                    subject=step,
                    due_at=due_at,
                    occasion=f"{step.due_on}:{days}",
                )
        remind(
            kind="step_overdue",
            recipients={user.pk: user for user in [*members, *secretaries]}.values(),
            subject=step,
            due_at=_morning(add_working_days(step.due_on, 1)),
            occasion=str(step.due_on),
        )


def forget_step(step: Step) -> None:
    """Take back what was still to be said about `step`: its date changed or it fell away."""
    forget(kind="step_due", subject=step)
    forget(kind="step_overdue", subject=step)


# --- Saying it: by the worker, at the moment of sending ------------------------------------


def _steps() -> "QuerySet[Step]":
    return Step.objects.select_related("claim__project__list__community", "claim__partner")


def _claims() -> "QuerySet[Claim]":
    return Claim.objects.on_page()


def _lists() -> "QuerySet[ProjectList]":
    return ProjectList.objects.select_related("community")


def _claim_words(claim: Claim) -> dict[str, Any]:
    return {
        "partner": claim.partner,
        "project": claim.project,
        "community": claim.project.community,
        "reason": claim.end_reason,
    }


@kind("step_due", gettext_lazy("a step of a plan is due soon"), _steps)
def _step_due(step: Step, recipient: User) -> Notice | None:
    if not step.is_pending:
        return None
    words = {"step": step, "project": step.claim.project, "day": day(step.due_on)}
    return Notice(
        _("“%(step)s” of “%(project)s” is due on %(day)s.") % words,
        step.claim.get_absolute_url(),
    )


@kind("step_overdue", gettext_lazy("a step of a plan is overdue"), _steps)
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


@kind("claim_unconfirmed", gettext_lazy("a claim is not confirmed yet"), _claims)
def _claim_unconfirmed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.CLAIMED:
        return None
    words = _claim_words(claim) | {"day": day(claim.held_at)}
    return Notice(
        _("%(partner)s has waited since %(day)s for you to confirm its claim on “%(project)s”.")
        % words,
        claim.get_absolute_url(),
    )


@kind("claim_place_free", gettext_lazy("a place has come free"), _claims)
def _claim_place_free(claim: Claim, recipient: User) -> Notice | None:
    if claim.state not in Claim.HOLDING:
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


@kind("claim_withdrawn", gettext_lazy("a partner withdrew a claim"), _claims)
def _claim_withdrawn(claim: Claim, recipient: User) -> Notice | None:
    return Notice(
        _("%(partner)s withdrew from “%(project)s”: %(reason)s") % _claim_words(claim),
        claim.get_absolute_url(),
    )


@kind("claim_released", gettext_lazy("a claim was released"), _claims)
def _claim_released(claim: Claim, recipient: User) -> Notice | None:
    return Notice(
        _("%(community)s released the claim of %(partner)s on “%(project)s”: %(reason)s")
        % _claim_words(claim),
        claim.get_absolute_url(),
    )


@kind("claim_confirmed", gettext_lazy("a claim was confirmed"), _claims)
def _claim_confirmed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.CONFIRMED:
        return None
    words = _claim_words(claim) | {"day": day(claim.deadline_on)}
    return Notice(
        _("%(community)s confirmed your claim on “%(project)s”. The plan runs until %(day)s.")
        % words,
        claim.get_absolute_url(),
    )


@kind("claim_completed", gettext_lazy("a claim was completed"), _claims)
def _claim_completed(claim: Claim, recipient: User) -> Notice | None:
    if claim.state != Claim.State.COMPLETED:
        return None
    return Notice(
        _("%(community)s accepted “%(project)s” as completed. Thank you, %(partner)s!")
        % _claim_words(claim),
        claim.get_absolute_url(),
    )


@kind("projectlist_opens", gettext_lazy("a project list opens"), _lists)
def _projectlist_opens(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.PUBLISHED:
        return None
    words = {"list": project_list, "moment": moment(project_list.opens_at)}
    if project_list.opens_later:
        text = _("“%(list)s” is published and opens for claims on %(moment)s.")
    else:
        text = _("“%(list)s” is published and open for claims.")
    return Notice(text % words, reverse("projectlist_detail", args=[project_list.pk]))


@kind("projectlist_moved", gettext_lazy("a list opens at another time"), _lists)
def _projectlist_moved(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.PUBLISHED:
        return None
    words = {"list": project_list, "moment": moment(project_list.opens_at)}
    if project_list.opens_later:
        text = _("The opening of “%(list)s” has been moved: claim from %(moment)s on.")
    else:  # whoever hears of it late was told another time
        text = _("The opening of “%(list)s” was moved, and it is open for claims.")
    return Notice(text % words, reverse("projectlist_detail", args=[project_list.pk]))


@kind("projectlist_recalled", gettext_lazy("a list was taken back"), _lists)
def _projectlist_recalled(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.DRAFT:
        return None
    return Notice(
        _("“%(list)s” was taken back before its opening. You are told when it is published again.")
        % {"list": project_list},
        reverse("projectlist_list"),
    )
