"""Compares the people that a row names with the contacts that the list has of its partner.

Nobody becomes two: who is listed without a number gets the row's, and whom the list lacks is added.
Of several people nobody replaces another; one alone, or the first of them where nobody listed can
be called, replaces the main contact.
"""

from collections.abc import Sequence
from typing import Any

from partners.imports.known import Record
from partners.imports.people import Person

Change = tuple[str, Any, Any]  # of which field, from what, to what


def changes(values: dict[str, Any], record: Record) -> list[Change]:
    """What the people in the `values` of a row change about a partner's contacts.

    “others” changes from those of them who get a number now, or `None`, to those and the new ones.
    """
    main = [values.get("contact", ""), values.get("phone", "")]
    others = values.get("others", [])
    if not others and not _is_further(main, record):
        return _of_main(values, record)
    people = [main, *others] if any(main) else others
    given, added = _sorted_out(people, record)
    found: list[Change] = []
    named_main = next((person for person in given if person[0] == record["contact"]), None)
    if named_main and not record["phone"]:
        given.remove(named_main)
        found = [("phone", None, named_main[1])]
    elif main in added and _can_be_replaced(people, record):
        added.remove(main)
        found = _of_main(values, record)
    if given or added:
        found.append(("others", [[name, ""] for name, _phone in given] or None, given + added))
    return found


def _of_main(values: dict[str, Any], record: Record) -> list[Change]:
    return [
        (name, record[name], values[name])
        for name in ("contact", "phone")
        if name in values and values[name] != record[name]
    ]


def _is_further(person: Person, record: Record) -> bool:
    """Whether the list has this person besides the main contact."""
    names = {name for name, _phone in record["further"]}
    return person in record["further"] or (person[0] != record["contact"] and person[0] in names)


def _sorted_out(people: Sequence[Person], record: Record) -> tuple[list[Person], list[Person]]:
    """Those of `people` who are listed without the number they have, and those not listed at all."""
    names = {name for name, _phone in record["people"]}
    phones = {phone for _name, phone in record["people"]}
    without = [name for name, phone in record["people"] if not phone]
    given, added = [], []
    for person in people:
        name, phone = person
        if phone in phones if phone else name in names:
            continue
        if phone and name in without:
            without.remove(name)
            given.append(person)
        else:
            added.append(person)
    return given, added


def _can_be_replaced(people: Sequence[Person], record: Record) -> bool:
    """Whether nobody listed has a number, and none of `people` is the main contact."""
    names = {name for name, _phone in people}
    return record["contact"] not in names and not any(phone for _name, phone in record["people"])
