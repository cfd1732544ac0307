"""What there is to do about partners: vet, sign, renew."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.worklist import Task, TaskGroup, sources, task_group
from partners.models import Partner, PartnerQuerySet
from partners.terms import ENDING_WITHIN


@sources.register
def tasks(user: User, today: date) -> Iterator[TaskGroup]:
    """For staff: applications to vet, partners to sign, agreements to renew."""
    if not user.is_staff:
        return
    partners = Partner.objects.order_by("created_at", "pk")
    yield _steps(_("Application"), _("Vet"), "partner_vet", partners.applied(), "?status=applied")
    yield _steps(_("Vetted"), _("Sign"), "partner_sign", partners.vetted(), "?status=vetted")
    kind, renew = _("Agreement ends"), _("Renew")
    soon = today + timedelta(days=ENDING_WITHIN)
    ending = partners.ending_by(soon).order_by("agreement_ends_on", "pk")
    yield _steps(kind, renew, "partner_renew", ending, "?ending=on")


def _steps(kind: str, verb: str, step: str, partners: PartnerQuerySet, query: str) -> TaskGroup:
    """A group of partners to take one step, each with the way to that step's page."""
    return task_group(
        kind,
        partners,
        lambda rows: [
            Task(kind, row.name, reverse(step, args=[row.pk]), verb, row.agreement_ends_on)
            for row in rows
        ],
        url=reverse("partner_list") + query,
    )
