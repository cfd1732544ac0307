"""Makes values of single cells, as people fill them in: one function for each field.

A function takes a cell as `partners.imports.sheets` writes it (text, number, bool, or
`["day", "2021-05-15"]`) and returns the value to store, `""` for a blank cell. It raises `Wrong`
with a sentence for the person who filled in the sheet.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones
from banyang.foundation.forms import FIRST_YEAR, LAST_YEAR
from banyang.office.models import Office
from partners.codes import normalise_credit_code, validate_credit_code
from partners.imports.columns import EXCEL_EPOCH
from partners.models import Contact, Partner
from partners.terms import last_day

# What people write to say that there is nothing to write.
NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "没有", "空", "n/a", "null", "none"}
EXACT_BELOW = 10**15  # Excel keeps 15 digits of a number; what follows is lost
EXPONENT = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
DAY = re.compile(r"(\d{4})\s*[年./\-\\、]\s*(\d{1,2})\s*[月./\-\\、]\s*(\d{1,2})\s*[日号]?")
ONES = "一二三四五六七八九两"
# 3年, 十五年期 — but neither a year, such as 2026年5月, nor a part of a term, such as 三年半.
YEARS = re.compile(
    rf"(?:(?<!\d)([1-9]\d?)|(?<![〇零{ONES}十百])([{ONES}]?十[{ONES}]?|[{ONES}]))"
    r"\s*年(?=\s*(?:[期整内]|[^\w\s]|$))"
)
DIGITS = {character: index for index, character in enumerate(ONES, start=1)} | {"两": 2}
# 二〇二四年五月十四日, and what a year's digits are in it.
CHINESE_DAY = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
YEAR_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
SHORT_DAY = re.compile(r"(?<!\d)\d{2}\s*[年./\-\\、]\s*\d{1,2}\s*[月./\-\\、]\s*\d{1,2}(?!\d)")
# What parts two phone numbers: a blank does only where a whole number follows it.
PHONE_SEPARATOR = re.compile(rf"[/、,;]| +(?=\+|{phones.WITHIN.pattern})")
# Full-width letters, digits and spaces; Chinese punctuation stays as it is.
HALF_WIDTH: dict[int, int | str] = {code: code - 0xFEE0 for a, b in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ")) for code in range(ord(a), ord(b) + 1)}  # fmt: skip
HALF_WIDTH |= {0x3000: " ", 0xA0: " "}

# What people write for a kind or a status, without blanks: our own English words are among them.
KINDS: dict[str, str] = {
    "resident": "居民 个人 居民个人 志愿者 群众 自然人",
    "sole_trader": "个体工商户 个体户 个体 商户 个体商户 沿街商户 个体经营户 店铺 soletrader",
    "social": "社会组织 社会团体 社团 民办非企业 民办非企业单位 民非 社会服务机构 基金会 协会 商会 "
    "公益组织 群团组织 志愿服务组织 socialorganisation",
    "government": "机关 党政机关 行政机关 政府机关 国家机关 机关单位 政府部门 行政单位 governmentbody",
    "institution": "事业单位 学校 医院 机关事业单位 事业",
    "enterprise": "企业 公司 有限公司 有限责任公司 股份有限公司 国企 国有企业 民企 民营企业 私营企业 "
    "非公企业 两新组织 银行 企业单位 农民专业合作社 合作社 集体企业 外资企业",
}
# The first two characters of a credit code say who registered it (GB 32100-2015, table 1).
KIND_BY_CODE = {"11": "government", "12": "institution", "13": "social", "51": "social",
                "52": "social", "53": "social", "91": "enterprise", "92": "sole_trader", "93": "enterprise"}  # fmt: skip
STATUSES: dict[str, str] = {
    "applied": "申请 已申请 申请中 待审核 待审 未签约 意向",
    "vetted": "审核通过 已审核 已审 待签约 通过",
    "signed": "已签约 签约 正常 在签 有效 已入伙 入伙 履约中 在册 续签 已续签",
    "suspended": "暂停 已暂停 中止",
    "withdrawn": "退出 已退出 终止 已终止 解约 已解约 注销 已到期 未通过 不予通过 turneddown",
}


def _by_word(table: dict[str, str], values: list[str]) -> dict[str, str]:
    words = {word: value for value, text in table.items() for word in text.split()}
    return words | dict(zip(values, values, strict=True))


KIND_WORDS = _by_word(KINDS, Partner.Kind.values)
STATUS_WORDS = _by_word(STATUSES, Partner.Status.values)
LOST_DIGITS = _(
    "Excel stored this as a number and lost its last digits (%(text)s): set the column to “Text” and type it again"
)
NO_FULL_DATE = _("“%(text)s” is no full date; write it like 2021-05-15")


class Wrong(ValidationError):
    """A cell that can't be taken: a sentence, not yet translated, and what it names."""

    def __init__(self, message: Any, **named: Any) -> None:
        super().__init__(message, params=named)


