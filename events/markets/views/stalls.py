"""Pages of stalls: taking one, changing it, giving it back; the host's release."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, partner_required, secretary_required
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from events.markets import actions
from events.markets.forms import NewStallForm, ReleaseForm, StallForm
from events.markets.models import MarketDay, Stall
from partners.models import Partner


@partner_required
def stall_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a stall at a market day, or a turn on its waiting list."""
    market_day = get_object_or_404(MarketDay.objects.visible_to(request.user).with_host(), pk=pk)
    if request.method == "GET" and not market_day.takes_stalls:
        messages.info(request, _("This market is over or was called off."))
        return redirect(market_day)
    own = list(market_day.stalls.active().represented_by(request.user).with_partner())
    free, resting = Partner.objects.claimants(request.user, beside=own)
    if not free and request.method == "GET":
        # The market's page has the stalls of several, or says why none can be taken.
        return redirect("stall_edit", own[0].pk) if len(own) == 1 else redirect(market_day)
    partners = [stall.partner for stall in own] + free + resting
    form = NewStallForm(request.POST or None, partners=partners, free=free)
    with submitted(form) as is_valid:
        if is_valid:
            stall = actions.take_stall(
                market_day=market_day, partner=form.chosen_partner, **form.wishes, by=request.user
            )
            messages.success(request, _told(stall))
            return redirect(market_day)
    context = {"market_day": market_day, "form": form, "free": free, "own": own}
    return render(request, "markets/stall_take.html", context)


def _told(stall: Stall) -> str:
    if stall.state == Stall.State.TAKEN:
        return _("You have a stall. You will be reminded the working day before.")
    return _("All stalls are taken: you are on the waiting list and will be told when one is free.")


def stall_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what one's stall offers and needs."""
    stall = get_object_or_404(Stall.objects.represented_by(request.user), pk=pk)
    if request.method == "GET" and (why := _too_late_for(stall)):
        messages.info(request, why)
        return redirect(stall.market_day)
    form = StallForm(request.POST or None, instance=stall)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_stall(stall=stall, **form.wishes, by=request.user)
            messages.success(request, _("Your stall is saved."))
            return redirect(stall.market_day)
    return render(request, "markets/stall_edit.html", {"stall": stall, "form": form})


def _too_late_for(stall: Stall) -> str:
    """Why nothing can be done with a stall or a turn any more; empty while something can."""
    if stall.state not in Stall.ACTIVE:
        return _ended(stall)
    if not stall.market_day.takes_stalls:
        return _("This market is over or was called off.")
    return ""


def _ended(stall: Stall) -> str:
    was_turn = stall.held_at is None
    if stall.state == Stall.State.RELEASED:
        if was_turn:
            text = _("The turn on the waiting list was taken back: %(reason)s")
        else:
            text = _("The stall was released: %(reason)s")
        return text % {"reason": stall.end_reason}
    if was_turn:
        return _("The turn on the waiting list was given up already.")
    return _("The stall was given back already.")


def _given_back(stall: Stall) -> str:
    if stall.held_at is None:
        return _("You are no longer on the waiting list. Thank you for saying so in time.")
    return _("Your stall is given back. Thank you for saying so in time.")


def stall_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a stall or a turn in line back, after a page that says what happens then."""
    stall = get_object_or_404(Stall.objects.represented_by(request.user), pk=pk)
    if stall.state == Stall.State.WAITING:
        heading = _("Give your turn on the waiting list up?")
        effect = _("Whoever waits behind you moves up. You are told nothing more of this market.")
        verb = _("Give the turn up")
    else:
        heading = _("Give the stall back?")
        effect, verb = stall.passes_on, _("Give it back")
    if request.method == "POST":
        ended = actions.withdraw_stall(stall=stall, by=request.user)
        messages.success(request, _given_back(ended))
        return redirect(stall.market_day)
    if why := _too_late_for(stall):
        messages.info(request, why)
        return redirect(stall.market_day)
    return confirm(
        request,
        heading=heading,
        effects=[effect],
        verb=verb,
        cancel_url=stall.market_day.get_absolute_url(),
        danger=True,
    )


def _released(stall: Stall) -> str:
    if stall.held_at is None:
        return _("The partner is off the waiting list, and will be told.")
    return _("The stall is released, and the partner will be told.")


@secretary_required
def stall_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a stall back for the host, saying why: its partner has left, or rang up."""
    stall = get_manageable(Stall, request.user, pk=pk)
    form = ReleaseForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            ended = actions.release_stall(stall=stall, **form.cleaned_data, by=request.user)
            messages.success(request, _released(ended))
            return redirect(stall.market_day)
    if request.method == "GET" and (why := _too_late_for(stall)):
        messages.info(request, why)
        return redirect(stall.market_day)
    if stall.state == Stall.State.WAITING:
        heading, verb = _("Remove %(partner)s from the waiting list?"), _("Remove from the line")
    else:
        heading, verb = _("Release the stall of %(partner)s?"), _("Release stall")
    return confirm(
        request,
        heading=heading % {"partner": stall.partner},
        effects=[
            stall.passes_on,
            _("%(partner)s is told the reason.") % {"partner": stall.partner},
        ],
        verb=verb,
        cancel_url=stall.market_day.get_absolute_url(),
        form=form,
        danger=True,
    )
