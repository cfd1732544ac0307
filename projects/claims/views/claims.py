"""Claims: partners make them and give them up, secretaries take places back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, partner_required, secretary_required
from banyang.foundation.forms import submitted
from banyang.foundation.hooks import together
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from partners.models import Partner
from projects.claims.access import get_represented
from projects.claims.actions import claims as actions
from projects.claims.forms import ClaimFilters, ClaimForm, ReasonForm
from projects.claims.hooks import claim_page
from projects.claims.models import Claim
from projects.claims.projects import not_claimed_by
from projects.lists.models import Project

OTHERS = 5  # open projects named to whoever came too late


@partner_required
def project_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim a project for one's partner, after reading what that means."""
    project = get_object_or_404(Project.objects.public().select_related("list"), pk=pk)
    # Without a choice to make the form has no field, and an empty POST still claims.
    data = request.POST if request.method == "POST" else None
    own = list(project.claims.active().represented_by(request.user).select_related("partner"))
    free, resting = Partner.objects.claimants(request.user, beside=own)
    if not free and request.method == "GET":
        return redirect(own[0] if own else project)
    partners = [claim.partner for claim in own] + free + resting
    form = ClaimForm(data, project=project, partners=partners, free=free)
    with submitted(form) as is_valid:
        if is_valid:
            claim, _created = actions.claim_project(
                project=project,
                partner=form.chosen_partner,
                quantity=form.chosen_quantity,
                waits=form.chosen_to_wait,
                by=request.user,
            )
            # A second click is answered in the same words as the first.
            messages.success(request, _claimed(claim))
            return redirect(claim)
    project = Project.objects.on_page().get(pk=pk)
    context = {"project": project, "form": form, "free": free, "own": own}
    return render(request, "claims/project_claim.html", context)


def _claimed(claim: Claim) -> str:
    if claim.state == Claim.State.WAITING and claim.project.left:
        return _(
            "Only %(left)d%(unit)s are left: %(partner)s is on the waiting list for "
            "%(quantity)d%(unit)s now. You will be told once so many are free."
        ) % {
            "left": claim.project.left,
            "unit": claim.project.unit,
            "partner": claim.partner,
            "quantity": claim.quantity,
        }
    if claim.state == Claim.State.WAITING:
        return _(
            "All places are taken: %(partner)s is on the waiting list now. "
            "If a place comes free you will be told; there is nothing more to do."
        ) % {"partner": claim.partner}
    return _(
        "%(partner)s has claimed this project. The community will get in touch to agree the plan."
    ) % {"partner": claim.partner}


def claim_list(request: HttpRequest) -> HttpResponse:
    """A partner's claims, or those that a secretary looks after."""
    filters = ClaimFilters(request.GET, user=request.user)
    claims = filters.filtered(Claim.objects.visible_to(request.user))
    page = numbered_page(request, filters.sorted(claims.on_page()))
    return render(request, "claims/claim_list.html", {"filters": filters, "page": page})


def claim_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim with its plan and what was delivered."""
    user = request.user
    claims = Claim.objects.visible_to(user).on_page().with_partner_as_seen_by(user)
    claim = get_object_or_404(claims, pk=pk)
    steps = list(claim.steps.all())
    context = {
        "claim": claim,
        "project": claim.project,
        "manages": claim.project.list.is_managed_by(user),
        "represents": claim.partner_id in user.partner_ids,
        "steps": steps,
        "has_steps_left": any(step.is_pending for step in steps),
        **together(claim_page(claim)),
        "others": _other_projects(claim),
        "is_resting": claim.state in Claim.RUNNING and not claim.partner.is_running,
    }
    return render(request, "claims/claim_detail.html", context)


def _other_projects(claim: Claim) -> list[Project]:
    """What else is open to a partner that came too late, its own community's projects first."""
    if claim.state != Claim.State.WAITING or not claim.partner.is_running:
        return []
    others = not_claimed_by(Project.objects.open().with_capacity_left(), claim.partner)
    return list(others.nearest(claim.project.list.community_id).on_page()[:OTHERS])


def _end(
    request: HttpRequest,
    claim: Claim,
    action: Callable[..., list[Claim]],
    *,
    heading: str,
    effects: list[str],
    verb: str,
    done: str,
) -> HttpResponse:
    """Ask for the reason, then end the claim by `action`."""
    form = ReasonForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            action(claim=claim, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, done)
            return redirect(claim)
    return confirm(
        request,
        heading=heading,
        effects=effects,
        verb=verb,
        cancel_url=claim.get_absolute_url(),
        form=form,
        danger=True,
    )


@partner_required
def claim_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a claim up, saying why."""
    claim = get_represented(request.user, pk=pk)
    return _end(
        request,
        claim,
        actions.withdraw_claim,
        heading=_("Withdraw from “%(project)s”?") % {"project": claim.project},
        effects=[
            claim.passes_on,
            _("The community is told the reason."),
            _("If you change your mind you join the end of the line."),
        ],
        verb=_("Withdraw"),
        done=_("You have withdrawn. Thank you for saying so in time."),
    )


@secretary_required
def claim_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a place back for the community, saying why."""
    claim = get_manageable(Claim, request.user, pk=pk)
    return _end(
        request,
        claim,
        actions.release_claim,
        heading=_("Release the claim of %(partner)s?") % {"partner": claim.partner},
        effects=[
            claim.passes_on,
            _("%(partner)s is told the reason.") % {"partner": claim.partner},
        ],
        verb=_("Release claim"),
        done=_("The claim is released, and the partner will be told."),
    )
