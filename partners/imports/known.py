"""Which partner of the list a row of an import is of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from partners.imports.reasons import Reason as _
from partners.imports.rows import Row
from partners.models import Contact, Partner
from partners.search import NAME_KEY, name_key

Record = dict[str, Any]  # what the list knows of a partner, and its contacts

RESIDENT = Partner.Kind.RESIDENT.value


class Known:
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
        # Name and phone of all its contacts, and of those besides the main one.
        record["people"], record["further"] = [], []
    contacts = Contact.objects.filter(partner__in=found).order_by()
    for pk, name, phone, is_main in contacts.values_list("partner_id", "name", "phone", "is_main"):
        found[pk]["people"].append([name, phone])
        if is_main:
            found[pk] |= {"contact": name, "phone": phone or None}
        else:
            found[pk]["further"].append([name, phone])
    return found.values()
