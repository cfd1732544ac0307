"""What a community does with a project that partners may have claimed: change, cancel, complete it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from projects.claims import reminders
from projects.claims.actions.claims import pass_on_places
from projects.claims.models import PROJECT_COMPLETED, Claim
from projects.lists.actions import ProjectDetails, give_needs_back
from projects.lists.models import Project
from projects.needs.actions import note_project_ended


@action
def edit_project(*, project: Project, details: ProjectDetails, by: User) -> list[Claim]:
    """Change `project`. More places go to those in line at once.

    Returns the claims that got places. Raises `Refused` if the project is closed, if fewer
    places are left than are taken or than somebody in line asks for, or if several places are
    held where it should be one each.
    """
    project = Project.objects.lock(project.pk)
    if project.state not in (Project.State.DRAFT, Project.State.PUBLISHED):
        raise Refused(
            _("This project is %(state)s and can't be changed.")
            % {"state": project.get_state_display()}
        )
    if details.capacity < project.taken:
        raise Refused(
            ngettext(
                "%(taken)d place is taken. Release claims before you go below that.",
                "%(taken)d places are taken. Release claims before you go below that.",
                project.taken,
            )
            % {"taken": project.taken}
        )
    _check_line(project, details.capacity)
    if not details.by_quantity and project.claims.active().filter(quantity__gt=1).exists():
        raise Refused(_("Partners have claimed several places, so it can't be one place each now."))
    for name, value in details.values().items():
        setattr(project, name, value)
    project.save(update_fields=list(details.values()))
    return pass_on_places(project=project)


def _check_line(project: Project, capacity: int) -> None:
    """Refuse what would leave somebody in line for ever, without a word."""
    line = project.claims.waiting().in_line().select_related("partner")
    too_large = [claim for claim in line if claim.quantity > capacity]
    if too_large:
        claimants = [
            _("%(partner)s (%(quantity)d)") % {"partner": claim.partner, "quantity": claim.quantity}
            for claim in too_large
        ]
        raise Refused(
            _(
                "On the waiting list for more places than that: %(claimants)s. "
                "Release these claims first, saying why: the partners are told."
            )
            % {"claimants": _(", ").join(claimants)}
        )


@action
def cancel_project(*, project: Project, reason: str, by: User) -> list[Claim]:
    """Cancel a published project, saying why: its claims are released and their partners told.

    Completed claims stay: what was done was done. Returns the claims that ended. Harmless to repeat
    with the same reason. Raises `Refused` if the project is not published.
    """
    project = Project.objects.lock(project.pk)
    if project.state == Project.State.CANCELLED and project.cancel_reason == reason:
        return list(project.claims.released_for(reason))
    move(project, Project.State.CANCELLED, cancel_reason=reason)
    give_needs_back(project=project, by=by)
    return _release_rest(project, reason)


@action
def complete_project(*, project: Project, by: User) -> list[Claim]:
    """Close a project all of whose claims are completed; who still waits in line is told.

    Returns the claims that ended on the waiting list. Harmless to repeat. Raises `Refused` if
    nothing was done yet or a claim still runs.
    """
    project = Project.objects.lock(project.pk)
    if project.state == Project.State.COMPLETED:
        return list(project.claims.released_for(PROJECT_COMPLETED))
    running = project.claims.running().count()
    if running:
        raise Refused(
            ngettext(
                "%(count)d claim still runs. Complete or release it first.",
                "%(count)d claims still run. Complete or release them first.",
                running,
            )
            % {"count": running}
        )
    if not project.claims.completed().exists():
        raise Refused(_("No claim on this project has been completed. Cancel it instead."))
    move(project, Project.State.COMPLETED)
    note_project_ended(needs=project.needs.all(), has_ended=True, by=by)
    return _release_rest(project, PROJECT_COMPLETED)


@action
def reopen_project(*, project: Project, by: User) -> None:
    """Open a completed project again. Raises `Refused` if it is not completed."""
    project = Project.objects.lock(project.pk)
    move(project, Project.State.PUBLISHED)
    note_project_ended(needs=project.needs.all(), has_ended=False, by=by)


def _release_rest(project: Project, reason: str) -> list[Claim]:
    ended = list(project.claims.unfinished().select_related("partner"))
    for claim in ended:
        move(claim, Claim.State.RELEASED, ended_at=timezone.now(), end_reason=reason)
    reminders.tell_released(ended)
    return ended
