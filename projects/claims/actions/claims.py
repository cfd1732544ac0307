"""Claiming a project's places, and giving them up.

Whatever takes places or gives them up locks the project's row first. So a rush is served one by
one, in the order in which the lock was got: that order is the waiting list's, kept in `asked_at`
and `pk`.
"""

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, acting, action
from banyang.foundation.dates import moment
from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from partners.capacity import pass_on, pass_on_each
from partners.models import Partner
from projects.claims import reminders
from projects.claims.models import Claim
from projects.claims.projects import with_a_line
from projects.lists.models import Project, ProjectList


@action
def claim_project(
    *, project: Project, partner: Partner, by: User, quantity: int = 1, waits: bool = True
) -> tuple[Claim, bool]:
    """Claim `quantity` places of `project` for `partner`.

    Returns the claim and whether it is new: a partner that already has an active claim on as much
    of the project gets that one back, so a second click does no harm. The new claim holds its
    places if that many are left, and else waits in line.

    Raises `Refused` if the partner has claimed another quantity, the project is not open, the
    partner's agreement does not run, or the quantity is not possible; and, unless the partner
    `waits` for so many, if fewer are left.
    """
    project = Project.objects.lock(project.pk)
    # Nobody in line is overtaken: somebody passed over for want of a running agreement may have
    # one again, and goes first. What is then left fits none of those who wait.
    if project.left and project.claims.waiting().exists():
        pass_on_places(project=project)
    existing = project.claims.active().filter(partner=partner).first()
    if existing is not None:
        _refuse_unless_same(existing, project, quantity)
        return existing, False
    _check_claim(project, partner, quantity)
    fits = quantity <= project.left
    if not fits and project.left and not waits:
        raise Refused(_too_few_left(project, quantity))
    claim = Claim.objects.create(
        project=project,
        partner=partner,
        quantity=quantity,
        state=Claim.State.CLAIMED if fits else Claim.State.WAITING,
        held_at=Now() if fits else None,
        claimed_by=by,
    )
    claim.held_at = claim.asked_at if fits else None  # the same moment, read back
    if fits:
        reminders.ask_to_confirm([claim])
    return claim, True


def _refuse_unless_same(claim: Claim, project: Project, quantity: int) -> None:
    if claim.quantity == quantity:
        return
    if claim.state == Claim.State.WAITING:
        said = _(
            "%(partner)s is on the waiting list of this project for %(quantity)d%(unit)s. To ask "
            "for another quantity, withdraw that claim first; the new one joins the end of the line."
        )
    elif claim.state == Claim.State.COMPLETED:
        said = _(
            "%(partner)s has taken %(quantity)d%(unit)s of this project, and that claim is "
            "completed. Ask the community whether there is more to do."
        )
    else:
        said = _(
            "%(partner)s already holds %(quantity)d%(unit)s of this project. To take another "
            "quantity, withdraw that claim first; its places pass to whoever waits in line."
        )
    raise Refused(
        said % {"partner": claim.partner, "quantity": claim.quantity, "unit": project.unit}
    )


def _check_claim(project: Project, partner: Partner, quantity: int) -> None:
    # Read before we waited for the lock; an agreement may have been ended meanwhile, or the
    # opening moved.
    partner.refresh_from_db(fields=["status", "agreement_ends_on"])
    project.list.refresh_from_db(fields=["state", "opens_at"])
    if not partner.is_running:
        raise Refused(partner.why_not_running)
    if not project.is_open():
        raise Refused(_why_not_open(project))
    if quantity < 1 or (quantity > 1 and not project.by_quantity):
        raise Refused(_("A partner takes one place of this project."))
    if quantity > project.capacity:
        raise Refused(
            _("The project has only %(capacity)d%(unit)s altogether; %(left)d%(unit)s are left.")
            % {"capacity": project.capacity, "left": project.left, "unit": project.unit}
        )


def _too_few_left(project: Project, quantity: int) -> str:
    return _(
        "Only %(left)d%(unit)s are left. Take no more than that, or tick that you wait in line "
        "for all %(quantity)d%(unit)s."
    ) % {"left": project.left, "quantity": quantity, "unit": project.unit}


def _why_not_open(project: Project) -> str:
    if project.list.state == ProjectList.State.PUBLISHED and project.state == (
        Project.State.PUBLISHED
    ):
        return _("This project opens for claims on %(moment)s. Please come back then.") % {
            "moment": moment(project.list.opens_at)
        }
    return _("This project is %(state)s and can't be claimed.") % {
        "state": project.get_state_display()
    }


@action
def withdraw_claim(*, claim: Claim, reason: str, by: User) -> list[Claim]:
    """Give up `claim` for its partner, saying why; its places pass on.

    Returns the claims that got them. Harmless to repeat. Raises `Refused` if the claim is
    completed or was released.
    """
    promoted = _end_claim(claim, Claim.State.WITHDRAWN, reason)
    reminders.tell_withdrawn(claim)
    return promoted


@action
def release_claim(*, claim: Claim, reason: str, by: User) -> list[Claim]:
    """Take the places of `claim` back for the community, saying why; they pass on.

    Returns the claims that got them. The partner is told the reason. Harmless to repeat.
    Raises `Refused` if the claim is completed or was withdrawn.
    """
    promoted = _end_claim(claim, Claim.State.RELEASED, reason)
    reminders.tell_released([claim])
    return promoted


def _end_claim(claim: Claim, to: str, reason: str) -> list[Claim]:
    project = Project.objects.lock(claim.project_id)
    # It may have got its place, or been ended by a first click, while we waited for the lock.
    claim.refresh_from_db(fields=["state", "end_reason", "ended_at"])
    if claim.state == to:
        return []
    move(claim, to, ended_at=timezone.now(), end_reason=reason)
    return pass_on_places(project=project)


def pass_on_places(*, project: Project) -> list[Claim]:
    """Give the free places of `project` to those in line, and tell everybody concerned.

    Expects the project's row to be locked. Returns the claims that now hold places.
    """
    project.refresh_from_db(fields=["taken"])
    if project.state != Project.State.PUBLISHED or project.left == 0:
        return []
    promoted = pass_on(project, project.claims.all(), to=Claim.State.CLAIMED)
    for claim in promoted:
        claim.project = project
    if promoted:
        reminders.tell_places_free(promoted)
        reminders.ask_to_confirm(promoted)
    return promoted


def pass_on_free_places(*, by: Actor) -> list[Claim]:
    """Give places that are free to those in line who may have them by now; returns their claims.

    Each project in a transaction of its own: one that fails holds up no other.
    """
    with acting(by):
        return pass_on_each(
            with_a_line(Project.objects.published().with_capacity_left()),
            lambda project: pass_on_places(project=Project.objects.lock(project.pk)),
        )
