"""Files that can't be read get a clear answer."""

import zipfile
from io import BytesIO

import openpyxl
import pytest

from partners.imports import reading
from partners.imports.models import ImportRow, PartnerImport
from partners.models import Partner
from tests.partners.imports.conftest import TITLES, problems, row, saved, workbook

State = PartnerImport.State


def zipped(**members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def far_corner() -> bytes:
    """A small file with a cell in the last corner: a reader would ask for 100 GB."""
    book = openpyxl.Workbook()
    book.active["A1"] = "名称"
    book.active["XFD1048576"] = "x"
    return saved(book)


def bomb() -> bytes:
    """A megabyte that unpacks to 500 MB."""
    return zipped(xl__workbook_xml=b"<workbook/>", xl__sheet_xml=bytes(500 * 1024 * 1024))


HOPELESS = {
    "picture": (lambda: b"\xff\xd8\xff\xe0" + bytes(1000), "picture"),
    "word": (lambda: zipped(word__document_xml=b"<document/>"), "word"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(1000), "pdf"),
    "archive": (lambda: zipped(list_xml=b"x"), "archive"),
    "web page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
    "text": ("随便写的一段话".encode, "no_excel"),
    "noise": (lambda: bytes(range(256)) * 20, "no_excel"),
    "empty": (lambda: b"", "empty"),
    "blank book": (lambda: workbook([]), "no_rows"),
    "cut off": (lambda: workbook([TITLES, *(row(n) for n in range(1, 50))])[:3000], "damaged"),
    "broken inside": (lambda: zipped(xl__workbook_xml=b"<work"), "damaged"),
    "password": (
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le")
        ),
        "password",
    ),
    "old word": (
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")
        ),
        "word",
    ),
    "bomb": (bomb, "too_big"),
    "far corner": (far_corner, "too_big"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_files_get_a_clear_answer(
    name, upload, django_capture_on_commit_callbacks, settings
) -> None:
    make, reason = HOPELESS[name]
    with django_capture_on_commit_callbacks(execute=True):
        found = upload(make())
    assert (found.state, found.report["reason"]) == (State.FAILED, reason)
    assert reason in reading.PROBLEMS
    # Nothing half-saved, and no file left behind.
    assert not found.file
    assert not ImportRow.objects.exists()
    assert not Partner.objects.exists()


def test_cells_that_nothing_can_store_are_blank(upload, preview) -> None:
    source = BytesIO(workbook([TITLES, row(1, 签约时间=12345.5), row(2, 签约时间=54321.5)]))
    broken = BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            content = content.replace(b"<v>12345.5</v>", b"<v>NaN</v>")
            new.writestr(name, content.replace(b"<v>54321.5</v>", b"<v>inf</v>"))
    found = preview(broken.getvalue())
    assert {"signed_on"} == {name for name, _said in problems(found, 2) + problems(found, 3)}

    lines = "\n".join(",".join(map(str, cells)) for cells in (TITLES, row(1, 单位名称="甲\0店")))
    found = upload(lines.encode("utf-16"), name="名单.csv")
    assert found.sheets[0]["rows"][1][1][1] == "甲店"


def test_more_rows_than_allowed_are_refused(preview, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    found = preview(workbook([TITLES, *(row(n) for n in range(1, 10))]))
    assert (found.state, found.report["reason"]) == (State.FAILED, "too_many_rows")
    assert not ImportRow.objects.exists()


def test_a_reader_that_hangs_is_killed(upload, monkeypatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0)
    found = upload(workbook([TITLES, row(1)]))
    assert found.state == State.FAILED
