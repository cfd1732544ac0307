"""Ledgers (台账): lists as the Excel files that offices file and print.

A title row, who files it and as of when, serial numbers, a header that stays in sight and is
repeated on every printed page, A4 landscape, one page wide. Codes and phone numbers are text.
Rows are written as they come, so that a list of any length takes the same little memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any, Literal

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.foundation.dates import moment

HEADER_ROW = 2  # after the title and the line of who and when
A4 = 9  # Excel's number for the paper


@dataclass(frozen=True)
class Column:
    """A column of a ledger; `width` is in half-width characters."""

    title: str
    width: int = 14
    kind: Literal["text", "number", "date"] = "text"


def write_export(
    file: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    filed_by: str,
    as_of: datetime,
) -> int:
    """Write `rows`, each as long as `columns`, into `file` and return how many there were.

    Text is always stored as text: a value that begins with `=` is no formula.
    """
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet(title[:31])
    last = len(columns)
    _write_head(book, sheet, title, columns, filed_by, as_of)
    count = _write_rows(book, sheet, columns, rows)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(count, 1), last)
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(_("&CPage &P of &N"))
    book.close()
    return count


def export_response(file: IO[bytes], title: str) -> FileResponse:
    """The finished ledger in `file` as a download named by its title and today's date."""
    file.seek(0)
    name = f"{title}{timezone.localdate():%Y%m%d}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


def make_export(
    *, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], filed_by: str
) -> tuple[FileResponse, int]:
    """What `filed_by` files as of now, as a download, and how many rows it has."""
    file = TemporaryFile()  # noqa: SIM115 — the response closes it
    count = write_export(
        file,
        title=title,
        columns=columns,
        rows=rows,
        filed_by=filed_by,
        as_of=timezone.now(),
    )
    return export_response(file, title), count


def _write_head(
    book: Any, sheet: Any, title: str, columns: Sequence[Column], filed_by: str, as_of: datetime
) -> None:
    last = len(columns)
    sheet.set_column(0, 0, 6)
    for number, column in enumerate(columns, start=1):
        sheet.set_column(number, number, column.width)
    heading = book.add_format(
        {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"}
    )
    head = book.add_format(
        {
            "bold": True,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#EDE6DA",
        }
    )
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last, title, heading)
    middle = max(last // 2, 1)
    right = book.add_format({"align": "right"})
    filed = _("Filed by: %(office)s") % {"office": filed_by}
    when = _("As of: %(moment)s") % {"moment": moment(as_of)}
    sheet.merge_range(1, 0, 1, middle, filed, book.add_format({"align": "left"}))
    if last > middle + 1:
        sheet.merge_range(1, middle + 1, 1, last, when, right)
    else:
        sheet.write_string(1, last, when, right)
    sheet.set_row(HEADER_ROW, 30)
    sheet.write_string(HEADER_ROW, 0, _("No."), head)
    for number, column in enumerate(columns, start=1):
        sheet.write_string(HEADER_ROW, number, str(column.title), head)


def _write_rows(
    book: Any, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> int:
    cell = {"border": 1, "valign": "vcenter"}
    formats = {
        "text": book.add_format({**cell, "num_format": "@", "text_wrap": True}),
        "number": book.add_format({**cell, "num_format": "0", "align": "right"}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"}),
    }
    writers = {
        "text": lambda *at: sheet.write_string(*at[:2], str(at[2]), at[3]),
        "number": sheet.write_number,
        "date": sheet.write_datetime,
    }
    kinds = [column.kind for column in columns]
    serial = 0
    for serial, row in enumerate(rows, start=1):
        at = HEADER_ROW + serial
        sheet.write_number(at, 0, serial, formats["number"])
        for number, (kind, value) in enumerate(zip(kinds, row, strict=True), start=1):
            if value is None or value == "":
                sheet.write_blank(at, number, None, formats[kind])
            else:
                writers[kind](at, number, value, formats[kind])
    return serial
