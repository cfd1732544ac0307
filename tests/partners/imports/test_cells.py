"""What single cells say, however people write it."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation

from partners.imports import cells
from partners.models import Partner

SIGNED = "2021-05-15"


@pytest.mark.parametrize(
    ("cell", "ends"),
    [
        ("一年", "2022-05-14"),
        ("两年", "2023-05-14"),
        ("3 年", "2024-05-14"),
        ("期限：三年期", "2024-05-14"),
        ("3年（可续签）", "2024-05-14"),
        ("十年", "2031-05-14"),
        ("十五年", "2036-05-14"),
        ("二十年", "2041-05-14"),
        ("二十五年", "2046-05-14"),
        ("50年", "2071-05-14"),
        ("至2024年5月31日", "2024-05-31"),
        ("2024年5月31号止", "2024-05-31"),
        ("2021.5.15-2024.5.14（三年）", "2024-05-14"),
        ("2021年5月15日起，2024年5月14日止", "2024-05-14"),
        ("二〇二四年五月十四日", "2024-05-14"),
        ("二零二一年五月十五日至二零二四年五月十四日", "2024-05-14"),
    ],
)
def test_end_of_an_agreement_is_read(cell: str, ends: str) -> None:
    assert cells.agreement_ends_on(cell, SIGNED) == ends


@pytest.mark.parametrize(
    "cell",
    [
        "2026年5月",
        "2026年",
        "2023年底",
        "23年底",
        "24年5月14日",
        "二〇二六年五月",
        "二零二六年",
        "三年半",
        "3年6个月",
        "三年零六个月",
        "一百二十年",
        "自2021年5月15日起三年",
        "自2021年5月15日起三年半",
        "2021-05-15三年",
        "2021年5月15日起36个月",
        "自2021年5月15日起",
    ],
)
def test_end_of_an_agreement_that_can_be_taken_for_another_is_asked_for(cell: str) -> None:
    with pytest.raises(ValidationError, match="2021-05-15"):
        cells.agreement_ends_on(cell, SIGNED)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("二〇二四年五月十四日", "2024-05-14"),
        ("二○二一年十月三十号", "2021-10-30"),
        ("二〇二〇年十二月二十一日", "2020-12-21"),
        ("二〇二〇年一月十日", "2020-01-10"),
    ],
)
def test_day_in_chinese_numerals_is_read(cell: str, day: str) -> None:
    assert cells.signed_on(cell) == day


@pytest.mark.parametrize("cell", ["24.5.14", "24年5月14日", "24/5/14"])
def test_year_of_two_digits_is_asked_for_in_full(cell: str) -> None:
    with pytest.raises(ValidationError, match="四位"):
        cells.signed_on(cell)
    with pytest.raises(ValidationError, match="四位"):
        cells.agreement_ends_on(f"2021.5.15-{cell}", SIGNED)


@pytest.mark.parametrize("cell", ["0021-05-15", ["day", "0021-05-15"], "1999-12-31", "2101.1.1"])
def test_year_that_no_form_would_take_is_an_error(cell) -> None:
    for read in (cells.signed_on, lambda cell: cells.agreement_ends_on(cell, SIGNED)):
        with pytest.raises(ValidationError, match="2100"):
            read(cell)
    with pytest.raises(ValidationError, match="2100"):
        cells.agreement_ends_on("90年", SIGNED)


@pytest.mark.parametrize(
    "cell",
    [
        "138 1567 8888",
        "138-1567-8888",
        "+86 138 1567 8888",
        "＋86 138-1567-8888",
        "0086 138 1567 8888",
        "138 1567 8888 139 1567 8888",
        "13815678888 13915678888",
        "138-1567-8888 139-1567-8888",
        "138 1567 8888/139 1567 8888",
        "138 1567 8888、139 1567 8888",
        "138 1567 8888\n139 1567 8888",
        "13815678888\r\n0533-5181234",
        "13815678888 0533 5181234",
        "+86 138 1567 8888 +86 139 1567 8888",
        "138.1567.8888 139.1567.8888",
        "138—1567—8888 （0533）5181234",
    ],
)
def test_first_number_of_a_cell_is_taken(cell: str) -> None:
    assert cells.numbers(cell)[0] == "13815678888"


@pytest.mark.parametrize("cell", ["0533 5181234 13815678888", "0533-5181234\n0533-5185678"])
def test_first_number_of_a_cell_may_be_a_landline(cell: str) -> None:
    assert cells.numbers(cell)[0] == "05335181234"


@pytest.mark.parametrize("cell", ["13815678888 139123", "138 1567", "13815678888/139"])
def test_number_of_a_cell_that_is_cut_off_is_an_error(cell: str) -> None:
    with pytest.raises(ValidationError):
        cells.numbers(cell)


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_words_that_the_blank_list_offers_are_known(language: str) -> None:
    with translation.override(language):
        for value, label in Partner.Kind.choices:
            assert cells.kind(label) == value
        for value, label in Partner.Status.choices:
            assert cells.status(label) == value
