"""Reads one spreadsheet in a process of its own: `python -m partners.imports.sheets FILE ...`.

What comes from outside is not to be trusted: a tiny file can unpack to gigabytes, one cell in
the last corner of a sheet makes a reader ask for 100 GB, a damaged one can abort the process.
So this module knows nothing of Django, limits its own memory and time before it opens the file,
and writes lines of JSON into a file of its parent (`partners.imports.reading`): of every sheet
its first rows, or of the one with a given number all of them, up to a given number of rows.

    {"index": 0, "name": "Sheet1", "height": 152}   a sheet begins
    [3, ["1", "般阳理发店", 13812345678.0, ["day", "2021-05-15"]]]   a row that is not blank
    {"problem": "password"}   the file can't be read, and why
"""

import csv
import datetime
import io
import json
import math
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

MAX_MEMORY = 1 << 30  # bytes of address space; 200,000 rows of 20 columns need about half
MAX_CPU_SECONDS = 90
MAX_OUTPUT = 500 * 1024 * 1024  # bytes
MAX_UNPACKED = 400 * 1024 * 1024  # bytes; a list of 200,000 rows has about 150 MB
PEEK_ROWS = 40  # enough to find the header and show samples
NO_WORKBOOK = {"word/document.xml": "word", "ppt/presentation.xml": "powerpoint"}
SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
)

Rows = Iterator[tuple[int, list[Any]]]  # each with its line, which Excel counts from 1
Sheet = tuple[int, str, int, Rows]  # its place in the workbook, name and height


class Unreadable(Exception):
    """The file can't be read; `reason` is one of `partners.imports.reading.PROBLEMS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def main(path: str, chosen: str = "", limit: str = "") -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # too much output ends the process
    try:
        for index, name, height, rows in _sheets(path):
            if not chosen:
                _write({"index": index, "name": _storable(name), "height": height})
                for row in islice(_filled(rows), PEEK_ROWS):
                    _write(row)
            elif index == int(chosen):
                for count, row in enumerate(_filled(rows), start=1):
                    if count > int(limit):
                        raise Unreadable("too_many_rows")
                    _write(row)
    except Unreadable as unreadable:
        # In place of the rows so far: nobody has to take them in to learn that they don't count.
        sys.stdout.seek(0)
        sys.stdout.truncate()
        _write({"problem": unreadable.reason})
    except MemoryError:
        _write({"problem": "too_big"})


def _write(message: object) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")


def _filled(rows: Rows) -> Rows:
    """The rows that are not blank, as JSON can hold them, without blank cells at their ends."""
    for line, row in rows:
        cells = [_cell(value) for value in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield line, cells


def _cell(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return ["day", value.date().isoformat()]
    if isinstance(value, datetime.date):
        return ["day", value.isoformat()]
    if isinstance(value, datetime.time | datetime.timedelta):
        return str(value)
    if isinstance(value, str):
        return "" if value.isspace() else _storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ""  # no number that JSON or the database knows
    return value


def _storable(text: str) -> str:
    """A text without NUL, which the database stores nowhere."""
    return text.replace("\0", "")


def _sheets(path: str) -> Iterator[Sheet]:
    """The visible sheets of a file of any kind that can be read."""
    with Path(path).open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        _check_zip(path)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        _check_compound(path)
    else:
        yield _text_sheet(path, head)
        return
    yield from _workbook_sheets(path)


def _check_zip(path: str) -> None:
    """Refuse what is no workbook, and what would unpack beyond all measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable("damaged") from None
    names = {entry.filename for entry in entries}
    for name, reason in NO_WORKBOOK.items():
        if name in names:
            raise Unreadable(reason)
    if not any(name.startswith("xl/workbook.") or name == "content.xml" for name in names):
        raise Unreadable("archive")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Unreadable("too_big")


def _check_compound(path: str) -> None:
    """The old container of Microsoft files: .xls and .et, but also .doc and encrypted .xlsx."""
    content = Path(path).read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("password")
    if "WordDocument".encode("utf-16-le") in content:
        raise Unreadable("word")


def _workbook_sheets(path: str) -> Iterator[Sheet]:
    import python_calamine as calamine

    try:
        # By content, whatever the name says: .et files of WPS are .xls inside.
        with Path(path).open("rb") as file:
            book = calamine.CalamineWorkbook.from_filelike(file)
            for index, meta in enumerate(book.sheets_metadata):
                if (
                    meta.typ == calamine.SheetTypeEnum.WorkSheet
                    and meta.visible == calamine.SheetVisibleEnum.Visible
                ):
                    sheet = book.get_sheet_by_index(index)
                    height = sheet.end[0] + 1 if sheet.end else 0
                    yield index, meta.name, height, _workbook_rows(sheet)
                    del sheet
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except (MemoryError, Unreadable):
        raise
    # A panic of the Rust code arrives as a BaseException of its own.
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | BrokenPipeError):
            raise
        raise Unreadable("damaged") from None


def _workbook_rows(sheet: Any) -> Rows:
    """Numbered rows; in a merged area every row has the value that Excel shows for it.

    A value is repeated downwards, and in the first rows, where headers are, to the right too:
    below that, what spans columns is a remark and no value of each of them.
    """
    fill: dict[int, list[tuple[int, int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        fill.setdefault(top, []).append((left, right if top < PEEK_ROWS else left, bottom))
    running: list[tuple[int, int, int, object]] = []
    for index, row in enumerate(sheet.iter_rows()):
        running = [area for area in running if area[2] >= index]
        for left, right, bottom in fill.pop(index, ()):
            value = row[left] if left < len(row) else ""
            running.append((left, right, bottom, value))
        for left, right, _bottom, value in running:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
        yield index + 1, row


def _text_sheet(path: str, head: bytes) -> Sheet:
    """A .csv file, in UTF-8 or in the encoding that Chinese Excel writes."""
    for signature, reason in SIGNATURES:
        if head.startswith(signature):
            raise Unreadable(reason)
    if not head:
        raise Unreadable("empty")
    if head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml")):
        raise Unreadable("web_page")
    content = Path(path).read_bytes()
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("no_excel")
    text = _decode(content)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count)
    if delimiter not in first:
        raise Unreadable("no_excel")
    return 0, "CSV", text.count("\n") + 1, _text_rows(text, delimiter)


def _text_rows(text: str, delimiter: str) -> Rows:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable("damaged") from None


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("no_excel")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(*sys.argv[1:])
