"""Compares the rows of a file with the partner register and with one another.

Every row becomes new, changed, unchanged, a duplicate or an error. Who is the same partner: the one
with the same credit code, else the same number and name, else the same name as far as nothing
contradicts it (two residents of one name have two numbers or two phones). A blank cell never erases
what the register has. A list changes no status, but for that of an applicant who now comes with a
number: it has signed.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banyang.foundation.text import name_key
from partners.imports import cells, people
from partners.imports.columns import DAYS, FIELDS
from partners.imports.models import ImportRow
from partners.models import Contact, Partner
from partners.search import NAME_KEY

Kind, Status = ImportRow.Kind, Partner.Status
Known = TypeVar("Known")
Record = dict[str, Any]  # a partner of the register, with its contacts

RESIDENT = Partner.Kind.RESIDENT.value
# Compared as they are; the others have rules of their own.
PLAIN = ("kind", "community", "address", "party_branch", "offers", "note", *DAYS)
# Of two rows of one partner: all that they may say differently.
COMPARED = ("name", "kind", "credit_code", "community", "address", "contact", "phone", "status",
            *DAYS, "party_branch", "offers", "note", "number", "others")  # fmt: skip
SPACED = ("address", "contact", "party_branch", "offers", "note")  # a blank more says the same
BLANK = 0  # in place of a value's hash
UNLISTED: Record = dict.fromkeys(("number", *DAYS))  # what the register has of a new partner


class Comparison:
    """Compares one import, some rows at a time, remembering the good ones."""

    def __init__(self, mapping: dict[str, Any]) -> None:
        """`mapping` is that of `PartnerImport`."""
        self.default_kind: str = mapping.get("kind", "")
        self.gives_numbers: bool = mapping.get("gives_numbers", False)
        self.titles: dict[str, str] = mapping.get("titles", {})
        # From line (as text) to the names in the register and in the file: somebody confirmed that
        # the partner is renamed, or is still to be asked.
        self.confirmed: dict[str, list[str]] = mapping.get("renames", {})
        self.renames: dict[str, list[str]] = {}
        self.due: list[tuple[str, int]] = []  # day and line of those that get a number
        # Numbers that partners would get: with every row of the file, and with the good ones.
        self.numbers: list[int] = []
        self.good_numbers: list[int] = []
        self.today = timezone.localdate()
        self._earlier: _Index[_EarlierRow] = _Index()
        self._earlier_by_partner: dict[int, _EarlierRow] = {}

    def compare(self, rows: Sequence[ImportRow]) -> None:
        """Set kind, changes, problems and partner of `rows`, the next ones of the file."""
        # A row with an error is compared too, so that all that is wrong is said at once.
        partners = [row for row in rows if row.kind != Kind.SKIPPED and "name" in row.values]
        register, lines = _register_of(partners), {row.line for row in partners}
        for row in rows:
            if row.line in lines:
                self._compare(row, register)
            number = row.values.get("number")
            if number and row.kind != Kind.SKIPPED and number not in register.by_number:
                self.numbers.append(number)
                if row.kind in ImportRow.GOOD:
                    self.good_numbers.append(number)

    def _compare(self, row: ImportRow, register: "_Index[Record]") -> None:
        is_wrong = bool(row.kind)
        if not is_wrong and self._is_repeated(row):
            return
        problems_before = len(row.problems)
        record = self._find_listed(row, register)
        if len(row.problems) > problems_before:
            return
        earlier = self._earlier_by_partner.get(record["id"]) if record else None
        if earlier and self._are_two_people(row, earlier):
            record = earlier = None
        if record is None:
            self._compare_new(row)
        elif earlier is None:
            self._compare_listed(row, record)
        elif not is_wrong:
            _repeat(row, earlier)
        if row.kind in ImportRow.GOOD:
            remembered = _EarlierRow(row)
            self._earlier.add(remembered, row.values)
            if row.partner_id:
                self._earlier_by_partner[row.partner_id] = remembered
            if self._gets_number(row, record or UNLISTED):
                self.due.append((row.values["signed_on"], row.line))

    # --- Within the file -------------------------------------------------------------------

    def _is_repeated(self, row: ImportRow) -> bool:
        """Whether an earlier row is of the same partner, or took this one's number."""
        same, taken, named = self._earlier.find(row.values)
        taken = None if same else taken
        if taken and (
            taken.contradicts(row, "credit_code")
            or ("credit_code" not in row.values and taken.contradicts(row, "name"))
        ):
            row.wrong("number", _("row %(line)d has the same number"), line=taken.line)
            return True
        same = same or taken or next((e for e in reversed(named) if self._may_be(row, e)), None)
        if same:
            _repeat(row, same)
        return same is not None

    def _may_be(self, row: ImportRow, earlier: "_EarlierRow") -> bool:
        """Whether an earlier row of the same name may be of the same partner."""
        return not (
            earlier.contradicts(row, "credit_code")
            or earlier.contradicts(row, "number")
            or self._are_two_people(row, earlier)
        )

    def _are_two_people(self, row: ImportRow, earlier: "_EarlierRow") -> bool:
        """Whether a row without number and code is of another resident than an earlier one."""
        if row.values.keys() & {"number", "credit_code"}:
            return False
        kinds = {_hash(row, "kind"), earlier.hash_of("kind")} - {BLANK}
        are_residents = (kinds or {hash(self.default_kind)}) == {hash(RESIDENT)}
        return are_residents and earlier.contradicts(row, "phone")

    # --- Against the register --------------------------------------------------------------

    def _find_listed(self, row: ImportRow, register: "_Index[Record]") -> Record | None:
        """The partner that a row is of. Notes in the row what makes that impossible to say."""
        code, number = row.values.get("credit_code"), row.values.get("number")
        by_code, by_number, by_name = register.find(row.values)
        if by_number and by_number is not by_code and _is_another(row, by_number):
            message = _("belongs to “%(name)s” in the list; if that is its old name, change it on its page first")  # fmt: skip
            row.wrong("number", message, name=by_number["name"])
            return None
        found = by_code or by_number
        if not found:
            same = [
                record
                for record in by_name
                if not (code and record["credit_code"]) and not (number and record["number"])
            ]
            if row.values.get("kind", self.default_kind) == RESIDENT:
                same = _same_person(same, row.values.get("phone"))
            if len(same) > 1:
                message = _("the list has %(count)d partners of this name: say which by its credit code")  # fmt: skip
                row.wrong("name", message, count=len(same))
                return None
            found = same[0] if same else None
        if found and number and found["number"] not in (None, number):
            row.wrong("number", _("the list has number %(number)d"), number=found["number"])
        return found

    def _compare_new(self, row: ImportRow) -> None:
        values = row.values
        if "kind" not in values:
            code = values.get("credit_code", "")
            derived = cells.KIND_BY_CODE.get(code[:2]) or self.default_kind
            if derived:
                values["kind"] = derived
            elif not (row.has_problem("kind") or row.has_problem("credit_code")):
                row.wrong("kind", _("is empty"))
        has_number = "number" in values or self._gets_number(row, UNLISTED)
        status = values.get("status", Status.SIGNED if has_number else Status.APPLIED)
        if has_number and status in (Status.APPLIED, Status.VETTED):
            row.wrong("status", _("a partner with a number has signed"))
        # With a day of signing that can be read it would be given one.
        would_get = self.gives_numbers and row.has_problem("signed_on")
        lacks_number = not (has_number or would_get or row.has_problem("number"))
        if lacks_number and status in (Status.SIGNED, Status.SUSPENDED):
            self._say_number_is_needed(row, "status")
        self._check_term(row, UNLISTED)
        if not row.kind:
            values["status"] = str(status)
            row.kind = Kind.NEW

    def _gets_number(self, row: ImportRow, record: Record) -> bool:
        """Whether the import gives the row's partner the next number."""
        says_day_alone = "signed_on" in row.values and "number" not in row.values
        return self.gives_numbers and record["number"] is None and says_day_alone

    def _say_number_is_needed(self, row: ImportRow, field: str) -> None:
        if self.gives_numbers:
            message = _("who has signed needs a number: fill in “%(number)s”, or “%(day)s” so that one is given; else change “%(status)s”")  # fmt: skip
        else:
            message = _("who has signed needs a number: fill in “%(number)s”; else change “%(status)s” or clear “%(day)s”, or let numbers be given where columns are matched")  # fmt: skip
        row.wrong(
            field,
            message,
            number=self._title("number"),
            day=self._title("signed_on"),
            status=self._title("status"),
        )

    def _title(self, name: str) -> str | Promise:
        return self.titles.get(name) or FIELDS[name]

    def _check_term(self, row: ImportRow, record: Record) -> None:
        """The day of signing, the number and the term belong together."""
        number, signed_on, ends_on = (
            row.values.get(name) or record[name] for name in ("number", *DAYS)
        )
        if number and not signed_on and not row.has_problem("signed_on"):
            row.wrong("signed_on", _("is empty, but the partner has a number"))
        days = [name for name in DAYS if name in row.values]
        has_number = number or self._gets_number(row, record)
        if days and not (has_number or row.has_problem("number") or row.has_problem("status")):
            self._say_number_is_needed(row, days[0])
        if signed_on and date.fromisoformat(signed_on) > self.today:
            row.wrong("signed_on", _("is in the future"))
        if signed_on and ends_on and ends_on <= signed_on:
            row.wrong("agreement_ends_on", _("is not after the day of signing"))

    def _compare_listed(self, row: ImportRow, record: Record) -> None:
        row.partner_id = record["id"]
        values = row.values
        if name_key(values["name"]) != name_key(record["name"]):
            row.changes.append(["name", record["name"], values["name"]])
            self._check_rename(row, record)
        row.changes += people.changes(("credit_code", *PLAIN), values, record)
        row.changes += people.changes_of_contacts(values, record)
        self._compare_status(row, record)
        self._check_term(row, record)
        if not row.kind:
            row.kind = Kind.CHANGED if row.changes else Kind.UNCHANGED

    def _check_rename(self, row: ImportRow, record: Record) -> None:
        """A credit code typed a row too low would rename a partner: somebody is to say it is so."""
        names = [record["name"], row.values["name"]]
        if self.confirmed.get(str(row.line)) == names:
            return
        self.renames[str(row.line)] = names
        message = _("“%(name)s” has this credit code in the list: confirm above that it is renamed, or correct the code")  # fmt: skip
        row.wrong("name", message, name=record["name"])

    def _compare_status(self, row: ImportRow, record: Record) -> None:
        before, after = record["status"], row.values.get("status")
        number = row.values.get("number")
        if record["number"] is None and (number or self._gets_number(row, record)):
            if before == Status.WITHDRAWN or after not in (None, Status.SIGNED):
                row.wrong("status", _("only an application becomes signed by a list"))
                return
            row.changes.append(["number", None, number])  # None until it is given
            row.changes.append(["status", before, str(Status.SIGNED)])
        elif after and after != before:
            message = _(
                "the partner is “%(status)s” in the list; change that on the partner's page"
            )
            words = Partner.status_words()[before, record["number"] is not None]
            row.wrong("status", message, status=words)


