"""Compares rows with the partner list: what is new, changed, unchanged, repeated or wrong.

Who is the same partner: the one with the same credit code, else the same number and name, else
the same name as far as nothing contradicts it (two residents of one name have two numbers or two
phones). A blank cell never erases what the list knows. A status is never changed by a list, but for a partner that
has applied and now comes with a number: it has signed.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from partners.imports import cells
from partners.imports.columns import FIELDS
from partners.imports.models import ImportRow
from partners.imports.rows import Row
from partners.models import Contact, Partner
from partners.search import NAME_KEY, name_key

Kind = ImportRow.Kind
Record = dict[str, Any]

# Compared as they are; the others have rules of their own.
PLAIN = ("kind", "community", "address", "party_branch", "offers", "note")
COMPARED = ("name", "kind", "credit_code", "community", "address", "contact", "phone", "status",
            "signed_on", "agreement_ends_on", "party_branch", "offers", "note", "number", "others")  # fmt: skip

BLANK = 0  # in place of the hash of a value
RESIDENT = Partner.Kind.RESIDENT.value


class Planner:
    """Plans one import, some rows at a time, remembering what it has seen of the file."""

    def __init__(self, mapping: dict[str, Any] | None = None) -> None:
        mapping = mapping or {}
        self.default_kind: str = mapping.get("kind", "")
        self.gives_numbers: bool = mapping.get("gives_numbers", False)
        self.titles: dict[str, str] = mapping.get("titles", {})
        # From line (as text) to the names in the list and in the file: what somebody said is
        # the same partner.
        self.confirmed: dict[str, list[str]] = mapping.get("renames", {})
        self.renames: dict[str, list[str]] = {}  # what nobody has said so of yet
        self.due: list[tuple[str, int]] = []  # day and line of those that get a number
        self.today = timezone.localdate()
        # Numbers that partners would get: with every row of the file, and with the good ones.
        self.numbers = array("q")
        self.good_numbers = array("q")
        self._seen = _Seen()

    def plan(self, rows: Sequence[Row]) -> None:
        """Set kind, changes, problems and partner of `rows`, the next ones of the file."""
        # A row with an error is compared too, so that all that is wrong is said at once.
        planned = [row for row in rows if row.kind != Kind.SKIPPED and "name" in row.values]
        known, lines = _Known(planned, self.default_kind), {row.line for row in planned}
        for row in rows:
            if row.line in lines:
                self._plan_row(row, known)
            if row.kind != Kind.SKIPPED:
                self._note_number(row, known)

    def _plan_row(self, row: Row, known: "_Known") -> None:
        is_wrong = bool(row.kind)
        if not is_wrong and self._is_repeated(row):
            return
        said = len(row.problems)
        record = known.find(row)
        if len(row.problems) > said:
            return
        if record and self._are_two_people(row, self._seen.by_partner.get(record["id"])):
            record = None
        if record is None:
            self._plan_new(row)
        elif (place := self._seen.by_partner.get(record["id"])) is None:
            self._compare(row, record)
        elif not is_wrong:
            self._repeats(row, place)
        if row.kind in ImportRow.GOOD:
            self._seen.remember(row)
            if row.gets_number:
                self.due.append((row.values["signed_on"], row.line))

    def _note_number(self, row: Row, known: "_Known") -> None:
        number = row.values.get("number")
        if number and number not in known.by_number:
            self.numbers.append(number)
            if row.kind in ImportRow.GOOD:
                self.good_numbers.append(number)

    # --- Within the file -------------------------------------------------------------------

    def _is_repeated(self, row: Row) -> bool:
        """Whether an earlier row is of the same partner, or took this one's number."""
        seen, code, number = self._seen, row.values.get("credit_code"), row.values.get("number")
        place = seen.by_code.get(hash(code)) if code else None
        if place is None and number and (taken := seen.by_number.get(number)) is not None:
            if seen.contradicts(row, taken, "credit_code") or (
                not code and seen.contradicts(row, taken, "name")
            ):
                row.wrong(
                    "number", _("row %(line)d has the same number") % {"line": seen.lines[taken]}
                )
                return True
            place = taken
        if place is None:
            for named in seen.named(row.values["name"]):
                if not (
                    seen.contradicts(row, named, "credit_code")
                    or seen.contradicts(row, named, "number")
                    or self._are_two_people(row, named)
                ):
                    place = named
                    break
        if place is not None:
            self._repeats(row, place)
        return place is not None

    def _are_two_people(self, row: Row, place: int | None) -> bool:
        """Whether a row without number and code is of another resident than an earlier one."""
        if place is None or row.values.keys() & {"number", "credit_code"}:
            return False
        kinds = {_hash(row, "kind"), self._seen.hash_of(place, "kind")} - {BLANK}
        residents = (kinds or {hash(self.default_kind)}) == {hash(RESIDENT)}
        return residents and self._seen.contradicts(row, place, "phone")

    def _repeats(self, row: Row, place: int) -> None:
        differing = [name for name in COMPARED if self._seen.contradicts(row, place, name)]
        earlier = {"line": self._seen.lines[place]}
        if not differing:
            row.left_out(Kind.DUPLICATE, _("says the same as row %(line)d") % earlier)
        for name in differing:
            row.wrong(name, _("row %(line)d is the same partner, but says otherwise") % earlier)

    # --- Against the list ------------------------------------------------------------------

    def _plan_new(self, row: Row) -> None:
        values = row.values
        if "kind" not in values:
            derived = cells.kind_by_code(values.get("credit_code", "")) or self.default_kind
            if derived:
                values["kind"] = derived
            elif not (row.has_problem("kind") or row.has_problem("credit_code")):
                row.wrong("kind", _("is empty"))
        row.gets_number = self._is_given_number(row, None)
        numbered = row.gets_number or "number" in values
        status = values.get("status", Partner.Status.SIGNED if numbered else Partner.Status.APPLIED)
        if numbered and status in (Partner.Status.APPLIED, Partner.Status.VETTED):
            row.wrong("status", _("a partner with a number has signed"))
        # With a day of signing that can be read it would be given one.
        would_be = self.gives_numbers and row.has_problem("signed_on")
        lacks_number = not (numbered or would_be or row.has_problem("number"))
        if lacks_number and status in (Partner.Status.SIGNED, Partner.Status.SUSPENDED):
            row.wrong("status", self._needs_number())
        self._check_term(row, {"number": None, "signed_on": None, "agreement_ends_on": None})
        if not row.kind:
            values["status"] = str(status)
            row.kind = Kind.NEW

    def _is_given_number(self, row: Row, number: int | None) -> bool:
        """Whether the import gives the row's partner, which has `number`, the next one."""
        return bool(
            self.gives_numbers
            and number is None
            and "signed_on" in row.values
            and "number" not in row.values
        )

    def _needs_number(self) -> str:
        """What to do about a row of a signed partner without a number."""
        if self.gives_numbers:
            sentence = _("who has signed needs a number: fill in “%(number)s”, or “%(day)s” so that one is given; else change “%(status)s”")  # fmt: skip
        else:
            sentence = _("who has signed needs a number: fill in “%(number)s”; else change “%(status)s” or clear “%(day)s”, or let numbers be given where columns are matched")  # fmt: skip
        names = {"number": "number", "day": "signed_on", "status": "status"}
        return sentence % {
            key: self.titles.get(name) or FIELDS[name] for key, name in names.items()
        }

    def _check_term(self, row: Row, record: Record) -> None:
        """The day of signing, the number and the term belong together."""
        number = row.values.get("number") or record["number"]
        has_number = bool(number or row.gets_number)
        signed_on = row.values.get("signed_on") or record["signed_on"]
        ends_on = row.values.get("agreement_ends_on") or record["agreement_ends_on"]
        if number and not signed_on and not row.has_problem("signed_on"):
            row.wrong("signed_on", _("is empty, but the partner has a number"))
        says = [name for name in ("signed_on", "agreement_ends_on") if name in row.values]
        if says and not (has_number or row.has_problem("number") or row.has_problem("status")):
            row.wrong(says[0], self._needs_number())
        if signed_on and date.fromisoformat(signed_on) > self.today:
            row.wrong("signed_on", _("is in the future"))
        if signed_on and ends_on and ends_on < signed_on:
            row.wrong("agreement_ends_on", _("is before the day of signing"))

    def _compare(self, row: Row, record: Record) -> None:
        row.partner_id = record["id"]
        values = row.values
        if name_key(values["name"]) != name_key(record["name"]):
            row.changes.append(("name", record["name"], values["name"]))
            self._check_rename(row, record)
        if "credit_code" in values and values["credit_code"] != record["credit_code"]:
            row.changes.append(("credit_code", record["credit_code"], values["credit_code"]))
        phones, others = record["phones"], values.get("others", [])
        names: tuple[str, ...] = (*PLAIN, "signed_on", "agreement_ends_on")
        if others and phones:  # of several contacts none replaces another: they are added
            others = [[values.get("contact", ""), values["phone"]], *others]
        else:
            names = (*names, "contact", "phone")
        for name in names:
            if name in values and values[name] != record[name]:
                row.changes.append((name, record[name], values[name]))
        if missing := [[name, phone] for name, phone in others if phone not in phones]:
            row.changes.append(("others", None, missing))
        row.gets_number = self._is_given_number(row, record["number"])
        self._compare_number(row, record)
        self._check_term(row, record)
        if not row.kind:
            row.kind = Kind.CHANGED if row.changes else Kind.UNCHANGED

    def _check_rename(self, row: Row, record: Record) -> None:
        """A credit code typed a row too low would rename a partner: somebody is to say it is so."""
        names = [record["name"], row.values["name"]]
        if self.confirmed.get(str(row.line)) == names:
            return
        self.renames[str(row.line)] = names
        row.wrong(
            "name",
            _("“%(name)s” has this credit code in the list: confirm above that it is renamed, or correct the code")
            % {"name": record["name"]},
        )  # fmt: skip

    def _compare_number(self, row: Row, record: Record) -> None:
        before, after = record["status"], row.values.get("status")
        number = row.values.get("number")
        if (number or row.gets_number) and record["number"] is None:
            if before == Partner.Status.WITHDRAWN or after not in (None, Partner.Status.SIGNED):
                row.wrong("status", _("only an application becomes signed by a list"))
                return
            row.changes.append(("number", None, number))  # None until it is given
            row.changes.append(("status", before, str(Partner.Status.SIGNED)))
        elif after and after != before:
            row.wrong(
                "status",
                _("the partner is “%(status)s” in the list; change that on the partner's page")
                % {"status": Partner.Status(before).label},
            )


