"""What there is to do about partners: vet, sign, renew."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.worklist import More, Task, some
from partners.models import Partner

RENEW_WITHIN = timedelta(days=60)


def tasks(user: User, today: date) -> Iterator[Task | More]:
    """For staff: applications to vet, partners to sign, agreements to renew in 60 days."""
    if not user.is_staff:
        return
    for kind, verb, partners, query in (
        (_("Application"), _("Vet"), Partner.objects.applied(), "?status=applied"),
        (_("Vetted"), _("Sign"), Partner.objects.vetted(), "?status=vetted"),
    ):
        yield from some(
            partners.order_by("created_at", "pk"),
            lambda partner, kind=kind, verb=verb: Task(
                kind, partner.name, partner.get_absolute_url(), verb
            ),
            More(kind, reverse("partner_list") + query),
        )
    kind = _("Agreement ends")
    yield from some(
        Partner.objects.ending_by(today + RENEW_WITHIN).order_by("agreement_ends_on", "pk"),
        lambda partner: Task(
            kind, partner.name, partner.get_absolute_url(), _("Renew"), partner.agreement_ends_on
        ),
        More(kind, reverse("partner_list") + "?ending=on"),
    )