def text(cell: Any, limit: int, *, lines: bool = False) -> str:
    """A cell as text of at most `limit` characters, without invisible ones and outer blanks."""
    found = _text(cell, lines=lines)
    if len(found) > limit:
        raise Wrong(
            _("has %(length)d characters; at most %(limit)d fit"), length=len(found), limit=limit
        )
    return found


def beginning(cell: Any, limit: int) -> str:
    """What a cell says, cut to `limit` characters and with its phone numbers masked."""
    found = _text(cell)
    if phones.numbers_in(found):
        found = phones.masked(found)
    return found if len(found) <= limit else found[: limit - 1] + "…"


def is_blank(cell: Any) -> bool:
    return not _text(cell)


def _text(cell: Any, *, lines: bool = False) -> str:
    if isinstance(cell, list):
        found = str(cell[1])
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_BELOW:
        found = str(int(cell))
    else:
        found = str(cell)
    if not found.isascii():
        found = found.translate(HALF_WIDTH)
    if not found.isprintable():
        found = _without_invisible(found)
    if lines:
        found = "\n".join(" ".join(line.split()) for line in found.split("\n")).strip()
    else:
        found = " ".join(found.split())
    return "" if found.lower() in NOTHING else found


def _without_invisible(found: str) -> str:
    """Without control and formatting characters, such as the zero-width space.

    Line breaks stay, tabs become spaces.
    """
    found = found.replace("\r\n", "\n").replace("_x000D_", "").replace("\t", " ")
    return "".join(
        character
        for character in found
        if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf")
    )


def name(cell: Any) -> str:
    # Between Chinese characters a space or line break only spreads the name over the cell.
    found = re.sub(r"(?<=[\u4e00-\u9fff（）]) (?=[\u4e00-\u9fff（）])", "", text(cell, 300))
    return text(without_number(found), _limit(Partner, "name"))


def without_number(name: str) -> str:
    """`name` as it is. Raises `Wrong` if it holds a phone number: pages never mask names."""
    if phones.numbers_in(name):
        raise Wrong(_("holds a phone number: write the name alone here, and the number in a column of its own"))  # fmt: skip
    return name


def number(cell: Any) -> int | str:
    """A partner number: 37, 037, “第37号”."""
    found = unicodedata.normalize("NFKC", text(cell, 30))
    if not found:
        return ""
    match = re.fullmatch(r"(?:第|no\.?|№)?\s*0*(\d{1,7})\s*(?:号|位|家|个)?", found, re.IGNORECASE)
    if not match or int(match[1]) < 1:
        raise Wrong(_("“%(text)s” is no partner number"), text=found)
    return int(match[1])


def credit_code(cell: Any) -> str:
    if _is_number(cell) and abs(cell) >= EXACT_BELOW:
        raise Wrong(LOST_DIGITS, text=str(cell))
    code = normalise_credit_code(text(cell, 60))
    if EXPONENT.fullmatch(code) and "E" in code and len(code) != 18:
        raise Wrong(LOST_DIGITS, text=code)
    if code:
        try:
            validate_credit_code(code)
        except ValidationError as error:
            if error.code != "checksum":
                raise
            raise Wrong(
                _("the last character does not fit the others: compare it with the licence")
            ) from error
    return code


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def kind(cell: Any) -> str:
    found = re.sub(r"\s", "", text(cell, 50)).lower()
    if not found:
        return ""
    for label in (found, re.sub(r"[（(].*?[)）]", "", found)):
        if label in KIND_WORDS:
            return KIND_WORDS[label]
    raise Wrong(
        _("“%(text)s” is no kind of partner; write one of: %(known)s"),
        text=found,
        known=Partner.Kind.labels,
    )


def status(cell: Any) -> str:
    found = re.sub(r"\s", "", text(cell, 50)).lower()
    if not found or found in STATUS_WORDS:
        return STATUS_WORDS.get(found, "")
    raise Wrong(
        _("“%(text)s” is no status; write one of: %(known)s"),
        text=found,
        known=Partner.Status.labels,
    )