class _Seen:
    """The good rows of the file so far, each at its place, in as little memory as can be.

    Of 100,000 rows even the strings would take 50 MB: hashes are all that telling a repetition
    needs.
    """

    def __init__(self) -> None:
        self.lines = array("q")
        self.by_code: dict[int, int] = {}  # by the code's hash
        self.by_number: dict[int, int] = {}
        self.by_partner: dict[int, int] = {}
        self._by_name: dict[int, int] = {}  # by the name's hash: the last of that name
        self._earlier = array("q")  # the place of the one of the same name before; -1 for none
        self._hashes = array("q")  # of the values of every row, as many as are compared

    def remember(self, row: Row) -> None:
        place = len(self.lines)
        self.lines.append(row.line)
        self._hashes.extend(_hash(row, name) for name in COMPARED)
        name = _hash(row, "name")
        self._earlier.append(self._by_name.get(name, -1))
        self._by_name[name] = place
        if code := row.values.get("credit_code"):
            self.by_code[hash(code)] = place
        if number := row.values.get("number"):
            self.by_number[number] = place
        if row.partner_id:
            self.by_partner[row.partner_id] = place

    def named(self, name: str) -> Iterator[int]:
        """The rows of that name, the last one first."""
        place = self._by_name.get(hash(name_key(name)), -1)
        while place >= 0:
            yield place
            place = self._earlier[place]

    def contradicts(self, row: Row, place: int, name: str) -> bool:
        """Whether both say something of the field `name`, and not the same."""
        mine, other = _hash(row, name), self.hash_of(place, name)
        return mine != other and BLANK not in (mine, other)

    def hash_of(self, place: int, name: str) -> int:
        return self._hashes[place * len(COMPARED) + COMPARED.index(name)]


