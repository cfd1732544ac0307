"""What the window of `make run` shows of requests that went wrong, and what it doesn't."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from celery import shared_task
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from banyang import urls
from banyang.accounts.access import public
from banyang.accounts.factories import UserFactory
from partners.factories import PartnerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def raising(error: Exception) -> object:
    @public
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


handler400, handler500 = urls.handler400, urls.handler500
urlpatterns = [
    *urls.urlpatterns,
    path("forbidden", raising(PermissionDenied())),
    path("nowhere", raising(Http404())),
    path("suspicious", raising(SuspiciousOperation("too odd"))),
    path("broken", raising(RuntimeError("ours to mend"))),
]


@pytest.fixture
def window() -> Iterator[StringIO]:
    """What the handler of our settings writes; pytest's own handlers are subclasses."""
    [console] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    window = StringIO()
    stderr = console.setStream(window)
    yield window
    console.setStream(stderr)


def ask(path: str) -> int:
    return Client(raise_request_exception=False).get(path).status_code


@pytest.mark.parametrize(("page", "status"), [("forbidden", 403), ("nowhere", 404)])
def test_refused_request_is_not_logged(window: StringIO, page: str, status: int) -> None:
    assert ask(f"/{page}") == status
    assert window.getvalue() == ""


def test_form_without_its_token_is_not_logged(window: StringIO) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/invitation/MQ/secret-token/", {"new_password1": "x"}).status_code == 403
    assert window.getvalue() == ""


def test_row_that_an_error_quotes_is_left_out(window: StringIO) -> None:
    somebody = UserFactory()
    try:
        with transaction.atomic():
            UserFactory(phone=somebody.phone)
    except IntegrityError:
        logging.getLogger("banyang").exception("Not saved")
    assert "user_phone_key" in window.getvalue()
    assert "Traceback" in window.getvalue()
    assert somebody.phone not in window.getvalue()


def test_row_in_the_one_line_of_a_failed_task_is_left_out(window: StringIO) -> None:
    somebody = UserFactory()

    @shared_task
    def fails() -> None:
        with transaction.atomic():
            UserFactory(phone=somebody.phone)

    fails.apply()
    assert "raised unexpected: IntegrityError" in window.getvalue()
    assert "Traceback" in window.getvalue()
    assert somebody.phone not in window.getvalue()


def test_row_with_a_blank_line_in_it_is_left_out(window: StringIO) -> None:
    partner = PartnerFactory.build(note="甲\n\n13812345678 乙", status="signed")
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError:
        logging.getLogger("banyang").exception("Not saved")
    assert "DETAIL:  (left out)" in window.getvalue()
    assert "The above exception was the direct cause" in window.getvalue()
    assert "13812345678" not in window.getvalue()


def test_suspicious_request_is_one_line(window: StringIO) -> None:
    assert ask("/suspicious") == 400
    assert window.getvalue() == "ERROR django.security.SuspiciousOperation too odd\n"


def test_failure_of_ours_keeps_its_traceback(window: StringIO) -> None:
    assert ask("/broken") == 500
    assert "Traceback (most recent call last)" in window.getvalue()
    assert "RuntimeError: ours to mend" in window.getvalue()
