"""Recognises column titles, which vary from office to office, and finds the header row."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones

FIELDS: dict[str, Promise] = {
    "number": _("partner number"),
    "name": _("name"),
    "kind": _("kind"),
    "credit_code": _("unified social credit code"),
    "community": _("community"),
    "address": _("address"),
    "contact": _("contact"),
    "phone": _("phone"),
    "more_contacts": _("further contacts"),
    "more_phones": _("phones of further contacts"),
    "status": _("status"),
    "signed_on": _("signed on"),
    "agreement_ends_on": _("agreement ends on"),
    "party_branch": _("Party branch"),
    "offers": _("what the partner can offer"),
    "note": _("internal note"),
}

# As offices write them, without spaces and brackets. 序号 and “No.”, which our own exports have for
# it, are not among them: a serial number is not the partner's number unless somebody says so.
TITLES: dict[str, str] = {
    "number": "编号 合伙人编号 合伙人编码 协议编号 伙伴编号 合伙人号 partnernumber number",
    "name": "名称 单位名称 合伙人名称 企业名称 合伙人 单位 机构名称 商户名称 店铺名称 组织名称 "
    "合伙人单位 合伙人单位名称 合伙单位 共建单位 共建单位名称 企业单位名称 单位全称 姓名或单位名称 "
    "合伙人姓名 单位名称姓名 店名 门店名称 商家名称 合伙单位名称 name partner",
    "kind": "类别 单位性质 类型 性质 单位类型 单位类别 合伙人类型 合伙人类别 企业性质 企业类型 "
    "机构类型 合伙人性质 kind type",
    "credit_code": "统一社会信用代码 信用代码 社会信用代码 统一信用代码 统一社会信用代码证号 "
    "营业执照号 营业执照号码 营业执照编号 社会统一信用代码 组织机构代码 unifiedsocialcreditcode creditcode",
    "contact": "联系人 负责人 联系人姓名 负责人姓名 联络员 联络人 经办人 法人 法定代表人 单位负责人 "
    "主要负责人 合伙人联系人 法人代表 法人姓名 法定代表人姓名 主要联系人 maincontact contact contactperson",
    "phone": "联系电话 手机号 电话 手机 手机号码 联系方式 联系人电话 电话号码 负责人电话 联络员电话 "
    "联系人手机 联系人联系电话 联系人联系方式 联系手机 联系号码 固定电话 办公电话 单位电话 座机 phone telephone mobile",
    "community": "所属社区 社区 社区名称 所在社区 对接社区 社区居委会 所属社区居委会 所属居委会 community",
    "address": "地址 单位地址 详细地址 联系地址 经营地址 注册地址 住址 办公地址 所在地址 经营场所 address",
    "signed_on": "签约时间 签约日期 入伙时间 入伙日期 签订时间 签订日期 协议签订时间 协议签订日期 "
    "签约入伙时间 加入时间 加入日期 签署日期 签约日 signedon",
    "agreement_ends_on": "到期时间 协议期限 到期日期 协议到期时间 协议到期日期 到期日 有效期 有效期至 "
    "协议有效期 截止日期 终止日期 协议终止日期 合作期限 签约期限 合同期限 有效期限 "
    "起止时间 协议起止时间 协议起止日期 agreementendson",
    "party_branch": "党支部 党组织 所属党支部 党支部名称 党组织名称 所在党支部 隶属党组织 partybranch",
    "offers": "可提供资源 服务内容 可提供服务 资源 服务项目 提供资源 可提供的资源 可提供的服务 "
    "资源清单 供给内容 可提供资源服务 可提供服务内容 共建内容 认领项目 特长 提供服务内容 能提供的服务 whatthepartnercanoffer offers",
    "status": "状态 签约状态 合伙人状态 当前状态 协议状态 status",
    "note": "备注 说明 备注说明 内部备注 备注信息 其他 internalnote note remarks",
}

KNOWN = {title: name for name, titles in TITLES.items() for title in titles.split()}
# Of these there can be several columns. Each is for what comes after the first contact or phone.
FURTHER = {"contact": "more_contacts", "phone": "more_phones"}
# 第二联系人, 联系电话2, 备用电话 — and 联系人1, which is the first.
ORDINAL = re.compile(r"第?(?:([1一])|[2-9二三四五])|备用|其他|其它|另一")
HEADER_HEIGHT = 3  # rows that a header with merged cells may have
SAMPLES = 3
OPENING, CLOSING = r"[(\[【]", r"[)\]】]"
DAYS = ("signed_on", "agreement_ends_on")
EXCEL_EPOCH = date(1899, 12, 30)
CODE = re.compile(r"[0-9A-Z]{18}")  # a credit code may look as if a phone number were in it


def squeeze(title: object) -> str:
    """A title without what varies: spaces, line breaks, brackets, marks, width and case."""
    text = unicodedata.normalize("NFKC", str(title)).lower()
    return re.sub(r"[\W_]", "", text)


@cache
def _known_titles() -> dict[str, str]:
    """The fields by usual titles, and by those of our own blank list in every language.

    Whoever imports a list may read another language than whoever made it.
    """
    known = dict(KNOWN)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            known |= {squeeze(label): field for field, label in FIELDS.items()}
    return known


def recognise(title: object) -> str | None:
    """The field that a column with this title holds, if it is a usual one."""
    text = unicodedata.normalize("NFKC", str(title))
    outside = re.sub(rf"{OPENING}.*?{CLOSING}", "", text, flags=re.DOTALL)
    known = _known_titles()
    # In brackets stands what else the column holds, as in 负责人（电话）, or more often a remark:
    # 统一社会信用代码（18位）, 签约时间（年月日）.
    parts = {_known(part, known) for part in re.split(rf"{OPENING}|{CLOSING}|[/、,及和与]", text)}
    people, numbers = parts & {"contact", "more_contacts"}, parts & {"phone", "more_phones"}
    if len(people) == 1 and numbers and parts <= people | numbers | {None}:
        return people.pop()
    if whole := _known(title, known) or _known(outside, known):
        return whole
    # 法人/负责人 is a contact both ways.
    found = {_known(part, known) for part in re.split(r"[/、]", outside)} - {None}
    return found.pop() if len(found) == 1 else None


def _known(title: object, known: dict[str, str]) -> str | None:
    """The field of a title as it stands, or of one that says which contact or phone it is."""
    squeezed = squeeze(title)
    if squeezed in known:
        return known[squeezed]
    ordinal = ORDINAL.search(squeezed)
    if ordinal is None:
        return None
    field = known.get(squeezed[: ordinal.start()] + squeezed[ordinal.end() :], "")
    return FURTHER.get(field) if not ordinal[1] or field not in FURTHER else field


def find_header(rows: Sequence[tuple[int, list[Any]]]) -> int | None:
    """The line of the header among a sheet's first `rows`: the one with most known titles.

    None if no row has two of them.
    """
    known = {
        line: len({recognise(cell) for cell in cells if isinstance(cell, str)} - {None})
        for line, cells in rows
    }
    best = max(known, key=known.__getitem__, default=0)
    return best if known.get(best, 0) > 1 else None


def titles(rows: Sequence[tuple[int, list[Any]]], header: int) -> tuple[list[str], int]:
    """The column titles of the header beginning on line `header`, and the line it ends on.

    Under merged titles a header goes on: “contact” above “name” and “phone” makes
    “contact name” and “contact phone”.
    """
    lines = dict(rows)
    top = lines.get(header, [])
    parts = [[text] if (text := _text(cell)) else [] for cell in top]
    last = header
    for line in range(header + 1, header + HEADER_HEIGHT):
        below = lines.get(line)
        if below is None or not _goes_on(top, below):
            break
        for column, cell in enumerate(below[: len(top)]):
            text = _text(cell)
            if text and text not in parts[column]:
                parts[column].append(text)
        last = line
    return ["".join(part) for part in parts], last


def _goes_on(top: list[Any], below: list[Any]) -> bool:
    """Whether a row continues the header: some title runs down into it, as merged ones do."""
    shared = [1 for a, b in zip(top, below, strict=False) if a and a == b and recognise(a)]
    split = any(a == b and a for a, b in pairwise(top))
    return bool(shared) and split and len(below) > 1


def guess(column_titles: Sequence[str]) -> list[str]:
    """For each column the field it seems to hold, or `""`; none twice but further contacts.

    Of 负责人, 负责人电话, 联系人 and 联系人电话 the last two are a further contact.
    """
    names = [recognise(title) or "" for title in column_titles]
    has_two = all(names.count(name) > 1 for name in FURTHER)
    taken: set[str] = set()
    guessed = []
    for name in names:
        is_second = name in taken and name not in FURTHER.values()
        guessed.append((FURTHER.get(name, "") if has_two else "") if is_second else name)
        taken.add(name)
    return guessed


def samples(
    rows: Sequence[tuple[int, list[Any]]], after: int, fields: Sequence[str]
) -> list[list[str]]:
    """For each column the first few values below the header, as people read them; phone
    numbers masked, whatever the column turns out to be. `fields` says what columns seem to hold."""
    found: list[list[str]] = [[] for _field in fields]
    headers = [cells for line, cells in rows if line <= after]
    for line, cells in rows:
        if line <= after or any(_repeats(cells, header) for header in headers):
            continue
        for column, cell in enumerate(cells[: len(fields)]):
            text = _day(cell) if fields[column] in DAYS else _sample(cell)
            if text and len(found[column]) < SAMPLES and text not in found[column]:
                found[column].append(_masked(text)[:40])
    return found


def _masked(text: str) -> str:
    """With every phone number in it masked, in whatever width its digits are."""
    narrow = unicodedata.normalize("NFKC", text)
    if CODE.fullmatch(narrow) or not phones.numbers_in(narrow):
        return text
    return phones.masked(narrow)


def _repeats(cells: list[Any], header: list[Any]) -> bool:
    """Whether a row is a header printed again: most of what stands in it does so there too."""
    filled = [(_text(cell), _text(title)) for cell, title in zip(cells, header, strict=False)]
    same = sum(1 for cell, title in filled if cell and cell == title)
    return same > 1 and same * 2 > sum(1 for cell in cells if cell != "")


def _day(cell: object) -> str:
    """A day that Excel keeps as a number, as a date."""
    text = _text(cell)
    if re.fullmatch(r"[2-7]\d{4}(\.\d+)?", text):
        return (EXCEL_EPOCH + timedelta(days=int(float(text)))).isoformat()
    return text


def _sample(cell: object) -> str:
    """A cell as it reads, with the spaces that keep two numbers apart."""
    return " ".join(cell.split()) if isinstance(cell, str) else _text(cell)


def _text(cell: object) -> str:
    if isinstance(cell, list):
        return str(cell[1])
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return re.sub(r"\s+", "", str(cell)) if cell != "" else ""