class _Known:
    """What the partner list knows about some rows: records by credit code, number and name."""

    def __init__(self, rows: Sequence[Row], default_kind: str) -> None:
        self.default_kind = default_kind
        self.by_code: dict[str, Record] = {}
        self.by_number: dict[int, Record] = {}
        self.by_name: dict[str, list[Record]] = defaultdict(list)
        for record in _records(rows):
            if record["credit_code"]:
                self.by_code[record["credit_code"]] = record
            if record["number"]:
                self.by_number[record["number"]] = record
            self.by_name[name_key(record["name"])].append(record)

    def find(self, row: Row) -> Record | None:
        """The partner that a row is of. Notes in the row what makes that impossible to say."""
        code, number = row.values.get("credit_code"), row.values.get("number")
        numbered = self.by_number.get(number) if number else None
        found = self.by_code.get(code) if code else None
        if numbered and numbered is not found and self._is_another(row, numbered):
            row.wrong(
                "number",
                _(
                    "belongs to “%(name)s” in the list; if that is its old name, change it on its page first"
                )
                % {"name": numbered["name"]},
            )
            return None
        found = found or numbered or self._find_by_name(row)
        if found and number and found["number"] not in (None, number):
            row.wrong("number", _("the list has number %(number)d") % {"number": found["number"]})
        return found

    def _is_another(self, row: Row, record: Record) -> bool:
        """Whether a partner found by number alone is not the row's: by mistake, a serial column
        taken for numbers would otherwise rename every partner."""
        code = row.values.get("credit_code")
        return (code and record["credit_code"] not in (None, code)) or (
            name_key(record["name"]) != name_key(row.values["name"])
        )

    def _find_by_name(self, row: Row) -> Record | None:
        code, number = row.values.get("credit_code"), row.values.get("number")
        same = [
            record
            for record in self.by_name.get(name_key(row.values["name"]), ())
            if not (code and record["credit_code"]) and not (number and record["number"])
        ]
        if row.values.get("kind", self.default_kind) == RESIDENT:
            same = _same_person(same, row.values.get("phone"))
        if len(same) > 1:
            row.wrong(
                "name",
                _("the list has %(count)d partners of this name: say which by its credit code")
                % {"count": len(same)},
            )
            return None
        return same[0] if same else None