def missing_numbers(numbers: Iterable[int], last: int) -> list[tuple[int, int]]:
    """Ranges, ends included, of what is missing between the `last` number given and `numbers`."""
    missing, expected = [], last + 1
    for number in sorted(numbers):
        if number > expected:
            missing.append((expected, number - 1))
        expected = number + 1
    return missing


# --- What rows are compared with -----------------------------------------------------------


class _Index(Generic[Known]):
    """Partners of the register, or earlier rows of the file, by what tells them apart."""

    def __init__(self) -> None:
        self.by_code: dict[str, Known] = {}
        self.by_number: dict[int, Known] = {}
        self.by_name: dict[str, list[Known]] = defaultdict(list)

    def add(self, known: Known, values: dict[str, Any]) -> None:
        if code := values.get("credit_code"):
            self.by_code[code] = known
        if number := values.get("number"):
            self.by_number[number] = known
        self.by_name[name_key(values["name"])].append(known)

    def find(self, values: dict[str, Any]) -> tuple[Known | None, Known | None, list[Known]]:
        """What has the same code, what the same number, and all that have the same name."""
        return (
            self.by_code.get(values.get("credit_code", "")),
            self.by_number.get(values.get("number", 0)),
            self.by_name.get(name_key(values["name"]), []),
        )


