"""Lists as offices keep them, made for one test each."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from stdnum.cn import uscc

from banyang.accounts.models import User
from partners.imports import actions
from partners.imports.forms import MatchForm, SheetForm
from partners.imports.models import ImportRow, PartnerImport, problem_text
from partners.models import Contact, NumberBook, Partner, StatusChange
from tests.conftest import SignIn

TITLES = ["编号", "单位名称", "单位性质", "统一社会信用代码", "联系人", "联系电话", "所属社区", "签约时间"]  # fmt: skip
SIMPLE = ["名称", "类别"]  # the two without which nobody is a partner


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


def code(serial: int) -> str:
    """A valid unified social credit code of an enterprise."""
    base = f"91370302MA{serial:07d}"
    return base + uscc.calc_check_digit(base)


def row(serial: int, **changes: Any) -> list[Any]:
    """A partner's row under `TITLES`; `changes` by title."""
    values = [serial, f"般阳第{serial}便民服务部", "企业", code(serial), "王小明",
              f"1390000{serial:04d}", "东升社区", "2021-05-15"]  # fmt: skip
    return [changes.get(title, value) for title, value in zip(TITLES, values, strict=True)]


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for values in rows:
        book.active.append(list(values))
    return saved(book)


@pytest.fixture
def book_at(db: None) -> Callable[[int], None]:
    """Say that so many partner numbers have been given."""
    return lambda last: NumberBook.objects.update_or_create(pk=1, defaults={"last": last})


@pytest.fixture
def upload(staff: User, community: Any) -> Callable[..., PartnerImport]:
    """Upload and read a file."""

    def _upload(content: bytes, name: str = "合伙人名单.xlsx") -> PartnerImport:
        file = SimpleUploadedFile(name, content)
        partner_import = actions.upload_import(file=file, by=staff)
        actions.run_import(partner_import.pk)
        partner_import.refresh_from_db()
        return partner_import

    return _upload


@pytest.fixture
def preview(upload: Callable[..., PartnerImport], staff: User) -> Callable[..., PartnerImport]:
    """Upload a file, match its columns as the page proposes, and compare.

    `columns` overrides by title what a column becomes.
    """

    def _preview(
        content: bytes,
        *,
        columns: dict[str, str] | None = None,
        kind: str = "",
        gives_numbers: bool = False,
    ) -> PartnerImport:
        partner_import = upload(content)
        assert partner_import.state == PartnerImport.State.READ, partner_import.report
        form = MatchForm(partner_import, **SheetForm(partner_import).chosen())
        data = {name: form[name].value() for name in form.samples} | {"kind": kind}
        data["gives_numbers"] = gives_numbers
        for name in form.samples:
            data[name] = (columns or {}).get(str(form.fields[name].label), data[name])
        bound = MatchForm(partner_import, sheet=form.sheet, header=form.header, data=data)
        assert bound.is_valid(), bound.errors
        actions.match_import(partner_import=partner_import, mapping=bound.mapping, by=staff)
        actions.run_import(partner_import.pk)
        partner_import.refresh_from_db()
        return partner_import

    return _preview


@pytest.fixture
def commit(staff: User) -> Callable[..., PartnerImport]:
    def _commit(partner_import: PartnerImport, *, leaves_out: bool = False) -> PartnerImport:
        actions.commit_import(
            partner_import=partner_import,
            seen=partner_import.preview_key,
            leaves_out=leaves_out,
            by=staff,
        )
        actions.run_import(partner_import.pk)
        partner_import.refresh_from_db()
        return partner_import

    return _commit


def kinds(partner_import: PartnerImport) -> dict[int, str]:
    """Kind of row by line."""
    return dict(partner_import.rows.values_list("line", "kind"))


def problems(partner_import: PartnerImport, line: int) -> list[list[str]]:
    """Of what is wrong with a row the field and the sentence."""
    found = ImportRow.objects.get(partner_import=partner_import, line=line).problems
    return [[name, problem_text(message, named)] for name, message, named in found]


def values(partner_import: PartnerImport, line: int) -> dict:
    return ImportRow.objects.get(partner_import=partner_import, line=line).values


def everything() -> list:
    """Every row that an import may touch, with its history."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (
            Partner,
            Contact,
            StatusChange,
            NumberBook,
            Partner.pgh_event_model,
            Contact.pgh_event_model,
            StatusChange.pgh_event_model,
        )
    ]


@pytest.fixture
def staff_client(sign_in: SignIn, staff: User) -> Client:
    return sign_in(staff)


def match_columns(client: Client, partner_import: PartnerImport, **columns: str) -> HttpResponse:
    """Send the page that matches columns as it proposes, with some of them chosen otherwise."""
    page = client.get(reverse("import_match", args=[partner_import.pk]))
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | columns
    return client.post(page.wsgi_request.path, data, follow=True)
