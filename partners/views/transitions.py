"""The transitions of a partner's status, each with a page that says what will happen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from banyang.accounts.access import get_manageable
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from partners.models import Partner
from partners.transitions import TRANSITIONS, say


def partner_transition(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for the day and the reason of a transition, then make it."""
    transition = TRANSITIONS[verb]
    partner = get_manageable(Partner, request.user, pk=pk)
    form = transition.form(request.POST or None, initial=transition.initial(partner))
    with submitted(form) as is_valid:
        if is_valid:
            partner = transition.action(partner=partner, by=request.user, **form.cleaned_data)
            messages.success(request, say(transition.done, partner))
            return redirect(partner)
    return confirm(
        request,
        heading=say(transition.heading, partner),
        effects=transition.effects(partner),
        verb=transition.button,
        cancel_url=partner.get_absolute_url(),
        form=form,
        danger=transition.danger,
    )
