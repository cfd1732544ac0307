"""Who is asking, who has to sign in first, and whose name the history keeps."""

from typing import Any
from urllib.parse import urlsplit

import pghistory.middleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import (
    AuthenticationMiddleware,
    LoginRequiredMiddleware,
    get_user,
)
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from banyang.accounts.models import User, Visitor


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends whoever has not signed in to the sign-in page, and says so if a form is lost by it.

    From there they go on to the page that the form stood on: its own address may take forms only.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        messages.warning(
            request,
            _(
                "You are no longer signed in, so what you have just entered is not saved. "
                "Please sign in and send it again."
            ),
        )
        return redirect_to_login(_page_of_form(request))


def _page_of_form(request: HttpRequest) -> str:
    page = request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return urlsplit(page)._replace(scheme="", netloc="").geturl()


class VisitorMiddleware(AuthenticationMiddleware):
    """Makes whoever has not signed in a `Visitor`, so that public pages may ask for their roles."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _reader(request))  # type: ignore[assignment]


def _reader(request: HttpRequest) -> User | Visitor:
    user = get_user(request)
    return user if user.is_authenticated else Visitor()


class AuditContextMiddleware(pghistory.middleware.HistoryMiddleware):
    """Names the user and the page beside every row that a request writes to the history."""
