"""Writes what the preview shows into the partner register, inside the step's transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext

from partners import search
from partners.imports.columns import DAYS
from partners.imports.compare import Comparison
from partners.imports.models import ImportRow, PartnerImport
from partners.imports.people import MAIN, Change
from partners.models import Contact, Partner, StatusChange
from partners.numbering import next_numbers

Status = Partner.Status
CHUNK = 1_000  # rows compared, stored and written at a time
Moved = tuple[Partner, dict[str, Any]]  # as it is now, and by its name what each moved day was


class RegisterChanged(Exception):
    """The partner register is no longer what the preview was compared with."""


def chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """`rows` in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def write(partner_import: PartnerImport, progress: Callable[[int], None]) -> None:
    """Write the good rows of the preview, comparing each once more with the register as it is now.

    Locks first the partners that change, then the number book: the order in which a signing
    does. Raises `RegisterChanged` where a row would come out otherwise than the preview says.
    """
    with connection.cursor() as cursor:
        # PostgreSQL walks over all checks that wait for the end again with every row of history:
        # 100,000 rows would take ten times as long.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    changed = partner_import.rows.filter(kind=ImportRow.Kind.CHANGED).values("partner_id")
    partners = Partner.objects.filter(pk__in=changed).order_by("pk")
    list(partners.select_for_update(no_key=True).values_list("pk"))
    first, last = (partner_import.report[name] for name in ("first_number", "last_number"))
    if first and next_numbers(last - first + 1)[0] != first:
        raise RegisterChanged
    # The preview's rows have their numbers already.
    comparison = Comparison(partner_import.mapping | {"gives_numbers": False})
    writer, done = _Writer(partner_import), 0
    for previewed in chunks(partner_import.rows.written().iterator(chunk_size=CHUNK)):
        rows = [ImportRow(line=each.line, values=dict(each.values)) for each in previewed]
        comparison.compare(rows)
        if list(map(_outcome, rows)) != list(map(_outcome, previewed)):
            raise RegisterChanged
        writer.write([row for row in rows if row.kind in ImportRow.WRITTEN])
        done += len(rows)
        progress(done)


def _outcome(row: ImportRow) -> tuple[str, int | None, list[Change]]:
    return row.kind, row.partner_id, row.changes


