"""The steps of a partner's way, each with a page that says what will happen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from banyang.accounts.access import get_manageable
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from partners.models import Partner
from partners.steps import STEPS, say


def partner_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for the day and the reason of a step, then take it."""
    step = STEPS[verb]
    partner = get_manageable(Partner, request.user, pk=pk)
    form = step.form(request.POST or None, initial=step.initial(partner))
    with submitted(form) as is_valid:
        if is_valid:
            partner = step.action(partner=partner, by=request.user, **form.cleaned_data)
            messages.success(request, say(step.done, partner))
            return redirect(partner)
    return confirm(
        request,
        heading=say(step.heading, partner),
        effects=step.effects(partner),
        verb=step.button,
        cancel_url=partner.get_absolute_url(),
        form=form,
        danger=step.danger,
    )
