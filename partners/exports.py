"""The partner list as an Excel file."""

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from banyang.accounts.actions import record_export
from banyang.accounts.models import User
from banyang.foundation import phones
from banyang.foundation.exports import Column, make_export
from banyang.office.models import Office
from partners.models import Partner, PartnerQuerySet

CHUNK = 2000  # rows fetched from the server-side cursor at a time


def partner_export_file(
    partners: PartnerQuerySet, *, query: str, by: User, phones_shown: bool = False
) -> FileResponse:
    """`partners`, in their order, as an Excel file; who took it, and how many, is recorded.

    `query` is the query string of the list it is taken from. Phone numbers are masked unless
    `phones_shown`.
    """
    response, count = make_export(
        title=_("Partner ledger with phone numbers") if phones_shown else _("Partner ledger"),
        columns=_columns(),
        rows=_rows(partners, phones_shown),
        filed_by=Office.current().name,
    )
    record_export(model=Partner, query=query, rows=count, by=by, phones_shown=phones_shown)
    return response


def _columns() -> list[Column]:
    return [
        Column(_("Number"), 7, "number"),
        Column(_("Name"), 30),
        Column(_("Kind"), 11),
        Column(_("Unified social credit code"), 21),
        Column(_("Community"), 12),
        Column(_("Address"), 28),
        Column(_("Main contact"), 10),
        Column(_("Phone"), 14),
        Column(_("Signed on"), 12, "date"),
        Column(_("Agreement ends on"), 12, "date"),
        Column(_("Status"), 9),
        Column(_("Party branch"), 18),
        Column(_("What the partner can offer"), 28),
    ]


def _rows(partners: PartnerQuerySet, phones_shown: bool) -> Iterator[tuple[Any, ...]]:
    kinds = {value: str(label) for value, label in Partner.Kind.choices}
    statuses = {key: str(label) for key, label in Partner.status_words().items()}
    rows = partners.in_rows("credit_code", "address", "party_branch", "offers")
    for row in rows.iterator(CHUNK):
        yield (
            row.number,
            row.name,
            kinds[row.kind],
            row.credit_code,
            row.community_name,
            row.address,
            row.contact_name,
            row.contact_phone if phones_shown else phones.mask(row.contact_phone),
            row.signed_on,
            row.agreement_ends_on,
            statuses[row.status, row.number is not None],
            row.party_branch,
            row.offers,
        )
