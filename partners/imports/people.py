"""Reads the people of a partner, with their phone numbers, and compares them with its contacts.

Offices write them as they like: a name and a number each in a column, both in one, several people
in a cell. A name that comes out of here never holds a phone number.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones
from partners.imports import cells
from partners.imports.cells import Wrong

Person = list[str]  # name and phone, either of which may be ""
Change = list[Any]  # of which field, from what, to what
MAIN = ("contact", "phone")  # the fields of the main contact
Group = tuple[str, list[str]]  # names as they stand, or else numbers
NO_GROUP: Group = ("", [])
UNCLEAR = _("it is not clear whose number is which: write each name with its number behind it, like “张三138XXXXXXXX、李四139XXXXXXXX”")  # fmt: skip

NAME_SEPARATOR = re.compile(r"[\n/、,，;；|]")
# A whole number with its extension, or else so many digits that they are meant for one: more than
# `phones.WITHIN`, by which words are refused, for in a cell for people they are nothing else.
NUMBER = re.compile(
    rf"{phones.WITHIN.pattern}(?:(?:\s*(?:转|#|ext\.?)\s*|{phones.DASH})\d{{1,5}}(?!\d))?"
    rf"|[+＋]?\d(?:{phones.DASH}?\d){{4,}}",
    re.IGNORECASE,
)
# A word before a name or a number that is neither: 联系人：张三，电话：138…
LABEL = re.compile(
    r"(?:^|(?<=[\s/、,，;；|(（]))(?:联系人|负责人|姓名)\s*[:：]"
    r"|(?:手机)?(?:微信)?同号"
    r"|^转$"
    r"|(?:联系|办公|固定|移动|住宅)?(?:电话|手机|座机)(?:号码?)?\s*[:：]?\s*$"
    r"|(?:联系方式|办公|宅电|微信)\s*[:：]?\s*$"
    r"|(?:tel|mobile|phone)\s*[.:：]?\s*$",
    re.IGNORECASE,
)
PUNCTUATION = " \t\n、,，;；|/:：.。-—–－"  # around names and numbers


def of_cells(contact_cell: Any, phone_cell: Any, *, apart: bool = False) -> list[Person]:
    """The people that a contact cell and the phone cell belonging to it name, the first one first.

    Names without numbers, or with one, are one contact as they stand, unless they are to be
    taken `apart`. Raises `ValidationError` for “contact”, “phone” or both where a cell is wrong,
    or nobody can say whose number is which.
    """
    where = "contact"
    if cells.is_blank(contact_cell) and _has_names_and_numbers(phone_cell):
        contact_cell, phone_cell, where = phone_cell, "", "phone"
    wrong: dict[str, Any] = {}
    people, numbers, name = [], [], ""
    try:
        people = in_cell(contact_cell)
        name = "" if people or apart else contact(contact_cell)
    except ValidationError as error:
        wrong[where] = error
    try:
        numbers = cells.numbers(phone_cell)
        if not wrong:
            return _matched(contact_cell, people, name, numbers, apart=apart)
    except ValidationError as error:
        wrong["phone"] = error
    raise ValidationError(wrong)


def _matched(
    cell: Any, people: list[Person], name: str, numbers: list[str], *, apart: bool
) -> list[Person]:
    """The `people` or the names of a contact `cell`, with the numbers of its phone cell."""
    if people:
        return _with_more_numbers(people, numbers)
    if not numbers and apart:
        return [[each, ""] for each in _names(cell)]
    if len(numbers) < 2 and not apart:
        number = next(iter(numbers), "")
        return [[name, number]] if name or number else []
    return _in_order(_names(cell, len(numbers)) or [""], numbers)


def in_cell(cell: Any) -> list[Person]:
    """The people in a cell that holds numbers too; `[]` if it holds none.

    Raises `ValidationError` if one of the numbers is none, or it can't be told whose it is.
    """
    groups = list(_groups(cells.text(cell, 300, lines=True)))
    if not any(numbers for _names, numbers in groups):
        return []
    first, last = groups[0][1], groups[-1][1]
    if first and last and len(groups) > 1:
        raise Wrong(UNCLEAR)
    names_follow = bool(first) and not last
    if names_follow:
        groups.reverse()
    if groups[0][1]:
        groups.insert(0, NO_GROUP)  # numbers and no name at all
    found = [
        _in_order(_names(names, len(numbers)) or [""], numbers, of_one_cell=True)
        if numbers
        else [[name, ""] for name in _names(names)]
        for (names, _none), (_no, numbers) in zip(
            groups[::2], [*groups[1::2], NO_GROUP], strict=False
        )
    ]
    return [person for people in (found[::-1] if names_follow else found) for person in people]


def contact(cell: Any) -> str:
    """A name, or several that stay one; lines are joined first, as a number may span two."""
    found = cells.text(cell, 300)
    found = re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", found)
    return cells.text(cells.without_number(found), cells.CONTACT_LENGTH)


def without_repetitions(people: list[Person]) -> list[Person]:
    """Each of `people` once; who has a number is not listed without one, nor a number nameless."""
    names = {name for name, number in people if number}
    numbers = {number for name, number in people if name}
    found: list[Person] = []
    for name, number in people:
        is_known = (not number and name in names) or (not name and number in numbers)
        if not is_known and [name, number] not in found:
            found.append([name, number])
    return found


def _groups(text: str) -> Iterator[Group]:
    """The names and numbers of a text by turns: names, then all numbers up to the next names."""
    parts: list[tuple[bool, str]] = []
    end = 0
    for found in NUMBER.finditer(text):
        parts += [(False, _tidy(text[end : found.start()])), (True, found[0])]
        end = found.end()
    parts.append((False, _tidy(text[end:])))
    filled = (part for part in parts if part[1])
    for is_number, group in groupby(filled, key=lambda part: part[0]):
        texts = [text for _is_number, text in group]
        if is_number:
            yield (
                "",
                list(dict.fromkeys(number for each in texts for number in cells.numbers(each))),
            )
        else:
            yield texts[0], []


def _tidy(names: str) -> str:
    """Names without what stands between them and their numbers; a bracket left open is closed."""
    found = (
        LABEL.sub("", names.strip(PUNCTUATION))
        .strip(PUNCTUATION)
        .removesuffix("（")
        .removesuffix("(")
    )
    found = LABEL.sub("", found).strip(PUNCTUATION)
    for opening, closing in ("（）", "()"):
        found = found.replace(opening + closing, "")
        if found.count(closing) > found.count(opening):
            found = found.removeprefix(closing)
        if found.count(opening) > found.count(closing):
            found += closing
        found = re.sub(rf"^[{opening}]([^{opening}{closing}]*)[{closing}]$", r"\1", found)
    return found.strip(PUNCTUATION)


def _in_order(names: list[str], numbers: list[str], *, of_one_cell: bool = False) -> list[Person]:
    """As many names as numbers, in the same order, or one name, which may be `""`, for all."""
    if len(names) not in (1, len(numbers)):
        if of_one_cell:
            raise Wrong(UNCLEAR)
        raise Wrong(
            _(
                "there are %(numbers)d phone numbers but %(names)d names: write as many names as numbers, in the same order, or keep one number"
            ),
            numbers=len(numbers),
            names=len(names),
        )
    if len(names) == 1:
        names = names * len(numbers)
    return [[name, number] for name, number in zip(names, numbers, strict=True)]


def _with_more_numbers(people: list[Person], numbers: list[str]) -> list[Person]:
    """`people` as a cell names them, with those of the phone column that it does not hold."""
    has = {number for _name, number in people}
    more = [number for number in numbers if number not in has]
    without = [person for person in people if not person[1]]
    if more and len(without) == len(more):
        for person, number in zip(without, more, strict=True):
            person[1] = number
    elif more and len({name for name, _number in people}) == 1:
        people = people + [[people[0][0], number] for number in more]
    elif more:
        raise Wrong(UNCLEAR)
    return people


def _has_names_and_numbers(cell: Any) -> bool:
    """Whether a phone cell holds names beside valid numbers."""
    if not isinstance(cell, str):
        return False
    try:
        groups = list(_groups(cells.text(cell, 300, lines=True)))
    except ValidationError:
        return False
    return any(names for names, _numbers in groups) and any(numbers for _names, numbers in groups)


def _names(cell: Any, count: int = 0) -> list[str]:
    """The names in a cell; parted by a space alone only if they are as many as `count`."""
    found = cells.text(cell, 300, lines=True)
    parts = [part.strip() for part in NAME_SEPARATOR.split(found) if part.strip()]
    if len(parts) == 1 and len(words := found.split()) == count:
        parts = words
    if len(parts) < 2 or any(len(part) == 1 for part in parts):
        parts = [contact(cell)]  # a space or line break within a name is there for looks
    return [name for part in parts if (name := contact(part))]


# --- Compared with the contacts that the register has -----------------------------------------


def changes(names: Iterable[str], values: dict[str, Any], record: dict[str, Any]) -> list[Change]:
    """Which of the fields `names` of a partner's `record` the `values` of a row change."""
    return [
        [name, record[name], values[name]]
        for name in names
        if name in values and values[name] != record[name]
    ]


