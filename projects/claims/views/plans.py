"""The plan of a claim and its steps."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, secretary_required
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from projects.claims.actions import plans as actions
from projects.claims.forms import MOST_ROWS, PlanForm, StepFilters, StepForm, steps_formset
from projects.claims.models import Claim, Step


@transaction.atomic
def _plan(
    request: HttpRequest,
    claim: Claim,
    action: Callable[..., None],
    *,
    template: str,
    done: str,
) -> HttpResponse:
    """Ask for the plan and its steps, then write it by `action`.

    The claim is locked while the plan that was sent is compared with the one that is stored, so
    that nobody changes it between that and the writing.
    """
    if request.method == "POST":
        claim = Claim.objects.on_page().lock(claim.pk)
    steps = list(claim.steps.all())
    plan: dict[str, Any] = {"instance": claim, "steps": steps}
    if "more" in request.POST:
        return _show_plan(request, template, claim, _with_more_rows(request, plan))
    form = PlanForm(
        request.POST or None, **plan, rows=steps_formset(request.POST or None, steps=steps)
    )
    with submitted(form) as is_valid:
        if is_valid:
            action(claim=claim, **form.cleaned_data, steps=form.rows.planned, by=request.user)
            messages.success(request, done)
            return redirect(claim)
    return _show_plan(request, template, claim, form)


def _with_more_rows(request: HttpRequest, plan: dict[str, Any]) -> PlanForm:
    """What was typed so far, unchecked, with more blank rows for steps."""
    total = request.POST.get("steps-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 5 else 0
    typed = [
        {name: request.POST.get(f"steps-{row}-{name}", "") for name in StepForm.base_fields}
        for row in range(count)
    ]
    sent = request.POST.dict()
    form = PlanForm(**plan, initial=sent, rows=steps_formset(typed=typed))
    form.initial["opened_with"] = sent.get("opened_with", "")  # more rows show nothing new
    return form


def _show_plan(request: HttpRequest, template: str, claim: Claim, form: PlanForm) -> HttpResponse:
    context = {"claim": claim, "project": claim.project, "form": form, "rows": form.rows}
    return render(request, template, context)


@secretary_required
def claim_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a claim with the plan that both sides have agreed."""
    claim = get_manageable(Claim, request.user, pk=pk)
    return _plan(
        request,
        claim,
        actions.confirm_claim,
        template="claims/claim_confirm.html",
        done=_(
            "The claim is confirmed. The partner will be reminded before each step, and both sides if one is overdue."
        ),
    )


@secretary_required
def claim_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the plan of a confirmed claim."""
    claim = get_manageable(Claim, request.user, pk=pk)
    return _plan(
        request,
        claim,
        actions.change_plan,
        template="claims/claim_plan_edit.html",
        done=_("The plan is changed, and the reminders with it."),
    )


def step_list(request: HttpRequest) -> HttpResponse:
    """The steps still to be done: of a partner's plans, or of those that a secretary looks after."""
    filters = StepFilters(request.GET, user=request.user)
    steps = filters.filtered(Step.objects.visible_to(request.user))
    page = numbered_page(request, filters.sorted(steps.on_page()))
    return render(request, "claims/step_list.html", {"filters": filters, "page": page})


def step_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a step as done, or as not done after all (`done=0`); a link leads to its claim."""
    steps = Step.objects.visible_to(request.user).select_related("claim")
    step = get_object_or_404(steps, pk=pk)
    if request.method != "POST":  # somebody whose session had ended has just signed in
        return redirect(step.claim)
    is_done = request.POST.get("done") != "0"
    actions.mark_step(step=step, done=is_done, by=request.user)
    messages.success(
        request,
        _("“%(step)s” is marked as done.") % {"step": step}
        if is_done
        else _("“%(step)s” is open again.") % {"step": step},
    )
    return redirect(step.claim)
