"""Needs on the secretary's desk: checking, answering, joining, making projects of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from banyang.accounts.access import get_manageable, secretary_required
from banyang.accounts.reveal import show_phone
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from communities.models import Community
from projects.needs import actions
from projects.needs.forms import (
    AnswerEditForm,
    AnswerForm,
    CheckForm,
    EnterForm,
    JoinForm,
    OwnWorkFilter,
    RejectForm,
    WordingForm,
    WorkFilter,
)
from projects.needs.hooks import with_projects
from projects.needs.models import Need


@secretary_required
def need_list(request: HttpRequest) -> HttpResponse:
    """The needs of the secretary's communities, what is to do first on top."""
    has_one = not request.user.is_staff and len(request.user.community_ids) == 1
    filters = (OwnWorkFilter if has_one else WorkFilter)(request.GET)
    needs = Need.objects.manageable_by(request.user).with_what_it_is_about()
    needs = filters.sorted(filters.filtered(needs.in_work_order(timezone.now())))
    context = {"filters": filters, "page": numbered_page(request, needs), "has_one": has_one}
    return render(request, "needs/need_list.html", context)


@secretary_required
@sensitive_post_parameters("asker_name", "asker_phone")
def need_enter(request: HttpRequest) -> HttpResponse:
    """Put down a need that came in by a visit, the phone or a building leader."""
    own = Community.objects.manageable_by(request.user)
    community = own.coded(request.GET.get("community", "")).first()
    first = {"community": community} if community else {}
    form = EnterForm(request.POST or None, initial=first, user=request.user)
    with submitted(form) as is_valid:
        if is_valid:
            need = actions.enter_need(
                details=form.details,
                publish=form.cleaned_data["publish"],
                form_token=form.cleaned_data["form_token"],
                by=request.user,
            )
            messages.success(
                request,
                _("Put down. The receipt number for whoever asked is %(receipt)s.")
                % {"receipt": need.receipt_in_groups},
            )
            return redirect(need)
    return render(request, "needs/need_enter.html", {"form": form})


def need_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a need's words and put it on the board, for the first time or again."""
    need = get_manageable(Need, request.user, pk=pk)
    form = CheckForm(request.POST or None, instance=need)
    with submitted(form) as is_valid:
        if is_valid:
            actions.publish_need(need=need, **form.cleaned_data, by=request.user)
            messages.success(request, _on_board(need))
            return redirect(need)
    with_projects([need])
    return render(request, "needs/need_check.html", {"form": form, "need": need})


def _on_board(need: Need) -> str:
    if need.state == Need.State.PROJECT:
        return _("It is open again, with its project.")
    return _("It is on the board. Now answer it, or make a project of it.")


def need_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the words of a need or file it under another group."""
    need = get_manageable(Need, request.user, pk=pk)
    form = WordingForm(request.POST or None, instance=need)
    with submitted(form) as is_valid:
        if is_valid:
            actions.edit_need(need=need, **form.cleaned_data, by=request.user)
            messages.success(request, _("Changed. The first wording is kept in the history."))
            return redirect(need)
    return render(request, "needs/need_edit.html", {"form": form, "need": need})


def need_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a need off the board, with the reason for whoever asked."""
    need = get_manageable(Need, request.user, pk=pk)
    form = RejectForm(request.POST or None, instance=need)
    with submitted(form) as is_valid:
        if is_valid:
            actions.reject_need(need=need, **form.cleaned_data, by=request.user)
            messages.success(request, _refused(need))
            return redirect("need_list")
    return render(request, "needs/need_reject.html", {"form": form, "need": need})


def _refused(need: Need) -> str:
    if need.checked_at is None:
        return _("It is not published; whoever asked can read why.")
    return _("It is off the board; whoever asked can read why.")


def need_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a need."""
    need = get_manageable(Need, request.user, pk=pk)
    form = AnswerForm(request.POST or None, instance=need)
    with submitted(form) as is_valid:
        if is_valid:
            actions.answer_need(need=need, **form.cleaned_data, by=request.user)
            messages.success(request, _("Answered. The board and the receipt show it."))
            return redirect(need)
    return render(request, "needs/need_answer.html", {"form": form, "need": need})


def need_answer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the answer of a need into other words, or correct what became of it."""
    need = get_manageable(Need, request.user, pk=pk)
    form = AnswerEditForm(request.POST or None, instance=need)
    with submitted(form) as is_valid:
        if is_valid:
            outcome = form.cleaned_data.get("state")
            answer = form.cleaned_data["answer"]
            actions.edit_answer(need=need, answer=answer, outcome=outcome, by=request.user)
            messages.success(
                request, _("The answer is corrected. The board and the receipt show it.")
            )
            return redirect(need)
    return render(request, "needs/need_answer_edit.html", {"form": form, "need": need})


def need_join(request: HttpRequest, pk: int) -> HttpResponse:
    """Join a need with another that asks for the same."""
    need = get_manageable(Need, request.user, pk=pk)
    form = JoinForm(request.POST or None, need=need)
    with submitted(form) as is_valid:
        if is_valid:
            actions.join_need(need=need, **form.cleaned_data, by=request.user)
            messages.success(request, _("Joined. One answer now answers both."))
            return redirect(form.cleaned_data["other"])
    return render(request, "needs/need_join.html", {"form": form, "need": need})


@require_POST
def need_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the secretary whom to call back, and write down that they looked."""
    need = get_manageable(Need, request.user, pk=pk)
    return show_phone(
        request,
        need,
        field="asker_phone",
        name=need.asker_name or _("whoever asked"),
        back=reverse("need_detail", args=[pk]),
    )
