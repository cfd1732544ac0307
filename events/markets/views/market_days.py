"""Pages of market days: the list, one of them, planning, moving and calling off."""

from datetime import date, time, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banyang.accounts.access import get_manageable, public, staff_required
from banyang.foundation.dates import day
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from banyang.office.calendar import exceptions_between
from banyang.office.models import CalendarDay
from communities.models import Community
from events.markets import actions
from events.markets.forms import (
    CancelForm,
    HandOverForm,
    MarketDayForm,
    PeriodForm,
    PostponeForm,
    TurnsForm,
)
from events.markets.models import LONGEST_AHEAD, MarketDay, Stall
from events.markets.rotation import turns, unknown_holidays
from partners.filters import OfOnePartner
from partners.models import Partner

PER_PAGE = 12  # market days: about a season
OPENS, CLOSES = time(8, 30), time(11, 30)  # unless staff plan other hours


class MarketDayFilters(OfOnePartner):
    """Which market days a list shows: those to come, unless the past ones are asked for."""

    host = forms.ModelChoiceField(Community.objects.all(), label=gettext_lazy("Host community"))
    past = forms.BooleanField(label=gettext_lazy("Past and called off"))

    def filtered(self, queryset):
        queryset = queryset.past() if self.active.get("past") else queryset.upcoming()
        if partner := self.active.get("partner"):
            queryset = queryset.with_stall_of(partner)
        host = self.active.get("host")
        return queryset.hosted_by(host) if host else queryset


@public
def marketday_list(request: HttpRequest) -> HttpResponse:
    """Market days to come, the next one first; or the past ones."""
    filters = MarketDayFilters(request.GET, user=request.user)
    market_days = filters.filtered(MarketDay.objects.visible_to(request.user))
    market_days = market_days.with_host().with_stalls_of(request.user)
    page = numbered_page(request, market_days, per_page=PER_PAGE)
    days = [market_day.held_on for market_day in page]
    exceptions = exceptions_between(min(days), max(days)) if days else {}
    rows = [(market_day, _holiday(exceptions.get(market_day.held_on))) for market_day in page]
    context = {"filters": filters, "page": page, "rows": rows}
    return render(request, "markets/marketday_list.html", context)


def _holiday(exception: CalendarDay | None) -> str:
    """The name of the public holiday that the calendar has, if it is one."""
    return exception.name if exception and not exception.is_working else ""


@public
def marketday_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A market day: what there is, who comes; for partners their stall, for hosts the line."""
    market_day = get_object_or_404(MarketDay.objects.visible_to(request.user).with_host(), pk=pk)
    stalls = market_day.stalls.active().in_line().with_partner().with_position_in_line()
    taken = [stall for stall in stalls if stall.state == Stall.State.TAKEN]
    user = request.user
    mine = [stall for stall in stalls if stall.partner_id in user.partner_ids]
    free, resting = Partner.objects.claimants(user, beside=mine) if user.is_partner else ([], [])
    is_host = MarketDay.objects.manageable_by(request.user).contains(market_day)
    context = {
        "market_day": market_day,
        "taken": taken,
        "tables": sum(stall.tables for stall in taken),
        "powered": sum(stall.needs_power for stall in taken),
        "waiting": [stall for stall in stalls if stall.state == Stall.State.WAITING],
        "is_host": is_host,
        "releases": is_host and market_day.takes_stalls,
        "mine": mine,
        "free": free,
        "resting": resting if market_day.takes_stalls else (),
    }
    return render(request, "markets/marketday_detail.html", context)


@staff_required
def marketday_plan(request: HttpRequest) -> HttpResponse:
    """Plan the Saturdays of a period: a fair proposal of hosts, changed where needed, then saved."""
    if "first" not in request.GET:
        first = _first_unplanned()
        last = min(first + timedelta(days=84), timezone.localdate() + LONGEST_AHEAD)
        start = {"first": first, "last": max(first, last), "capacity": 20}
        period = PeriodForm(initial=start | {"starts_at": OPENS, "ends_at": CLOSES})
        return render(request, "markets/marketday_plan.html", {"period": period})
    period = PeriodForm(request.GET)
    if not period.is_valid():
        return render(request, "markets/marketday_plan.html", {"period": period})
    proposal = turns(period.cleaned_data["first"], period.cleaned_data["last"])
    free = [
        (t.held_on, None if t.holiday or t.is_workday else t.host) for t in proposal if not t.taken
    ]
    form = TurnsForm(free, request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            hours = {key: period.cleaned_data[key] for key in ("starts_at", "ends_at", "capacity")}
            planned = actions.plan_market_days(turns=form.turns(), **hours, by=request.user)
            messages.success(request, _planned(planned))
            return redirect(_shown_on(planned))
    context = {
        "period": period,
        "form": form,
        "rows": [(turn, None if turn.taken else form[str(turn.held_on)]) for turn in proposal],
        "any_free": bool(free),
        "unknown_holidays": unknown_holidays(proposal),
    }
    return render(request, "markets/marketday_plan.html", context)


def _planned(planned: list[MarketDay]) -> str:
    sentence = ngettext(
        "%(count)d market day is planned.", "%(count)d market days are planned.", len(planned)
    )
    return sentence % {"count": len(planned)}


def _shown_on(planned: list[MarketDay]) -> str:
    """The page of the list that has the first of the days just planned."""
    url = reverse("marketday_list")
    if not planned:
        return url
    ahead = MarketDay.objects.upcoming().before(planned[0].held_on).count()
    return f"{url}?page={ahead // PER_PAGE + 1}"


def _first_unplanned() -> date:
    """The day after the last market that is planned; else today, or tomorrow if it is too late."""
    if last := MarketDay.objects.upcoming().last():
        return last.held_on + timedelta(days=1)
    today = timezone.localdate()
    return today + timedelta(days=MarketDay(held_on=today, ends_at=CLOSES).is_past)


def marketday_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a market's place, hours, stalls and note; for staff, until it is over, its host."""
    market_day = get_manageable(MarketDay, request.user, pk=pk)
    hands_over = request.user.is_staff and market_day.takes_stalls
    form_class = HandOverForm if hands_over else MarketDayForm
    form = form_class(request.POST or None, instance=market_day)
    with submitted(form, refusals_beside="capacity") as is_valid:
        if is_valid:
            actions.update_market_day(market_day=market_day, **form.cleaned_data, by=request.user)
            messages.success(request, _("The market day is saved."))
            return redirect(market_day)
    context = {"market_day": market_day, "form": form}
    return render(request, "markets/marketday_edit.html", context)


