"""What a ledger looks like when it is opened again."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from banyang.foundation.exports import Column, write_export

ANY_DAY = datetime(2026, 1, 5)  # noqa: DTZ001 — cells have no time zone
COLUMNS = [Column("编号", 8, "number"), Column("名称", 30), Column("签约日期", 12, "date")]


def written(rows: list[tuple[Any, ...]]) -> Any:
    file = BytesIO()
    with translation.override("en"):
        count = write_export(
            file,
            title="合伙人台账",
            columns=COLUMNS,
            rows=iter(rows),
            filed_by="般阳路街道办事处",
            as_of=datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
        )
    assert count == len(rows)
    return openpyxl.load_workbook(file).active


def test_ledger_has_title_filer_day_and_serial_numbers() -> None:
    sheet = written([(7, "般阳理发店", date(2026, 1, 5)), (None, "淄川绘本馆", None)])
    assert sheet["A1"].value == "合伙人台账"
    assert sheet["A2"].value == "Filed by: 般阳路街道办事处"
    assert "22 Nov 2026" in sheet["C2"].value
    assert [cell.value for cell in sheet[3]] == ["No.", "编号", "名称", "签约日期"]
    assert [cell.value for cell in sheet[4]] == [1, 7, "般阳理发店", ANY_DAY]
    assert [cell.value for cell in sheet[5]] == [2, None, "淄川绘本馆", None]


def test_ledger_prints_on_a4_landscape_with_its_header_on_every_page() -> None:
    sheet = written([(1, "甲", None)])
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0  # as many pages down as it takes, one across


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "00371", "http://a.example"])
def test_ledger_stores_text_as_text(text: str) -> None:
    cell = written([(1, text, None)])["C4"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    assert cell.hyperlink is None


def test_ledger_without_rows_still_opens() -> None:
    assert written([])["A3"].value == "No."
