"""What there is to do about market days: host one, come with a stall."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.worklist import Task, TaskGroup, sources, task_group
from events.markets.models import MarketDay, Stall

COMING_UP_WITHIN = timedelta(days=14)


@sources.register
def tasks(user: User, today: date) -> Iterator[TaskGroup]:
    """For hosts their next market two weeks ahead, for partners every stall they come with."""
    if user.is_secretary:
        kind = _("Market to host")
        hosted = MarketDay.objects.manageable_by(user).upcoming().until(today + COMING_UP_WITHIN)
        yield task_group(
            kind,
            hosted.with_host(),
            lambda market_days: [_hosted(kind, market_day) for market_day in market_days],
            url=reverse("marketday_list"),
        )
    if user.is_partner:
        yield task_group(
            _("Your stall"),
            Stall.objects.represented_by(user).active().coming_up(),
            lambda stalls: [_stall(user, stall) for stall in stalls],
            url=reverse("marketday_list"),
        )


def _hosted(kind: str, market_day: MarketDay) -> Task:
    taken = _("%(host)s: %(taken)d of %(capacity)d stalls are taken") % {
        "host": market_day.host,
        "taken": market_day.taken,
        "capacity": market_day.capacity,
    }
    return Task(
        kind,
        taken,
        market_day.get_absolute_url(),
        _("See who comes"),
        market_day.held_on,
        market_day.starts_at,
    )


def _stall(user: User, stall: Stall) -> Task:
    market_day = stall.market_day
    waits = stall.state == Stall.State.WAITING
    names = [str(market_day.host), stall.offer]
    if len(user.partner_ids) > 1:
        names.append(str(stall.partner))
    return Task(
        _("Your stall, on the waiting list") if waits else _("Your stall"),
        " · ".join(names),
        market_day.get_absolute_url(),
        _("Open"),
        market_day.held_on,
        market_day.starts_at,
    )
