"""The steps of a partner's way, each with a page that says what will happen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from banyang.accounts.access import get_manageable
from banyang.foundation.errors import refusals_in
from partners.models import Partner
from partners.steps import STEPS, say


def partner_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for the day and the reason of a step, then take it."""
    step = STEPS[verb]
    partner = get_manageable(Partner, request.user, pk=pk)
    form = step.form(request.POST or None, initial=step.initial(partner))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            partner = step.action(partner=partner, by=request.user, **form.cleaned_data)
            messages.success(request, say(step.done, partner))
            return redirect(partner)
    context = {
        "partner": partner,
        "form": form,
        "heading": say(step.heading, partner),
        "effects": step.effects(partner),
        "verb": step.button,
        "danger": step.danger,
        "cancel_url": partner.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)