def marketday_postpone(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a market to another day, with its stalls."""
    market_day = get_manageable(MarketDay, request.user, pk=pk)
    if not market_day.takes_stalls:
        return _too_late(request, market_day)
    form = PostponeForm(request.POST or None)
    with submitted(form, refusals_beside="held_on") as is_valid:
        if is_valid:
            moved = actions.postpone_market_day(
                market_day=market_day, **form.cleaned_data, by=request.user
            )
            messages.success(request, _moved(moved))
            return redirect(moved)
    context = {"market_day": market_day, "form": form}
    return render(request, "markets/marketday_postpone.html", context)


def _moved(market_day: MarketDay) -> str:
    if market_day.was_on is None:
        text = _(
            "The market is on %(day)s again. Nobody had heard of another day, so nobody is told."
        )
    elif market_day.stalls.active().exists():
        text = _("The market is now on %(day)s. Everybody with a stall is told.")
    else:
        text = _("The market is now on %(day)s.")
    return text % {"day": day(market_day.held_on)}


def marketday_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a market off, after a page that says who is told."""
    market_day = get_manageable(MarketDay, request.user, pk=pk)
    if not market_day.takes_stalls:
        return _too_late(request, market_day)
    form = CancelForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            actions.cancel_market_day(market_day=market_day, **form.cleaned_data, by=request.user)
            messages.success(request, _called_off(market_day))
            return redirect(market_day)
    return confirm(
        request,
        heading=_("Call off the market on %(day)s?") % {"day": day(market_day.held_on)},
        effects=[
            *_who_hears(market_day),
            _("A market that is called off can't be brought back; the day is free for another."),
        ],
        verb=_("Call off"),
        cancel_url=market_day.get_absolute_url(),
        form=form,
        danger=True,
    )


def _too_late(request: HttpRequest, market_day: MarketDay) -> HttpResponse:
    """The market's own page, with the reason why it can't be moved or called off any more."""
    if market_day.state == MarketDay.State.CANCELLED:
        text = _("This market was called off already.")
    else:
        text = _("This market is over: it can neither be moved nor called off any more.")
    messages.info(request, text)
    return redirect(market_day)


def _who_hears(market_day: MarketDay) -> list[str]:
    """Which partners are told that a market is called off."""
    holders, waiting = market_day.taken, market_day.stalls.waiting().count()
    if not holders and not waiting:
        return [_("No partner has a stall, so none has to be told.")]
    told = []
    if holders:
        sentence = ngettext(
            "%(count)d partner has a stall and is told.",
            "%(count)d partners have a stall and are told.",
            holders,
        )
        told.append(sentence % {"count": holders})
    if waiting:
        sentence = ngettext(
            "%(count)d partner is on the waiting list and is told.",
            "%(count)d partners are on the waiting list and are told.",
            waiting,
        )
        told.append(sentence % {"count": waiting})
    return told


def _called_off(market_day: MarketDay) -> str:
    if market_day.stalls.active().exists():
        return _("The market is called off. Everybody with a stall is told.")
    return _("The market is called off.")