class _EarlierRow:
    """What is remembered of a good row: hashes tell a repetition, and 100,000 whole rows would
    take 150 MB of memory."""

    __slots__ = ("hashes", "line")

    def __init__(self, row: ImportRow) -> None:
        self.line = row.line
        self.hashes = array("q", [_hash(row, name) for name in COMPARED])

    def hash_of(self, name: str) -> int:
        return self.hashes[COMPARED.index(name)]

    def contradicts(self, row: ImportRow, name: str) -> bool:
        """Whether both say something of the field `name`, and not the same."""
        hashes = {_hash(row, name), self.hash_of(name)}
        return len(hashes) == 2 and BLANK not in hashes


def _hash(row: ImportRow, name: str) -> int:
    """What stands for the value of the field `name` in `row`; `BLANK` if there is none."""
    value = row.values.get(name)
    if value is None:
        return BLANK
    if name == "others":
        return hash(str(value))
    if name in SPACED:
        return hash("".join(value.split()))
    return hash(name_key(value) if name == "name" else value)


def _repeat(row: ImportRow, earlier: _EarlierRow) -> None:
    """Say that `row` is of the same partner as an earlier one: a duplicate, or a contradiction."""
    differing = [name for name in COMPARED if earlier.contradicts(row, name)]
    if not differing:
        row.leave_out(Kind.DUPLICATE, _("says the same as row %(line)d"), line=earlier.line)
    message = _("row %(line)d is the same partner, but says otherwise: delete one of the two, or make them agree")  # fmt: skip
    for name in differing:
        row.wrong(name, message, line=earlier.line)


