"""What was delivered on a claim, recorded once by whoever was there, and its acceptance."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.dates import day, moment
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked, move
from banyang.foundation.once import token_of
from projects.claims import reminders
from projects.claims.models import Claim
from projects.deliveries.models import Delivery
from projects.lists.models import Project


@dataclass(frozen=True)
class DeliveryDetails:
    """One session or handover. `residents_served` is its head count, 0 for goods."""

    delivered_on: date
    content: str
    residents_served: int
    location: str = ""


@action
def record_delivery(
    *, claim: Claim, details: DeliveryDetails, form_token: UUID, by: User
) -> tuple[Delivery, bool]:
    """Record a delivery on a confirmed claim.

    `form_token` was drawn when the form was shown: the same sent twice with it records once.
    Returns the delivery and whether it is new. Raises `Refused` if the claim is not confirmed, the
    date is before the claim or in the future, or `by` has recorded just the same from another form
    within minutes.
    """
    token = token_of(form_token, claim, asdict(details))
    if delivery := Delivery.objects.filter(form_token=token).first():
        return delivery, False
    _check(claim, details)
    recorded = {"claim": claim, "recorded_by": by, **asdict(details)}
    # With the claim locked: the same form may have been sent at the same moment.
    like = Delivery.objects.just_like(**recorded).exclude(form_token=token).first()
    if like is not None:
        raise Refused(_just_recorded(like))
    return Delivery.objects.get_or_create(form_token=token, defaults=recorded)


def _just_recorded(delivery: Delivery) -> str:
    """To whoever went back and sent the same again, and to whoever has been there twice."""
    return _(
        "You recorded just this on %(moment)s already. If there was another session, say what "
        "sets it apart, such as its hour or its place."
    ) % {"moment": moment(delivery.recorded_at)}


@action
def edit_delivery(*, delivery: Delivery, details: DeliveryDetails, by: User) -> None:
    """Correct a delivery. Raises `Refused` as `record_delivery` does."""
    _check(delivery.claim, details)
    delivery = locked(Delivery.objects, delivery.pk)
    for name, value in asdict(details).items():
        setattr(delivery, name, value)
    delivery.save(update_fields=list(asdict(details)))


@action
def remove_delivery(*, delivery: Delivery, by: User) -> None:
    """Take back a delivery recorded by mistake; its history stays.

    Raises `Refused` if its claim is not confirmed any more.
    """
    _check_confirmed(delivery.claim)
    delivery.delete()


def _check(claim: Claim, details: DeliveryDetails) -> None:
    _check_confirmed(claim)
    if details.delivered_on > timezone.localdate():
        raise Refused(_("This day has not come yet. Record a delivery once it has happened."))
    if details.delivered_on < claim.asked_on:
        raise Refused(
            _("The project was claimed on %(day)s: nothing was delivered before.")
            % {"day": day(claim.asked_on)}
        )


def _check_confirmed(claim: Claim) -> None:
    claim = Claim.objects.lock(claim.pk)
    if claim.state != Claim.State.CONFIRMED:
        raise Refused(
            _("Deliveries are recorded while a claim is confirmed; this one is %(state)s.")
            % {"state": claim.get_state_display()}
        )


@action
def complete_claim(*, claim: Claim, by: User) -> None:
    """Accept what the partner delivered: the claim is completed and keeps its places.

    Harmless to repeat. Raises `Refused` if the claim is not confirmed or nothing was recorded as
    delivered yet.
    """
    # So that nobody takes the last delivery back meanwhile; a first click may have completed it.
    if Claim.objects.lock(claim.pk).state == Claim.State.COMPLETED:
        return
    if not Delivery.objects.filter(claim=claim).exists():
        raise Refused(_("Nothing has been recorded yet. Record what was done, then complete it."))
    move(claim, Claim.State.COMPLETED, ended_at=timezone.now())
    reminders.tell_completed(claim)


@action
def reopen_claim(*, claim: Claim, by: User) -> None:
    """Take the completion of `claim` back; its plan goes on, and so do the reminders of its steps.

    Raises `Refused` if the claim is not completed or its project is closed.
    """
    project = Project.objects.lock(claim.project_id)
    if project.state != Project.State.PUBLISHED:
        raise Refused(_("The project is closed. Reopen the project first."))
    move(claim, Claim.State.CONFIRMED, ended_at=None)
    reminders.forget_completed(claim)
    reminders.plan_steps(claim, claim.steps.pending())
