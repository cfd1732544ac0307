"""Needs as everybody sees them: the board, putting one on it, and what became of it."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from banyang.accounts.access import public
from banyang.foundation.forms import submitted
from banyang.foundation.hooks import together
from banyang.foundation.limits import client_address, give_back, within_limit
from banyang.foundation.listing import numbered_page
from banyang.office.models import Office
from communities.models import Community
from projects.needs import actions
from projects.needs.forms import AskForm, BoardFilter, ReceiptForm
from projects.needs.hooks import progress_of, with_projects
from projects.needs.models import Need

HOUR = 3600  # seconds
# Whole neighbourhoods share one address of their mobile network; one person rarely asks so often.
ASKED_PER_ADDRESS = 60
ASKED_PER_SESSION = 6
RECEIPTS_PER_ADDRESS = 60


@public
def need_board(request: HttpRequest) -> HttpResponse:
    """The needs board: what residents need, as the secretaries have checked it."""
    filters = BoardFilter(request.GET)
    needs = Need.objects.on_board().with_what_it_is_about().order_by("-checked_at", "-pk")
    page = numbered_page(request, filters.filtered(needs))
    with_projects(page.rows)
    context = {"filters": filters, "page": page, "receipt_form": ReceiptForm()}
    return render(request, "needs/need_board.html", context)


@public
@never_cache
@sensitive_post_parameters("asker_name", "asker_phone")
def need_create(request: HttpRequest) -> HttpResponse:
    """Put a need on the board, without an account."""
    community = Community.objects.coded(request.GET.get("community", "")).first()
    initial = {"community": community, "form_token": _token_of_visitor(request)}
    form = AskForm(request.POST or None, initial=initial)
    status = 200
    with submitted(form) as is_valid:
        if is_valid and _may_ask(request, form):
            token = form.cleaned_data["form_token"]
            need = actions.ask_need(**form.details, form_token=token, by=request.user)
            return redirect(f"{need.get_receipt_url()}?new")
        if is_valid:
            form.add_error(None, _too_many(form.cleaned_data["community"]))
            status = 429
    return render(request, "needs/need_create.html", {"form": form}, status=status)


def _token_of_visitor(request: HttpRequest) -> uuid.UUID:
    """The same in every form that a browser is shown on one day.

    Whoever goes back finds a new page with the old words in it: sending them again asks nothing
    new. The browser's CSRF cookie tells it from others; it can't be worked out from the token.
    """
    get_token(request)
    secret = request.META["CSRF_COOKIE"]
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{secret} {timezone.localdate()}")


def _too_many(community: Community) -> list[str]:
    """Why a need is not taken now, and whom to ring if it can't wait: whoever has a number."""
    sentences = [
        _(
            "Several needs have just come in from here. What you wrote is still below: "
            "please send it again in an hour."
        )
    ]
    office = Office.current()
    for name, phone in ((str(community), community.phone), (office.name, office.phone)):
        if phone:
            ring = _("If it can't wait, ring %(name)s: %(phone)s.")
            return [*sentences, ring % {"name": name, "phone": phone}]
    return sentences


def _may_ask(request: HttpRequest, form: AskForm) -> bool:
    asked = {name: form.cleaned_data[name] for name in ("community", "text", "location")}
    if Need.objects.asked_with(form.cleaned_data["form_token"], **asked).exists():
        return True  # a second click, which asks nothing new
    address = client_address(request)
    if not within_limit("need-address", address, allowed=ASKED_PER_ADDRESS, seconds=HOUR):
        return False  # and no session: programs would have one made for every need they send
    if request.session.session_key is None:
        request.session.create()
    visitor = request.session.session_key or ""
    may = within_limit("need-visitor", visitor, allowed=ASKED_PER_SESSION, seconds=HOUR)
    if not may:  # one person doesn't use up what the neighbours have
        give_back("need-address", address, seconds=HOUR)
    return may


@public
@never_cache
def need_receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """What became of a need, for whoever has its receipt number."""
    form = ReceiptForm({"receipt": receipt})
    if not form.is_valid():
        raise Http404
    if not _may_try(request, form):
        return render(request, "needs/need_find.html", {"form": form}, status=429)
    needs = Need.objects.with_what_it_is_about().with_receipt(form.cleaned_data["receipt"])
    need = get_object_or_404(needs)
    _forget_try(request)
    # Whoever has just asked is thanked first, and told what comes next.
    is_new = "new" in request.GET and need.state == Need.State.NEW
    context = {**_shown(need), "is_new": is_new}
    return render(request, "needs/need_receipt.html", context)


def _may_try(request: HttpRequest, form: ReceiptForm) -> bool:
    """Whether a number may be looked up from here; says so in the form where it may not."""
    who = client_address(request)
    may = within_limit("receipt", who, allowed=RECEIPTS_PER_ADDRESS, seconds=HOUR)
    if not may:
        form.add_error(None, _("Too many numbers have been tried from here. Wait an hour."))
    return may


def _forget_try(request: HttpRequest) -> None:
    """Only numbers that no need has count; too many of them close the way to one's own as well."""
    give_back("receipt", client_address(request), seconds=HOUR)


def _shown(need: Need) -> dict[str, Any]:
    """What a page tells of a need: the one that answers it, and how far its project is."""
    with_projects([need])
    about = need.answering
    progress = together(progress_of(about.project)) if about.project else None
    return {"need": need, "about": about, "progress": progress}


@public
@never_cache
def need_find(request: HttpRequest) -> HttpResponse:
    """Find one's need by the receipt number."""
    form = ReceiptForm(request.GET if "receipt" in request.GET else None)
    status = 200
    if form.is_valid():
        if not _may_try(request, form):
            status = 429
        elif need := Need.objects.with_receipt(form.cleaned_data["receipt"]).first():
            _forget_try(request)
            return redirect(need.get_receipt_url())
        else:
            form.add_error("receipt", _("No need has this number. Please compare the digits."))
    return render(request, "needs/need_find.html", {"form": form}, status=status)


@public
def need_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One need; its secretary also finds here what can be done with it."""
    needs = Need.objects.visible_to(request.user).with_what_it_is_about()
    need = get_object_or_404(needs, pk=pk)
    works_here = Need.objects.manageable_by(request.user).contains(need)
    context = {**_shown(need), "works_here": works_here}
    if works_here:
        context["first_wording"] = need.first_wording()
        context["doubles"] = need.doubles.order_by("created_at")
    return render(request, "needs/need_detail.html", context)
