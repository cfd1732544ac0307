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
    yield _waiting(_("Application"), _("Vet"), "partner_vet", partners.applied(), "?status=applied")
    yield _waiting(_("Vetted"), _("Sign"), "partner_sign", partners.vetted(), "?status=vetted")
    kind, renew = _("Agreement ends"), _("Renew")
    soon = today + timedelta(days=ENDING_WITHIN)
    ending = partners.ending_by(soon).order_by("agreement_ends_on", "pk")
    yield _waiting(kind, renew, "partner_renew", ending, "?ending=on")


def _waiting(
    kind: str, verb: str, url_name: str, partners: PartnerQuerySet, query: str
) -> TaskGroup:
    """Partners that wait for one transition, each with the link to that transition's page."""
    return task_group(
        kind,
        partners,
        lambda rows: [
            Task(kind, row.name, reverse(url_name, args=[row.pk]), verb, row.agreement_ends_on)
            for row in rows
        ],
        url=reverse("partner_list") + query,
    )
