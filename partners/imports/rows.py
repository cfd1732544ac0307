"""Parses the rows of a sheet: cells become values, and what is wrong with them is noted."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from partners.imports import cells, people, reading
from partners.imports.columns import squeeze
from partners.imports.models import ImportRow, PartnerImport
from partners.imports.people import MAIN

ANY_DAY = "2020-01-01"  # to see whether a term can be read at all
# 合计, 总 计：, 共计12家 — but no 总计算机房.
TOTAL = re.compile(
    r"\s*(合|总|小|共)\s*计\s*([:：(（].*|共?\s*\d+\s*[家户个名人位]?)?\s*$", re.DOTALL
)
FURTHER = ("more_contacts", "more_phones")
TELLING = ("kind", "credit_code", "status")  # nobody writes these but of a partner
NAME_SHOWN = 40  # characters of a wrong name
MERGED = 4  # so many columns with the same text are one merged cell
# Below a list, without spaces: 填表人：张三, 填报单位（盖章）.
FOOT = re.compile(
    r"((填表|制表|填报)?(备注|说明)|注|(填表|制表|填报|审核|复核|审批|经办|联系|(单位)?负责)人|"
    r"(填表|制表|填报)(单位|部门|日期|时间)?|审核|(联系)?电话)"
    r"([（(][^（()）]*[)）])?[:：]|(填表|制表|填报)单位[（(](盖章|公章)[)）]"
)
COMMUNITY = re.compile(r"(.+?)(?:社区居民委员会|社区居委会|居委会|社区)")


def parse(partner_import: PartnerImport) -> Iterator[ImportRow]:
    """The rows of a file below its header, not saved. Raises `Unreadable`."""
    parser, mapping = _Parser(partner_import), partner_import.mapping
    for line, row_cells in reading.rows(partner_import.file, mapping["sheet"]):
        if line > mapping["last"]:
            yield parser.parse(line, row_cells)


class _Parser:
    def __init__(self, partner_import: PartnerImport) -> None:
        self.partner_import, mapping = partner_import, partner_import.mapping
        self.fields = {int(column): name for column, name in mapping["columns"].items()}
        self.titles: dict[str, str] = mapping["titles"]
        # By full or short name, with or without 社区.
        self.communities: dict[str, int] = {}
        self.community_names: list[str] = []
        for pk, name, short_name in Community.objects.values_list("pk", "name", "short_name"):
            self.community_names.append(short_name)
            for spelling in (name, short_name):
                self.communities[squeeze(spelling)] = pk
                self.communities.setdefault(_without_ending(spelling), pk)

    def parse(self, line: int, row_cells: list[Any]) -> ImportRow:
        row = ImportRow(partner_import=self.partner_import, line=line)
        cells_of: dict[str, list[Any]] = {}  # further contacts may have several columns
        for column, name in self.fields.items():
            cell = row_cells[column] if column < len(row_cells) else ""
            cells_of.setdefault(name, []).append(cell)
        mapped = {name: found[0] for name, found in cells_of.items()}
        if reason := _why_no_partner(row_cells, mapped, self.titles):
            row.leave_out(ImportRow.Kind.SKIPPED, reason)
            return row
        # A term in years counts from the day of signing, so that is read first.
        for name in sorted(mapped, key="agreement_ends_on".__eq__):
            self._parse_cell(row, name, mapped[name])
        _parse_people(row, cells_of)
        if "name" not in row.values and not row.has_problem("name"):
            row.wrong("name", _("is empty"))
        row.name = row.values.get("name") or cells.beginning(mapped.get("name", ""), NAME_SHOWN)
        return row

    def _parse_cell(self, row: ImportRow, name: str, cell: Any) -> None:
        try:
            if name == "community":
                value = self._community(cell)
            elif name == "agreement_ends_on" and row.has_problem("signed_on"):
                # Of a term that counts from a wrong day, only what is wrong by itself is said.
                cells.agreement_ends_on(cell, ANY_DAY)
                return
            elif name == "agreement_ends_on":
                value = cells.agreement_ends_on(cell, row.values.get("signed_on", ""))
            elif name in cells.PARSERS:
                value = cells.PARSERS[name](cell)
            else:  # people, of whom several cells tell
                return
        except ValidationError as error:
            row.invalid(name, error)
        else:
            if value != "":
                row.values[name] = value

    def _community(self, cell: Any) -> int | str:
        spelling = cells.text(cell, 100)
        if not spelling:
            return ""
        found = self.communities.get(squeeze(spelling)) or self.communities.get(
            _without_ending(spelling)
        )
        if found is None:
            raise cells.Wrong(
                _("there is no community called “%(text)s”; write one of: %(known)s"),
                text=spelling,
                known="、".join(self.community_names),
            )
        return found


def _without_ending(spelling: str) -> str:
    squeezed = squeeze(spelling)
    found = COMMUNITY.fullmatch(squeezed)
    return found[1] if found else squeezed


def _parse_people(row: ImportRow, cells_of: dict[str, list[Any]]) -> None:
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
        row.values |= {name: value for name, value in zip(MAIN, known.pop(0), strict=True) if value}
    if known:
        row.values["others"] = known


def _people_of(
    row: ImportRow,
    names: tuple[str, str],
    contact_cell: Any,
    phone_cell: Any,
    *,
    apart: bool = False,
) -> list[people.Person]:
    """The people of two cells; what is wrong is said of the cell that it is wrong with."""
    try:
        return people.of_cells(contact_cell, phone_cell, apart=apart)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            row.invalid(names[MAIN.index(name)], ValidationError(errors))
        return []


# --- Rows that are no partner --------------------------------------------------------------


def _why_no_partner(
    row_cells: list[Any], mapped: dict[str, Any], titles: dict[str, str]
) -> str | Promise:
    if _is_header(mapped, titles):
        return _("the header, once more")
    if _is_total(row_cells, mapped):
        return _("a total, not a partner")
    if _is_foot(row_cells, mapped):
        return _("a remark or a signature, not a partner")
    if cells.is_blank(mapped.get("name", "")) and _is_remark(row_cells, mapped):
        return _("there is no name: taken for a remark, not a partner")
    return ""


def _is_header(mapped: dict[str, Any], titles: dict[str, str]) -> bool:
    """A header printed again on a later page: most of what stands in it are the titles.

    Of a header of several rows each has a part of the title.
    """
    filled = {name: cell for name, cell in mapped.items() if cell != ""}
    same = sum(
        isinstance(cell, str) and len(cell) > 1 and "".join(cell.split()) in titles[name]
        for name, cell in filled.items()
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


def _begins_foot(cell: Any) -> bool:
    return isinstance(cell, str) and FOOT.match("".join(cell.split())) is not None


def _is_remark(row_cells: list[Any], mapped: dict[str, Any]) -> bool:
    """Whether a row without a name says too little to be a partner whose name is missing.

    A lone text is a remark; a serial number and a kind are not.
    """
    filled = sum(cell != "" for cell in mapped.values())
    others = sum(cell != "" for cell in row_cells) - 1
    return filled < 2 and not (others and any(_says(name, mapped) for name in TELLING))


def _says(name: str, mapped: dict[str, Any]) -> bool:
    try:
        return cells.PARSERS[name](mapped.get(name, "")) != ""
    except ValidationError:
        return False
