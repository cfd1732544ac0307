"""What rows say of a partner, in every usual form."""

import datetime

import pytest

from tests.partners.imports.conftest import SIMPLE, TITLES, code, kinds, row, values, workbook


def test_spaces_and_invisible_characters_around_values(preview) -> None:
    found = preview(workbook([SIMPLE, ["\u00a0般阳 茶社\u200b \n", " 企 业 "]]))
    assert values(found, 2) == {"name": "般阳茶社", "kind": "enterprise", "status": "applied"}


def test_full_width_digits(preview) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    written = {
        "编号": "１",
        "统一社会信用代码": code(1).translate(wide),
        "联系电话": "13900000001".translate(wide),
        "签约时间": "２０２１年５月１５日",
    }
    stored = values(preview(workbook([TITLES, row(1, **written)])), 2)
    assert stored["number"] == 1
    assert stored["credit_code"] == code(1)
    assert stored["phone"] == "13900000001"
    assert stored["signed_on"] == "2021-05-15"


def test_numbers_stored_as_numbers(preview) -> None:
    found = preview(workbook([TITLES, row(1, 联系电话=13812345678, 编号=1.0)]))
    assert values(found, 2)["phone"] == "13812345678"


@pytest.mark.parametrize(
    "day",
    [
        "2021年5月15日",
        "2021.5.15",
        "2021-05-15",
        "2021/5/15",
        "20210515",
        20210515,
        44331,
        "44331",
        "2021 年 5 月 15 日",
        "2021-05-15 00:00:00",
        datetime.date(2021, 5, 15),
        datetime.datetime(2021, 5, 15, 9, 30),  # noqa: DTZ001 (as openpyxl wants it)
    ],
    ids=str,
)
def test_days_in_every_usual_form(day, preview) -> None:
    assert values(preview(workbook([TITLES, row(1, 签约时间=day)])), 2)["signed_on"] == "2021-05-15"


@pytest.mark.parametrize(
    ("term", "last_day"),
    [
        ("3年", "2024-05-14"),
        ("三年", "2024-05-14"),
        ("2021年5月15日至2024年5月31日", "2024-05-31"),
        ("2021.5.15-2024.5.14", "2024-05-14"),
        (datetime.date(2024, 5, 14), "2024-05-14"),
        ("长期", None),
    ],
)
def test_terms_in_every_usual_form(term, last_day, preview) -> None:
    found = preview(workbook([[*TITLES, "协议期限"], [*row(1), term]]))
    assert values(found, 2).get("agreement_ends_on") == last_day


def test_kind_is_told_by_the_credit_code(preview) -> None:
    found = preview(workbook([TITLES, row(1, 单位性质=None)]))
    assert values(found, 2)["kind"] == "enterprise"


def test_kind_can_be_said_for_all_rows_that_say_none(preview) -> None:
    content = workbook([["名称", "电话"], ["般阳茶社", None]])
    assert kinds(preview(content)) == {2: "error"}
    assert values(preview(content, kind="sole_trader"), 2)["kind"] == "sole_trader"
