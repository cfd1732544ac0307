"""Compares rows with the partner list: what is new, changed, unchanged, repeated or wrong.

Who is the same partner: the one with the same credit code, else the same number and name, else
the same name as far as nothing contradicts it (two residents of one name have two numbers or two
phones). A blank cell never erases what the list knows. A status is never changed by a list, but for a partner that
has applied and now comes with a number: it has signed.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from partners.imports import cells, contacts
from partners.imports.columns import FIELDS
from partners.imports.known import RESIDENT, Known, Record
from partners.imports.models import ImportRow
from partners.imports.reasons import Reason, words
from partners.imports.reasons import Reason as _
from partners.imports.rows import Row
from partners.imports.seen import BLANK, COMPARED, Seen, hash_of
from partners.models import Partner
from partners.search import name_key

Kind = ImportRow.Kind

# Compared as they are; the others have rules of their own.
PLAIN = ("kind", "community", "address", "party_branch", "offers", "note")


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
        self._seen = Seen()

    def plan(self, rows: Sequence[Row]) -> None:
        """Set kind, changes, problems and partner of `rows`, the next ones of the file."""
        # A row with an error is compared too, so that all that is wrong is said at once.
        planned = [row for row in rows if row.kind != Kind.SKIPPED and "name" in row.values]
        known, lines = Known(planned, self.default_kind), {row.line for row in planned}
        for row in rows:
            if row.line in lines:
                self._plan_row(row, known)
            if row.kind != Kind.SKIPPED:
                self._note_number(row, known)

    def _plan_row(self, row: Row, known: "Known") -> None:
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

    def _note_number(self, row: Row, known: "Known") -> None:
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
        kinds = {hash_of(row, "kind"), self._seen.hash_of(place, "kind")} - {BLANK}
        residents = (kinds or {hash(self.default_kind)}) == {hash(RESIDENT)}
        return residents and self._seen.contradicts(row, place, "phone")

    def _repeats(self, row: Row, place: int) -> None:
        differing = [name for name in COMPARED if self._seen.contradicts(row, place, name)]
        earlier = {"line": self._seen.lines[place]}
        if not differing:
            row.left_out(Kind.DUPLICATE, _("says the same as row %(line)d") % earlier)
        for name in differing:
            sentence = _("row %(line)d is the same partner, but says otherwise: delete one of the two, or make them agree")  # fmt: skip
            row.wrong(name, sentence % earlier)

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

    def _needs_number(self) -> Reason:
        """What to do about a row of a signed partner without a number."""
        if self.gives_numbers:
            sentence = _("who has signed needs a number: fill in “%(number)s”, or “%(day)s” so that one is given; else change “%(status)s”")  # fmt: skip
        else:
            sentence = _("who has signed needs a number: fill in “%(number)s”; else change “%(status)s” or clear “%(day)s”, or let numbers be given where columns are matched")  # fmt: skip
        names = {"number": "number", "day": "signed_on", "status": "status"}
        return sentence % {
            key: self.titles.get(name) or words(FIELDS[name]) for key, name in names.items()
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
        if signed_on and ends_on and ends_on <= signed_on:
            row.wrong("agreement_ends_on", _("is not after the day of signing"))

    def _compare(self, row: Row, record: Record) -> None:
        row.partner_id = record["id"]
        values = row.values
        if name_key(values["name"]) != name_key(record["name"]):
            row.changes.append(("name", record["name"], values["name"]))
            self._check_rename(row, record)
        if "credit_code" in values and values["credit_code"] != record["credit_code"]:
            row.changes.append(("credit_code", record["credit_code"], values["credit_code"]))
        for name in (*PLAIN, "signed_on", "agreement_ends_on"):
            if name in values and values[name] != record[name]:
                row.changes.append((name, record[name], values[name]))
        row.changes += contacts.changes(values, record)
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
                % {"status": words(Partner.status_words()[before, record["number"] is not None])},
            )


def holes(numbers: Iterable[int], last: int) -> list[tuple[int, int]]:
    """What is missing between `last`, the last number given, and `numbers`: ranges, ends included."""
    missing, expected = [], last + 1
    for number in sorted(numbers):
        if number > expected:
            missing.append((expected, number - 1))
        expected = number + 1
    return missing