def changes_of_contacts(values: dict[str, Any], record: dict[str, Any]) -> list[Change]:
    """What the people in the `values` of a row change about the contacts in a partner's `record`.

    Nobody is entered twice: who is listed without a number gets the row's, whom the register lacks
    is added. Of several people nobody replaces another; one alone, or the first of them where
    nobody listed can be called, replaces the main contact. The field “others” changes from those
    who get a number now, or `None`, to those and the new ones.
    """
    main = [values.get("contact", ""), values.get("phone", "")]
    others = values.get("others", [])
    further = {name for name, _phone in record["further"]} - {record["contact"]}
    if not others and main not in record["further"] and main[0] not in further:
        return changes(MAIN, values, record)
    people = [main, *others] if any(main) else others
    given, added = _sorted_out(people, record)
    found: list[Change] = []
    named_main = next((person for person in given if person[0] == record["contact"]), None)
    if named_main and not record["phone"]:
        given.remove(named_main)
        found = [["phone", None, named_main[1]]]
    elif main in added and _can_be_replaced(people, record):
        added.remove(main)
        found = changes(MAIN, values, record)
    if given or added:
        found.append(["others", [[name, ""] for name, _phone in given] or None, given + added])
    return found


def _sorted_out(
    people: Sequence[Person], record: dict[str, Any]
) -> tuple[list[Person], list[Person]]:
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


def _can_be_replaced(people: Sequence[Person], record: dict[str, Any]) -> bool:
    """Whether nobody listed has a number, and none of `people` is the main contact."""
    names = {name for name, _phone in people}
    return record["contact"] not in names and not any(phone for _name, phone in record["people"])
