"""Writes what the preview shows into the partner list, in bulk, inside the action's transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model

from partners import search
from partners.imports.models import ImportRow, PartnerImport
from partners.imports.people import Person
from partners.imports.plan import Planner
from partners.imports.rows import Row
from partners.imports.ways import Moved, Ways
from partners.models import Contact, NumberBook, Partner, StatusChange

CHUNK = 1_000  # rows planned, compared and written at a time
MAIN = {"contact", "phone"}  # what a row says of its main contact
CONTACT_FIELDS = {*MAIN, "others"}
DAYS = ("signed_on", "agreement_ends_on")


class ListChanged(Exception):
    """The partner list is no longer what the preview was compared with."""


def chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """`rows` in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def write(partner_import: PartnerImport, progress: Callable[[int], None]) -> None:
    """Write the good rows of the preview, comparing each once more with the list as it is now.

    Locks first the partners that change, then the number book: the order in which a signing
    does. Raises `ListChanged` where a row would come out otherwise than the preview says.
    """
    with connection.cursor() as cursor:
        # Checks put off to the end are passed by again for every row's history: 100,000 rows
        # would take ten times as long.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    writer = _Writer(partner_import)
    said = partner_import.mapping
    planner = Planner({name: said[name] for name in ("kind", "renames") if name in said})
    locked = set(
        Partner.objects.select_for_update(no_key=True)
        .filter(pk__in=partner_import.rows.filter(kind=ImportRow.Kind.CHANGED).values("partner_id"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if partner_import.report["first_number"]:
        _take_numbers(partner_import.report)
    done = 0
    for chunk in chunks(partner_import.rows.written().iterator(chunk_size=CHUNK)):
        rows = [Row(line=stored.line, values=dict(stored.values)) for stored in chunk]
        planner.plan(rows)
        for row, stored in zip(rows, chunk, strict=True):
            if not _is_as_previewed(row, stored):
                raise ListChanged
        writer.create([row for row in rows if row.kind == ImportRow.Kind.NEW])
        changed = [row for row in rows if row.kind == ImportRow.Kind.CHANGED]
        if not {row.partner_id for row in changed} <= locked:
            raise ListChanged
        writer.change(changed)
        if not done:
            _count()
        done += len(rows)
        progress(done)
    if done > CHUNK:
        _count()


def _count() -> None:
    """Have the server count the rows written so far, by whose number it plans its statements.

    By itself it counts once a minute, and sees nothing of an open transaction: it would take a
    long list for an empty one, and check every row against it, or join it, the slow way. What is
    counted here stays so until the end, for its own counting waits for this transaction.
    """
    tables = ", ".join(model._meta.db_table for model in (Partner, Contact, StatusChange))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def copy_in(objects: Sequence[Model]) -> None:
    """Insert new objects of one model, as `bulk_create` does but several times as fast.

    Triggers and constraints see every row. Their history belongs to whatever context the last
    statement of this transaction had: COPY brings none along.
    """
    if not objects:
        return
    meta = objects[0]._meta
    fields = meta.local_concrete_fields
    with connection.cursor() as cursor:
        keys = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(keys, [meta.db_table, meta.pk.column, len(objects)])
        for each, (pk,) in zip(objects, cursor.fetchall(), strict=True):
            each.pk = pk
        columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        with (
            connection.wrap_database_errors,  # which Django's cursor does for all but COPY
            cursor.copy(f"COPY {meta.db_table} ({columns}) FROM STDIN") as copy,
        ):
            for each in objects:
                copy.write_row([_cell(field, field.pre_save(each, add=True)) for field in fields])


def _cell(field: Field, value: Any) -> Any:
    """A value as the driver takes it, which knows all that our models have but JSON."""
    return field.get_db_prep_save(value, connection) if isinstance(field, JSONField) else value


def _take_numbers(report: dict[str, Any]) -> None:
    """Take the numbers of the import from the number book, which stays locked."""
    book, _created = NumberBook.objects.select_for_update().get_or_create(pk=1)
    if book.last != report["first_number"] - 1:
        raise ListChanged
    book.last = report["last_number"]
    book.save()


def _is_as_previewed(row: Row, stored: ImportRow) -> bool:
    return (
        row.kind == stored.kind
        and row.partner_id == stored.partner_id
        and [list(change) for change in row.changes] == stored.changes
    )


class _Writer:
    def __init__(self, partner_import: PartnerImport) -> None:
        self.ways = Ways(partner_import)

    def create(self, rows: Sequence[Row]) -> None:
        partners: list[Partner] = []
        people: list[Contact] = []
        for row in rows:
            values = row.values
            fields = {
                name: value
                for name, value in _partner_fields(values).items()
                if name not in CONTACT_FIELDS
            }
            partner = Partner(**fields)
            contacts = _other_contacts(partner, values.get("others", []))
            if values.keys() & MAIN:
                contacts.insert(0, _main_contact(partner, values))
            _have_a_main(contacts)
            search.index(partner, [contact.phone for contact in contacts])
            partners.append(partner)
            people += contacts
        copy_in(partners)
        for contact in people:
            contact.partner_id = contact.partner.pk
        copy_in(people)
        copy_in([step for partner in partners for step in self.ways.begin(partner)])

    def change(self, rows: Sequence[Row]) -> None:
        partners = Partner.objects.in_bulk([row.partner_id for row in rows])
        contacts: dict[int, list[Contact]] = defaultdict(list)
        for contact in Contact.objects.filter(partner__in=partners):
            contacts[contact.partner_id].append(contact)
        steps, moved, new_contacts, old_contacts, fields = [], [], [], [], set()
        for row in rows:
            partner, people = partners[row.partner_id or 0], contacts[row.partner_id or 0]
            before = partner.status
            new = {name: value for name, _old, value in row.changes}
            old = {name: value for name, value, _new in row.changes}
            for name, value in _partner_fields(new).items():
                if name not in CONTACT_FIELDS:
                    setattr(partner, name, value)
                    fields.add(name)
            if partner.status != before:
                steps.append(self.ways.sign(partner, before))
            elif old.keys() & {*DAYS}:
                moved.append((partner, old))
            if new.keys() & MAIN:
                main = next((person for person in people if person.is_main), None)
                if main is None:
                    main = _main_contact(partner, row.values)
                    people.append(main)
                    new_contacts.append(main)
                else:
                    main.name = new.get("contact", main.name)
                    main.phone = new.get("phone", main.phone)
                    old_contacts.append(main)
            given, left = _give_numbers(people, new.get("others", []))
            old_contacts += given
            others = _other_contacts(partner, left)
            people += others
            if len(people) == len(others):
                _have_a_main(others)
            new_contacts += others
            search.index(partner, [person.phone for person in people])
        if fields or new_contacts or old_contacts:
            fields |= {*search.INDEXED}
            Partner.objects.bulk_update(partners.values(), fields, batch_size=250)
        copy_in(new_contacts)
        Contact.objects.bulk_update(old_contacts, ["name", "phone"], batch_size=250)
        copy_in(steps + self._carry(moved))

    def _carry(self, moved: Sequence[Moved]) -> list[StatusChange]:
        """Correct the steps whose days have moved, and give the renewals that are to be written."""
        renewals, corrected = self.ways.go_on(moved)
        StatusChange.objects.bulk_update(corrected, ["on", "agreement_ends_on"], batch_size=250)
        return renewals


def reason(partner_import: PartnerImport) -> str:
    """What the audit trail says beside every row that an import wrote."""
    return f"import #{partner_import.pk}"


def _partner_fields(values: dict[str, Any]) -> dict[str, Any]:
    """Values of a row as attributes of a partner."""
    fields = dict(values)
    if "community" in fields:
        fields["community_id"] = fields.pop("community")
    for name in DAYS:
        if name in fields:
            fields[name] = date.fromisoformat(fields[name])
    return fields


def _main_contact(partner: Partner, values: dict[str, Any]) -> Contact:
    """The contact a row names; a phone without a name is the partner's own."""
    return Contact(
        partner=partner,
        name=values.get("contact") or partner.name[:50],
        phone=values.get("phone", ""),
        is_main=True,
    )


def _other_contacts(partner: Partner, people: Iterable[Person]) -> list[Contact]:
    """The contacts besides the main one that a row names, each with a phone or a name."""
    return [
        Contact(partner=partner, name=name or partner.name[:50], phone=phone)
        for name, phone in people
    ]


def _give_numbers(
    people: Sequence[Contact], named: Iterable[Person]
) -> tuple[list[Contact], list[Person]]:
    """Give the `named` who are among `people` without a number theirs: who got one, who is left."""
    given, left = [], []
    for name, phone in named:
        without = (each for each in people if each.name == name and not each.phone)
        if phone and (contact := next(without, None)):
            contact.phone = phone
            given.append(contact)
        else:
            left.append([name, phone])
    return given, left


def _have_a_main(contacts: Sequence[Contact]) -> None:
    """Of a new partner's contacts one is the main one, though no row says which."""
    if contacts and not any(contact.is_main for contact in contacts):
        contacts[0].is_main = True
