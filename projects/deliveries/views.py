"""Recording what was delivered on a claim, and accepting it as completed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, secretary_required
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from projects.claims.models import Claim
from projects.deliveries import actions
from projects.deliveries.forms import DeliveryForm
from projects.deliveries.models import Delivery


def delivery_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was delivered on a claim; partner and community may."""
    claim = get_object_or_404(Claim.objects.visible_to(request.user).on_page(), pk=pk)
    form = DeliveryForm(
        request.POST or None, claim=claim, initial={"location": claim.project.location}
    )
    with submitted(form) as is_valid:
        if is_valid:
            actions.record_delivery(
                claim=claim,
                details=form.details,
                form_token=form.cleaned_data["form_token"],
                by=request.user,
            )
            messages.success(request, _("The delivery is recorded. Thank you!"))
            return redirect(claim)
    context = {"form": form, "claim": claim, "project": claim.project}
    return render(request, "deliveries/delivery_create.html", context)


def delivery_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a delivery; whoever recorded it may, and the community."""
    delivery = get_manageable(Delivery, request.user, pk=pk)
    form = DeliveryForm(request.POST or None, claim=delivery.claim, instance=delivery)
    with submitted(form) as is_valid:
        if is_valid:
            actions.edit_delivery(delivery=delivery, details=form.details, by=request.user)
            messages.success(request, _("The delivery is corrected."))
            return redirect(delivery.claim)
    context = {"form": form, "delivery": delivery, "claim": delivery.claim}
    return render(request, "deliveries/delivery_edit.html", context)


def delivery_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a delivery that was recorded by mistake."""
    delivery = get_manageable(Delivery, request.user, pk=pk)
    claim = delivery.claim
    if request.method == "POST":
        actions.remove_delivery(delivery=delivery, by=request.user)
        messages.success(request, _("The delivery is removed."))
        return redirect(claim)
    return confirm(
        request,
        heading=_("Remove this delivery?"),
        effects=[delivery.content, _("Its history stays on record.")],
        verb=_("Remove delivery"),
        cancel_url=claim.get_absolute_url(),
        danger=True,
    )


@secretary_required
def claim_complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept what was delivered; where steps are left, the claim's page asks here first."""
    claim = get_manageable(Claim, request.user, pk=pk)
    if request.method == "POST":
        actions.complete_claim(claim=claim, by=request.user)
        messages.success(request, _("The claim is completed. The partner will be thanked."))
        return redirect(claim)
    return confirm(
        request,
        heading=_("Accept the claim of %(partner)s as completed?") % {"partner": claim.partner},
        effects=[
            *(_("“%(step)s” stays not done.") % {"step": step} for step in claim.steps.pending()),
            _("Nobody is reminded of its steps any more."),
            _("The partner is thanked."),
        ],
        verb=_("Accept as completed"),
        cancel_url=claim.get_absolute_url(),
    )


@secretary_required
def claim_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the completion back; a link that asks for the page asks first."""
    claim = get_manageable(Claim, request.user, pk=pk)
    if request.method == "POST":
        actions.reopen_claim(claim=claim, by=request.user)
        messages.success(request, _("The claim runs again."))
        return redirect(claim)
    return confirm(
        request,
        heading=_("Take back that the claim of %(partner)s is completed?")
        % {"partner": claim.partner},
        effects=[_("Its plan goes on, and so do the reminders of its steps.")],
        verb=_("Not completed after all"),
        cancel_url=claim.get_absolute_url(),
    )