def _same_person(records: list[Record], phone: str | None) -> list[Record]:
    """Those of `records`, all of a resident's name, that may be the resident with this phone."""
    if not phone:
        return records
    having_it = [record for record in records if record["phone"] == phone]
    return having_it or [r for r in records if r["kind"] != RESIDENT or not r["phone"]]


def _records(rows: Sequence[Row]) -> Iterable[Record]:
    """The partners that any of `rows` might be of, with their contacts."""
    fields = ("id", "number", "name", "credit_code", "status", "signed_on", "agreement_ends_on",
              "kind", "community", "address", "party_branch", "offers", "note")  # fmt: skip
    found: dict[int, Record] = {}
    partners = Partner.objects.alias(name_key=NAME_KEY).order_by().values(*fields)
    for condition in (
        {"credit_code__in": {row.values.get("credit_code") for row in rows} - {None}},
        {"number__in": {row.values.get("number") for row in rows} - {None}},
        {"name_key__in": {name_key(row.values["name"]) for row in rows}},
    ):
        for record in partners.filter(**condition):
            found[record["id"]] = record
    for record in found.values():
        for name in ("signed_on", "agreement_ends_on"):
            record[name] = record[name].isoformat() if record[name] else None
        record["contact"] = record["phone"] = None
        record["phones"] = []  # of all its contacts, blank ones too
    contacts = Contact.objects.filter(partner__in=found).order_by()
    for pk, name, phone, is_main in contacts.values_list("partner_id", "name", "phone", "is_main"):
        found[pk]["phones"].append(phone)
        if is_main:
            found[pk] |= {"contact": name, "phone": phone or None}
    return found.values()


def _hash(row: Row, name: str) -> int:
    value = row.values.get(name)
    if value is None:
        return BLANK
    if name == "others":
        return hash(str(value))
    return hash(name_key(value) if name == "name" else value)


def holes(numbers: Iterable[int], last: int) -> list[tuple[int, int]]:
    """What is missing between `last`, the last number given, and `numbers`: ranges, ends included."""
    missing, expected = [], last + 1
    for number in sorted(numbers):
        if number > expected:
            missing.append((expected, number - 1))
        expected = number + 1
    return missing
