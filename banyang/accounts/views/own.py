"""Signing in and out, and what everybody sets for themselves."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from banyang.accounts import actions, invitations
from banyang.accounts.access import public
from banyang.accounts.backends import forget_failures
from banyang.accounts.forms import (
    PasswordChangeForm,
    ProfileForm,
    SetPasswordForm,
    SignInForm,
    StaffProfileForm,
)
from banyang.foundation.forms import submitted
from banyang.foundation.limits import client_address, give_back, within_limit

HOUR, YEAR = 60 * 60, 60 * 60 * 24 * 365  # seconds
# Every attempt costs a slow hash, so that names are not tried one after the other for ever. A whole
# office shares one address. There is no such limit for one account at all addresses together: with
# it a stranger could keep its owner out.
FAILURES_PER_ADDRESS = 300


def _next(request: HttpRequest, default: str) -> str:
    """Where the request asks to go on to, if that is on this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return url
    return resolve_url(default)


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by phone number or username."""
    go_on = _next(request, settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return redirect(go_on)
    if request.method == "POST" and not _may_try(request):
        return render(request, "accounts/locked_out.html", status=429)
    form = SignInForm(request, request.POST or None)
    if form.is_valid():
        user = form.get_user()
        login(request, user)
        _forget_failure(request)
        forget_failures(request, user)
        response = redirect(go_on)
        _remember_language(response, user.language)
        return response
    return render(request, "accounts/sign_in.html", {"form": form, "next": go_on})


def _may_try(request: HttpRequest) -> bool:
    """Whether so few sign-ins failed at this address of late that another one may be tried."""
    address = client_address(request)
    return within_limit("sign-in", address, allowed=FAILURES_PER_ADDRESS, seconds=HOUR)


def _forget_failure(request: HttpRequest) -> None:
    give_back("sign-in", client_address(request), seconds=HOUR)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """What django-axes answers after too many failures: for how long, and whom to call.

    The page without `minutes` is for an address at which too many failed, whatever the account.
    """
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


@public
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Set the first password through a one-time link, and come in."""
    user = invitations.find(uidb64, token)
    if user is None:
        return render(request, "accounts/invitation_over.html", status=410)
    form = SetPasswordForm(user, request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            actions.set_password(user=user, password=form.cleaned_data["new_password1"], by=user)
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            messages.success(request, _("Your password is set, and you are signed in."))
            response = redirect(settings.LOGIN_REDIRECT_URL)
            _remember_language(response, user.language)
            return response
    return render(request, "accounts/invitation.html", {"form": form, "person": user})


def me(request: HttpRequest) -> HttpResponse:
    """One's own account."""
    form_class = StaffProfileForm if request.user.is_staff else ProfileForm
    form = form_class(request.POST or None, instance=request.user)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_user(user=request.user, by=request.user, **form.cleaned_data)
            with translation.override(request.user.language):
                messages.success(request, _("Your account is changed."))
            response = redirect("me")
            _remember_language(response, request.user.language)
            return response
    if form.errors:
        request.user.refresh_from_db()  # the header shows what is stored, not what was refused
    return render(request, "accounts/me.html", {"form": form})


@sensitive_post_parameters()
def password_change(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other devices are signed out by it."""
    form = PasswordChangeForm(request.user, request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            password = form.cleaned_data["new_password1"]
            actions.set_password(user=request.user, password=password, by=request.user)
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is changed. Other devices are signed out."))
            return redirect("me")
    return render(request, "accounts/password_change.html", {"form": form})


@public
@require_POST
def language_switch(request: HttpRequest) -> HttpResponse:
    """Read on in another language; remembered on this device, and with one's account."""
    response = HttpResponseRedirect(_next(request, settings.LOGOUT_REDIRECT_URL))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember_language(response, language)
        if request.user.is_authenticated and request.user.language != language:
            actions.update_user(user=request.user, by=request.user, language=language)
    return response


@public
@require_POST
def view_switch(request: HttpRequest) -> HttpResponse:
    """Turn the elder view on or off; remembered on this device."""
    response = HttpResponseRedirect(_next(request, settings.LOGOUT_REDIRECT_URL))
    if request.POST.get("view") == "elder":
        response.set_cookie(
            "view", "elder", max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
        )
    else:
        response.delete_cookie("view")
    return response