def _is_another(row: ImportRow, record: Record) -> bool:
    """Whether a partner found by number alone is not the row's: by mistake, a serial column taken
    for numbers would otherwise rename every partner."""
    code = row.values.get("credit_code")
    return (code and record["credit_code"] not in (None, code)) or (
        name_key(record["name"]) != name_key(row.values["name"])
    )


def _same_person(records: list[Record], phone: str | None) -> list[Record]:
    """Those of `records`, all of a resident's name, that may be the resident with this phone."""
    if not phone:
        return records
    having_it = [record for record in records if record["phone"] == phone]
    return having_it or [r for r in records if r["kind"] != RESIDENT or not r["phone"]]


def _register_of(rows: Sequence[ImportRow]) -> _Index[Record]:
    """The partners that any of `rows` might be of, with their contacts."""
    fields = ("id", "number", "name", "credit_code", "status", *PLAIN)
    any_of = (
        Q(credit_code__in={row.values.get("credit_code") for row in rows} - {None})
        | Q(number__in={row.values.get("number") for row in rows} - {None})
        | Q(name_key__in={name_key(row.values["name"]) for row in rows})
    )
    partners = Partner.objects.alias(name_key=NAME_KEY).filter(any_of).order_by()
    found: dict[int, Record] = {record["id"]: record for record in partners.values(*fields)}
    register: _Index[Record] = _Index()
    for record in found.values():
        record |= {name: record[name].isoformat() for name in DAYS if record[name]}
        # Name and phone of the main contact, of all contacts, and of those besides the main one.
        record |= {"contact": None, "phone": None, "people": [], "further": []}
        register.add(record, record)
    contacts = Contact.objects.filter(partner__in=found).order_by()
    for pk, name, phone, is_main in contacts.values_list("partner_id", "name", "phone", "is_main"):
        found[pk]["people"].append([name, phone])
        if is_main:
            found[pk] |= {"contact": name, "phone": phone or None}
        else:
            found[pk]["further"].append([name, phone])
    return register
