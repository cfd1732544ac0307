"""Makes rows of values from rows of cells, by the mapping of columns."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError

from communities.models import Community
from partners.imports import cells, people
from partners.imports.columns import squeeze
from partners.imports.models import ImportRow
from partners.imports.reasons import Reason, reasons_in
from partners.imports.reasons import Reason as _

ANY_DAY = "2020-01-01"  # to see whether a term can be read at all
# 合计, 总 计：, 共计12家 — but not 总计算机房.
TOTAL = re.compile(
    r"\s*(合|总|小|共)\s*计\s*([:：(（].*|共?\s*\d+\s*[家户个名人位]?)?\s*$", re.DOTALL
)
MAIN, FURTHER = ("contact", "phone"), ("more_contacts", "more_phones")
TELLING = ("kind", "credit_code", "status")  # what nobody says but of a partner
CALLED = 40  # characters of a wrong name that are shown
MERGED = 4  # columns that say the same: one cell over all of them, and no values
# Below a list, without spaces: 填表人：张三, 填报单位（盖章）.
FOOT = re.compile(
    r"((填表|制表|填报)?(备注|说明)|注|(填表|制表|填报|审核|复核|审批|经办|联系|(单位)?负责)人|"
    r"(填表|制表|填报)(单位|部门|日期|时间)?|审核|(联系)?电话)"
    r"([（(][^（()）]*[)）])?[:：]|(填表|制表|填报)单位[（(](盖章|公章)[)）]"
)


@dataclass
class Row:
    """A row on its way: what `ImportRow` stores."""

    line: int
    called: str = ""  # how the row is shown where its name is wrong
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    kind: str = ""
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    partner_id: int | None = None
    gets_number: bool = False  # the import is to give it one

    def wrong(self, name: str, reason: Reason) -> None:
        """Note what is wrong with the field `name`, or with the whole row if it is `""`."""
        self.kind = ImportRow.Kind.ERROR
        self.problems.append((name, reason.message, reason.named))

    def has_problem(self, name: str) -> bool:
        return any(problem[0] == name for problem in self.problems)

    def left_out(self, kind: str, reason: Reason) -> None:
        self.kind = kind
        self.problems.append(("", reason.message, reason.named))


class Communities:
    """Finds a community by what people call it: full or short name, with or without 社区."""

    ENDINGS = ("社区居民委员会", "社区居委会", "居委会", "社区")

    def __init__(self) -> None:
        self.by_name: dict[str, int] = {}
        self.names: list[str] = []
        for pk, name, short_name in Community.objects.values_list("pk", "name", "short_name"):
            self.names.append(short_name)
            for called in (name, short_name):
                self.by_name[squeeze(called)] = pk
                self.by_name.setdefault(self._stem(called), pk)

    def find(self, cell: Any) -> int | str:
        called = cells.text(cell, 100)
        if not called:
            return ""
        found = self.by_name.get(squeeze(called)) or self.by_name.get(self._stem(called))
        if found is None:
            raise ValidationError(
                _("there is no community called “%(text)s”; write one of: %(known)s")
                % {"text": called, "known": "、".join(self.names)}
            )
        return found

    def _stem(self, called: str) -> str:
        squeezed = squeeze(called)
        for ending in self.ENDINGS:
            if squeezed.endswith(ending) and squeezed != ending:
                return squeezed.removesuffix(ending)
        return squeezed


def parse(
    lines: Iterable[tuple[int, list[Any]]],
    *,
    columns: dict[int, str],
    titles: dict[str, str],
    after: int,
) -> Iterator[Row]:
    """The rows below line `after`, parsed.

    `columns` says which column holds which field, `titles` what its title is.
    """
    communities = Communities()
    for line, row_cells in lines:
        if line > after:
            yield _parse_row(line, row_cells, columns, titles, communities)


def _parse_row(
    line: int,
    row_cells: list[Any],
    columns: dict[int, str],
    titles: dict[str, str],
    communities: Communities,
) -> Row:
    row = Row(line)
    cells_of: dict[str, list[Any]] = {}  # further contacts may have several columns
    for column, name in columns.items():
        cell = row_cells[column] if column < len(row_cells) else ""
        cells_of.setdefault(name, []).append(cell)
    mapped = {name: found[0] for name, found in cells_of.items()}
    if _is_header(mapped, titles):
        row.left_out(ImportRow.Kind.SKIPPED, _("the header, once more"))
        return row
    if _is_total(row_cells, mapped):
        row.left_out(ImportRow.Kind.SKIPPED, _("a total, not a partner"))
        return row
    if _is_foot(row_cells, mapped):
        row.left_out(ImportRow.Kind.SKIPPED, _("a remark or a signature, not a partner"))
        return row
    if cells.is_blank(mapped.get("name", "")) and _is_remark(row_cells, mapped):
        row.left_out(
            ImportRow.Kind.SKIPPED, _("there is no name: taken for a remark, not a partner")
        )
        return row
    row.called = cells.begin(mapped.get("name", ""), CALLED)
    for name, cell in mapped.items():
        if name in cells.PARSERS or name == "community":
            _parse_cell(row, name, cell, communities)
    if "agreement_ends_on" in mapped:
        _parse_cell(row, "agreement_ends_on", mapped["agreement_ends_on"], communities)
    _parse_people(row, cells_of)
    if "name" not in row.values and not row.has_problem("name"):
        row.wrong("name", _("is empty"))
    return row


def _parse_people(row: Row, cells_of: dict[str, list[Any]]) -> None:
    """Who there is to speak to: the first person of the contact cell is the main contact."""
    main = _people_of(row, MAIN, *(cells_of.get(name, [""])[0] for name in MAIN))
    others = main[1:]
    more = zip_longest(*(cells_of.get(name, ()) for name in FURTHER), fillvalue="")
    for contact_cell, phone_cell in more:
        found = _people_of(row, FURTHER, contact_cell, phone_cell, apart=True)
        # Another number that nobody is named for is mostly the same person's.
        others += [[name or (main[0][0] if main else ""), number] for name, number in found]
    known = people.without_repetitions([*main[:1], *others])
    if main:
        for name, value in zip(MAIN, known.pop(0), strict=True):
            if value:
                row.values[name] = value
    if known:
        row.values["others"] = known


def _people_of(
    row: Row, names: tuple[str, str], contact_cell: Any, phone_cell: Any, *, apart: bool = False
) -> list[people.Person]:
    """The people of two cells; what is wrong is said of the cell that it is wrong with."""
    try:
        return people.of_cells(contact_cell, phone_cell, apart=apart)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            for reason in reasons_in(ValidationError(errors)):
                row.wrong(names[MAIN.index(name)], reason)
        return []


def _is_header(mapped: dict[str, Any], titles: dict[str, str]) -> bool:
    """A header printed again on a later page: most of what stands in it are the titles.

    Of a header of several rows each has a part of the title.
    """
    filled = {name: cell for name, cell in mapped.items() if cell != ""}
    same = sum(
        1
        for name, cell in filled.items()
        if isinstance(cell, str) and len(cell) > 1 and "".join(cell.split()) in titles[name]
    )
    return same * 2 > len(filled) and (same > 1 or len(mapped) == 1)


def _is_total(row_cells: list[Any], mapped: dict[str, Any]) -> bool:
    """A sum below the list: it begins with the word, or has it in place of a name."""
    first = next((cell for cell in row_cells if cell != ""), "")
    return any(isinstance(cell, str) and TOTAL.match(cell) for cell in (first, mapped.get("name")))


def _is_foot(row_cells: list[Any], mapped: dict[str, Any]) -> bool:
    """What stands below the list: it begins with such a word, or is one cell over many columns."""
    filled = [cell for cell in row_cells if cell != ""]
    if len(filled) >= MERGED and all(cell == filled[0] for cell in filled):
        return True
    first, name = next(iter(filled), ""), mapped.get("name", "")
    return _begins_foot(first) and (cells.is_blank(name) or _begins_foot(name))


def _is_remark(row_cells: list[Any], mapped: dict[str, Any]) -> bool:
    """Whether a row without a name says too little to be a partner whose name is missing.

    A lone text is a remark; a serial number and a kind are not.
    """
    filled = sum(1 for cell in mapped.values() if cell != "")
    others = sum(1 for cell in row_cells if cell != "") - 1
    return filled < 2 and not (others and any(_says(name, mapped) for name in TELLING))


def _says(name: str, mapped: dict[str, Any]) -> bool:
    try:
        return cells.PARSERS[name](mapped.get(name, "")) != ""
    except ValidationError:
        return False


def _begins_foot(cell: Any) -> bool:
    return isinstance(cell, str) and FOOT.match("".join(cell.split())) is not None


def _parse_cell(row: Row, name: str, cell: Any, communities: Communities) -> None:
    try:
        if name == "community":
            value = communities.find(cell)
        elif name == "agreement_ends_on" and row.has_problem("signed_on"):
            # A term counts from the day that is wrong: only what is wrong by itself is said.
            cells.agreement_ends_on(cell, ANY_DAY)
            return
        elif name == "agreement_ends_on":
            value = cells.agreement_ends_on(cell, row.values.get("signed_on", ""))
        else:
            value = cells.PARSERS[name](cell)
    except ValidationError as error:
        for reason in reasons_in(error):
            row.wrong(name, reason)
    else:
        if value != "":
            row.values[name] = value
