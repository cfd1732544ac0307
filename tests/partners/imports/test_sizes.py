"""Lists and files of every size: what is too large is refused, what is allowed comes through.

A web server and a worker really run here, as the sizes are what one process of the tests and its
memory would not show.
"""

from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest
import xlsxwriter
from django.urls import reverse

from banyang.accounts.models import User
from banyang.foundation.uploads import MAX_UPLOAD_BYTES
from partners.imports.models import PartnerImport
from partners.imports.reading import MAX_ROWS
from tests.benchmarks.files import memory
from tests.benchmarks.server import Served
from tests.benchmarks.server import sign_in as headers
from tests.embedded.conftest import children
from tests.reminders.processes import (
    PrivateRedis,
    environment,
    private_redis,
    running,
    wait_until,
    worker,
)
from tests.web import web_server

MB = 2**20
PATIENCE = 200  # seconds, on a busy machine
BOUNDARY = "a-line-that-no-file-has"
State = PartnerImport.State

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Where the server puts what it keeps, and what it keeps for a moment."""
    for name in ("kept", "passing"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def variables(disk: Path) -> dict[str, str]:
    return {"MEDIA_ROOT": str(disk / "kept"), "TMPDIR": str(disk / "passing")}


@pytest.fixture
def served(redis: PrivateRedis, variables: dict[str, str]) -> Iterator[Served]:
    with web_server(redis.url, **variables) as served:
        yield served


def files_in(folder: Path) -> dict[str, int]:
    """The files below a folder, with their sizes in bytes."""
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def largest(pid: int) -> float:
    """The most memory that one of the web processes has ever held, in MB."""
    return max(memory(child, "VmHWM") for child in children(pid)) / 1024


class Browser:
    """Somebody who has signed in, and asks one thing after the other."""

    def __init__(self, served: Served, user: User) -> None:
        self.connection = HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        self.headers = headers(user) | {"Accept-Language": "zh-CN"}

    def get(self, url: str) -> tuple[HTTPResponse, str]:
        self.connection.request("GET", url, headers=self.headers)
        return self.answer()

    def upload(self, size: int, pieces: Iterator[bytes]) -> tuple[HTTPResponse, str]:
        """Send a file of `size` bytes in pieces, as a browser does: never all of it at once."""
        top = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename=list.xlsx\r\n"
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        end = f"\r\n--{BOUNDARY}--\r\n".encode()

        def body() -> Iterator[bytes]:
            yield top
            yield from pieces
            yield end

        sent = self.headers | {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(top) + size + len(end)),
        }
        self.connection.request("POST", reverse("import_upload"), body(), sent)
        return self.answer()

    def post(self, url: str, fields: dict[str, str]) -> tuple[HTTPResponse, str]:
        sent = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", url, urlencode(fields), sent)
        return self.answer()

    def answer(self) -> tuple[HTTPResponse, str]:
        response = self.connection.getresponse()
        page = response.read().decode()
        self.connection.close()  # as the server does that waits in vain; the next one opens it
        return response, page


@pytest.fixture
def browser(served: Served, staff: User) -> Iterator[Browser]:
    browser = Browser(served, staff)
    yield browser
    browser.connection.close()


def test_file_of_200_mb_is_answered_and_takes_neither_memory_nor_disk(
    browser: Browser, served: Served, disk: Path
) -> None:
    _response, page = browser.get(reverse("import_upload"))
    assert "导入" in page
    before, on_disk = largest(served.pid), 0

    def pieces() -> Iterator[bytes]:
        nonlocal on_disk
        yield b"PK\x03\x04" + bytes(MB - 4)
        for _piece in range(199):
            yield bytes(MB)
            on_disk = max(on_disk, sum(files_in(disk).values()))

    response, page = browser.upload(200 * MB, pieces())

    assert response.status == 200
    assert "文件超过20 MB，没有接收" in page
    assert largest(served.pid) - before < 50
    assert on_disk <= MAX_UPLOAD_BYTES
    assert files_in(disk) == {}
    assert not PartnerImport.objects.exists()
    response, page = browser.get(reverse("import_upload"))
    assert response.status == 200
    assert "没有接收" not in page


def long_list(path: Path, rows: int) -> Path:
    """A list of so many partners that nobody knows yet."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["单位名称", "单位性质", "联系电话"])
        for serial in range(1, rows + 1):
            phone = f"139{serial:08d}"
            sheet.write_row(serial, 0, [f"般阳第{serial}便民服务部", "企业", phone])
    return path


@pytest.fixture
def compared(
    browser: Browser, redis: PrivateRedis, variables: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[Path], PartnerImport]]:
    """Upload a list, match its columns as the page proposes, and let a worker compare its rows."""

    def _compared(path: Path) -> PartnerImport:
        content = path.read_bytes()
        response, _page = browser.upload(len(content), iter([content]))
        assert response.status == 302
        found = PartnerImport.objects.get()
        wait_until(lambda: has_left(found, State.UPLOADED), PATIENCE)
        url = reverse("import_match", args=[found.pk])
        _response, page = browser.get(url)
        assert "139****0001" in page
        fields = {"column_0": "name", "column_1": "kind", "column_2": "phone", "kind": ""}
        response, _page = browser.post(url, fields)
        assert response.status == 302
        wait_until(lambda: has_left(found, State.CHECKING), PATIENCE)
        found.refresh_from_db()
        return found

    env = environment(redis.url, smtp_port=0) | variables
    with running(worker(), env, tmp_path / "log"):
        yield _compared


def has_left(partner_import: PartnerImport, state: str) -> bool:
    partner_import.refresh_from_db()
    return partner_import.state != state


def test_100_000_rows_come_through_upload_worker_and_preview(
    browser: Browser, compared: Callable[[Path], PartnerImport], tmp_path: Path
) -> None:
    found = compared(long_list(tmp_path / "list.xlsx", 100_000))

    assert found.state == State.PREVIEWED, found.report
    assert found.report["counts"]["new"] == found.rows.count() == 100_000
    response, page = browser.get(reverse("import_preview", args=[found.pk]))
    assert response.status == 200
    assert "般阳第1便民服务部" in page


def test_one_row_more_than_a_sheet_may_have_is_answered(
    browser: Browser, compared: Callable[[Path], PartnerImport], tmp_path: Path
) -> None:
    found = compared(long_list(tmp_path / "list.xlsx", MAX_ROWS))  # and its titles

    assert found.state == State.FAILED
    _response, page = browser.get(reverse("import_detail", args=[found.pk]))
    assert "工作表超过20万行，请拆成几个文件。" in page
    assert not found.rows.exists()
