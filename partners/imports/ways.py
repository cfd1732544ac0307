"""What a list tells of the ways of its partners: the steps to write, and those to correct."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from partners.imports.models import PartnerImport
from partners.models import Partner, StatusChange

Status = Partner.Status
Moved = tuple[Partner, dict[str, Any]]  # as it is now, and by its name what each moved day was


class Ways:
    """Tells the steps of one import.

    A list tells the day of signing, and of no other step: those stand on the day of the import,
    and say so.
    """

    def __init__(self, partner_import: PartnerImport) -> None:
        self.by = partner_import.committed_by
        self.today = timezone.localdate()
        # Everybody reads it, so it is in the office's language and not in the clerk's.
        with translation.override(settings.LANGUAGE_CODE):
            number = {"number": partner_import.pk}
            self.reason = gettext("Import no. %(number)s") % number
            self.reason_without_day = (
                gettext("Import no. %(number)s: the list tells no day, so the import's stands here")
                % number
            )

    def begin(self, partner: Partner) -> Iterator[StatusChange]:
        """The steps of a new partner: who has signed and then left or rests took two."""
        before = ""
        if partner.signed_on:
            yield self.sign(partner, before)
            before = Status.SIGNED
        if partner.status != before:
            yield self._step(partner, before, partner.status)

    def sign(self, partner: Partner, before: str) -> StatusChange:
        """The step of a partner that has signed, by what the list says."""
        ends = partner.agreement_ends_on
        return self._step(partner, before, Status.SIGNED, on=partner.signed_on, ends=ends)

    def go_on(self, moved: Sequence[Moved]) -> tuple[list[StatusChange], list[StatusChange]]:
        """The renewals that the list tells of, and the earlier steps that it corrects.

        An agreement that ends later than it did was renewed, unless the partner has withdrawn.
        Any other day that moves was wrong, and is put right where it was recorded. Takes one
        query however many partners there are.
        """
        signings, terms = _recorded([partner for partner, _old in moved])
        renewals, corrected = [], {}
        for partner, old in moved:
            step = signings.get(partner.pk)
            if step and partner.signed_on and "signed_on" in old:
                step.on = partner.signed_on
                corrected[step.pk] = step
            if "agreement_ends_on" not in old:
                continue
            ends = partner.agreement_ends_on
            if _is_renewed(partner, old["agreement_ends_on"]):
                renewals.append(self._step(partner, partner.status, partner.status, ends=ends))
            elif term := terms.get(partner.pk):
                term.agreement_ends_on = ends
                corrected[term.pk] = term
        return renewals, list(corrected.values())

    def _step(
        self,
        partner: Partner,
        before: str,
        after: str,
        *,
        on: date | None = None,
        ends: date | None = None,
    ) -> StatusChange:
        """A step on the day that the list tells, or else on that of the import."""
        return StatusChange(
            partner=partner,
            before=before,
            after=after,
            on=on or self.today,
            agreement_ends_on=ends,
            reason=self.reason if on else self.reason_without_day,
            by=self.by,
        )


def _is_renewed(partner: Partner, old_end: str | None) -> bool:
    ends = partner.agreement_ends_on
    return (
        partner.status != Status.WITHDRAWN
        and old_end is not None
        and ends is not None
        and ends > date.fromisoformat(old_end)
    )


def _recorded(
    partners: Sequence[Partner],
) -> tuple[dict[int, StatusChange], dict[int, StatusChange]]:
    """By partner the step with which it signed, and the one that set its term; of several the last."""
    signings, terms = {}, {}
    for step in StatusChange.objects.filter(partner__in=partners).order_by("pk"):
        if step.is_signing:
            signings[step.partner_id] = step
        if step.is_signing or step.agreement_ends_on:
            terms[step.partner_id] = step
    return signings, terms