class _Writer:
    """Writes rows of one import: partners, their contacts, and the steps of their status.

    A list tells the day of signing, and of no other step: those stand on the day of the import,
    and say so.
    """

    def __init__(self, partner_import: PartnerImport) -> None:
        self.by = partner_import.committed_by
        self.today = timezone.localdate()
        number = {"number": partner_import.pk}
        # Everybody reads it, so it is in the office's language and not in the clerk's.
        with translation.override(settings.LANGUAGE_CODE):
            self.reason = gettext("Import no. %(number)s") % number
            self.reason_without_day = (
                gettext("Import no. %(number)s: the list tells no day, so the import's stands here")
                % number
            )

    def write(self, rows: Sequence[ImportRow]) -> None:
        listed = Partner.objects.in_bulk([row.partner_id for row in rows if row.partner_id])
        contacts_of: dict[int | None, list[Contact]] = defaultdict(list)
        for contact in Contact.objects.filter(partner__in=listed):
            contacts_of[contact.partner_id].append(contact)
        new_partners, moved, fields = [], [], {*search.INDEXED}
        steps: list[StatusChange] = []
        new_contacts, changed_contacts = [], []
        for row in rows:
            partner = listed.get(row.partner_id) or Partner()
            contacts, before = contacts_of[partner.pk], partner.status
            new = {name: value for name, _old, value in row.changes} or row.values
            fields |= _set(partner, new)
            if row.kind == ImportRow.Kind.NEW:
                new_partners.append(partner)
                steps += self._first_steps(partner)
            elif partner.status != before:
                steps.append(self._signing(partner, before))
            elif new.keys() & {*DAYS}:
                moved.append((partner, {name: old for name, old, _new in row.changes}))
            added, changed = _change_contacts(partner, contacts, row.values, new)
            new_contacts += added
            changed_contacts += changed
            search.index(partner, [contact.phone for contact in contacts + added])
        Partner.objects.bulk_create(new_partners)
        Partner.objects.bulk_update(listed.values(), fields, batch_size=250)
        Contact.objects.bulk_create(new_contacts)
        Contact.objects.bulk_update(changed_contacts, ["name", "phone"], batch_size=250)
        StatusChange.objects.bulk_create(steps + self._renewals(moved))

    # --- Steps of the status -----------------------------------------------------------------

    def _first_steps(self, partner: Partner) -> Iterator[StatusChange]:
        """The steps of a new partner: who has signed and then left or rests took two."""
        before = ""
        if partner.signed_on:
            yield self._signing(partner, before)
            before = Status.SIGNED
        if partner.status != before:
            yield self._step(partner, before, partner.status)

    def _signing(self, partner: Partner, before: str) -> StatusChange:
        on, ends = partner.signed_on, partner.agreement_ends_on
        return self._step(partner, before, Status.SIGNED, on=on, agreement_ends_on=ends)

    def _renewals(self, moved: Sequence[Moved]) -> list[StatusChange]:
        """The renewals that the list tells of; corrects the earlier steps whose days have moved.

        An agreement that ends later than it did was renewed, unless the partner has withdrawn.
        Any other day that moves was wrong, and is put right where it was recorded.
        """
        signings, terms = _recorded_steps([partner for partner, _old in moved])
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
                renewals.append(
                    self._step(partner, partner.status, partner.status, agreement_ends_on=ends)
                )
            elif term := terms.get(partner.pk):
                term.agreement_ends_on = ends
                corrected[term.pk] = term
        days = ["on", "agreement_ends_on"]
        StatusChange.objects.bulk_update(corrected.values(), days, batch_size=250)
        return renewals

    def _step(self, partner: Partner, before: str, after: str, **days: date | None) -> StatusChange:
        """A step with the days that the list tells, or else on that of the import."""
        reason = self.reason if days.get("on") else self.reason_without_day
        days["on"] = days.get("on") or self.today
        return StatusChange(
            partner=partner, before=before, after=after, reason=reason, by=self.by, **days
        )


def _is_renewed(partner: Partner, old_end: str | None) -> bool:
    ends = partner.agreement_ends_on
    is_later = bool(ends and old_end and ends > date.fromisoformat(old_end))
    return is_later and partner.status != Status.WITHDRAWN


def _recorded_steps(
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


# --- Fields and contacts -------------------------------------------------------------------


def _set(partner: Partner, values: dict[str, Any]) -> set[str]:
    """Set what `values` of a row say of a partner besides its contacts: the names of its fields."""
    fields = set()
    for name, value in values.items():
        if name not in {*MAIN, "others"}:
            field = "community_id" if name == "community" else name
            setattr(partner, field, date.fromisoformat(value) if name in DAYS else value)
            fields.add(field)
    return fields


def _change_contacts(
    partner: Partner, contacts: Sequence[Contact], values: dict[str, Any], new: dict[str, Any]
) -> tuple[list[Contact], list[Contact]]:
    """Do to `contacts` what is `new` of a row's `values`: those that are added, and changed."""
    main = next((contact for contact in contacts if contact.is_main), None)
    added, changed = [], []
    if new.keys() & {*MAIN} and main:
        main.name, main.phone = new.get("contact", main.name), new.get("phone", main.phone)
        changed.append(main)
    elif new.keys() & {*MAIN}:
        name, phone = values.get("contact", ""), values.get("phone", "")
        added.append(_contact(partner, name, phone, is_main=True))
    for name, phone in new.get("others", []):
        without_phone = (each for each in contacts if each.name == name and not each.phone)
        if phone and (contact := next(without_phone, None)):
            contact.phone = phone
            changed.append(contact)
        else:
            added.append(_contact(partner, name, phone))
    if added and not contacts:
        added[0].is_main = True
    return added, changed


def _contact(partner: Partner, name: str, phone: str, *, is_main: bool = False) -> Contact:
    """A phone that nobody is named for is the partner's own."""
    name = name or partner.name[:50]
    return Contact(partner=partner, name=name, phone=phone, is_main=is_main)