def numbers(cell: Any) -> list[str]:
    """The phone numbers in a cell, each once. Raises `ValidationError` if any of them is none."""
    if _is_number(cell) and abs(cell) >= EXACT_BELOW:
        raise Wrong(LOST_DIGITS, text=str(cell))
    found = text(cell, 200)
    if EXPONENT.fullmatch(found):
        raise Wrong(LOST_DIGITS, text=found)
    parts = PHONE_SEPARATOR.split(unicodedata.normalize("NFKC", found))
    # A +86 that was parted from its number gives "", and is no error.
    valid = [phones.normalise(part, area_code=Office.area_code) for part in parts]
    return list(dict.fromkeys(filter(None, valid)))


def signed_on(cell: Any) -> str:
    """A day, in ISO form: a date, a serial number, or any of the usual ways to write one."""
    if not (found := _day_text(cell)):
        return ""
    days = _days(found)
    if len(days) != 1:
        raise Wrong(NO_FULL_DATE, text=found)
    return days[0].isoformat()


def agreement_ends_on(cell: Any, begins: str) -> str:
    """The last day of an agreement, in ISO form: a date, the end of a range, or a term in years.

    `begins` is the day of signing (ISO) that a term counts from. No term gives `""`.
    """
    found = _day_text(cell)
    if not found or re.search("长期|无固定|永久", found):
        return ""
    days = _days(found)
    # The one day of 自2021年5月15日起三年 is the first.
    if len(days) > 1 or (days and not re.search("[年月起]", DAY.sub("", found))):
        return days[-1].isoformat()
    if not days and begins and (term := YEARS.search(found)):
        years = int(term[1]) if term[1] else _chinese(term[2])
        return _possible(last_day(date.fromisoformat(begins), years=years)).isoformat()
    raise Wrong(NO_FULL_DATE, text=found)


def _chinese(numeral: str) -> int:
    """A number up to 99 in Chinese: 三, 十五, 二十."""
    tens, ten, ones = numeral.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)


def _day_text(cell: Any) -> str:
    if _is_number(cell) and 20_000 < cell < 80_000:
        return (EXCEL_EPOCH + timedelta(days=int(cell))).isoformat()
    return CHINESE_DAY.sub(_in_digits, unicodedata.normalize("NFKC", text(cell, 100)))


def _in_digits(found: re.Match[str]) -> str:
    """A day in Chinese numerals as it is written in digits."""
    year, month, day = found.groups()
    return f"{year.translate(YEAR_DIGITS)}年{_chinese(month)}月{_chinese(day)}日"


def _days(found: str) -> list[date]:
    """All the dates in a text.

    Raises `Wrong` for one that no calendar has, whose year no form would take, or whose year is
    short of two digits.
    """
    if re.fullmatch(r"(19|20)\d{6}", found):
        parts = [(found[:4], found[4:6], found[6:])]
    elif re.fullmatch(r"[2-7]\d{4}", found):
        day = EXCEL_EPOCH + timedelta(days=int(found))
        parts = [(str(day.year), str(day.month), str(day.day))]
    else:
        parts = DAY.findall(found)
    if SHORT_DAY.search(DAY.sub(" ", found)):
        raise Wrong(
            _("“%(text)s” has a year of two digits: write all four, like 2021-05-15"), text=found
        )
    try:
        days = [date(int(year), int(month), int(day)) for year, month, day in parts]
    except ValueError:
        raise Wrong(_("there is no such day as “%(text)s”"), text=found) from None
    return [_possible(day) for day in days]


def _possible(day: date) -> date:
    """`day` as it is. Raises `Wrong` for a year that the forms would not take either."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Wrong(
            _("the year of %(day)s can't be right: it lies between %(first)d and %(last)d"),
            day=day.isoformat(),
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return day


def _limit(model: Any, field: str) -> int:
    return model._meta.get_field(field).max_length


CONTACT_LENGTH = _limit(Contact, "name")

PARSERS: dict[str, Callable[[Any], Any]] = {
    "number": number,
    "name": name,
    "kind": kind,
    "credit_code": credit_code,
    "status": status,
    "signed_on": signed_on,
    "address": lambda cell: text(cell, _limit(Partner, "address")),
    "party_branch": lambda cell: text(cell, _limit(Partner, "party_branch")),
    "offers": lambda cell: text(cell, _limit(Partner, "offers"), lines=True),
    "note": lambda cell: text(cell, _limit(Partner, "note"), lines=True),
}
