"""The words of reminders about markets, made by the worker when it sends them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.foundation.dates import day
from banyang.reminders.kinds import Notice, kind
from events.markets.models import MarketDay, Stall

HOST = "market_day_host"
STALL = "stall_tomorrow"
FREE = "stall_free"
CHANGED = "stall_changed"
HOST_CHANGED = "market_day_changed"
RELEASED = "stall_released"
HOURS = "stall_hours"
HOST_HOURS = "market_day_hours"
GIVEN = "market_day_given"
PASSED_ON = "market_day_passed_on"


def _market_days() -> QuerySet[MarketDay]:
    return MarketDay.objects.with_host()


def _stalls() -> QuerySet[Stall]:
    return Stall.objects.select_related("partner", "market_day__host")


def _for_host(market_day: MarketDay, user: User) -> bool:
    return market_day.host_id in user.community_ids


def _for_former_host(market_day: MarketDay, user: User) -> bool:
    return bool(user.community_ids) and not _for_host(market_day, user)


def _for_partner(stall: Stall, user: User) -> bool:
    return stall.partner_id in user.partner_ids


@kind(HOST, gettext_lazy("A market to host"), _market_days, _for_host)
def market_day_host(market_day: MarketDay, recipient: User) -> Notice | None:
    if not market_day.takes_stalls:
        return None
    text = _(
        "You host the market on %(day)s at %(location)s: %(taken)d of %(capacity)d stalls are taken."
    )
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(STALL, gettext_lazy("A stall at the next market"), _stalls, _for_partner)
def stall_tomorrow(stall: Stall, recipient: User) -> Notice | None:
    if stall.state != Stall.State.TAKEN or not stall.market_day.takes_stalls:
        return None
    text = _("Your stall “%(offer)s” is at the market on %(day)s, from %(from)s, at %(location)s.")
    words = _words(stall.market_day) | {"offer": stall.offer}
    return Notice(text % words, stall.market_day.get_absolute_url())


@kind(FREE, gettext_lazy("A stall has come free"), _stalls, _for_partner)
def stall_free(stall: Stall, recipient: User) -> Notice | None:
    if stall.state != Stall.State.TAKEN or not stall.market_day.takes_stalls:
        return None
    text = _("A stall has come free: %(partner)s has it now, at the market on %(day)s.")
    words = _words(stall.market_day) | {"partner": stall.partner.name}
    return Notice(text % words, stall.market_day.get_absolute_url())


@kind(CHANGED, gettext_lazy("A market moved or called off"), _stalls, _for_partner)
def stall_changed(stall: Stall, recipient: User) -> Notice | None:
    market_day = stall.market_day
    if stall.state not in Stall.ACTIVE:
        return None
    if market_day.state == MarketDay.State.CANCELLED:
        text = _called_off(market_day)
    elif stall.state == Stall.State.WAITING:
        text = _("The market at %(host)s is now on %(day)s. You stay on its waiting list.")
        text += _why_moved(market_day)
    else:
        text = _("The market at %(host)s is now on %(day)s. Your stall moves with it.")
        text += _why_moved(market_day)
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(HOST_CHANGED, gettext_lazy("Your market moved or called off"), _market_days, _for_host)
def market_day_changed(market_day: MarketDay, recipient: User) -> Notice:
    if market_day.state == MarketDay.State.CANCELLED:
        text = _called_off(market_day)
    else:
        text = _("The market that %(host)s hosts is now on %(day)s.") + _why_moved(market_day)
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(GIVEN, gettext_lazy("A market that you host now"), _market_days, _for_host)
def market_day_given(market_day: MarketDay, recipient: User) -> Notice | None:
    if not market_day.takes_stalls:
        return None
    text = _("You now host the market on %(day)s: %(taken)d of %(capacity)d stalls are taken.")
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(PASSED_ON, gettext_lazy("A market that others host now"), _market_days, _for_former_host)
def market_day_passed_on(market_day: MarketDay, recipient: User) -> Notice | None:
    if market_day.state == MarketDay.State.CANCELLED:
        text = _called_off(market_day)  # the other kinds are for hosts, which they are no longer
    elif market_day.is_past:
        return None
    else:
        text = _("%(host)s now hosts the market on %(day)s instead of you.")
        text += _why_moved(market_day)
    return Notice(text % _words(market_day), market_day.get_absolute_url())


def _called_off(market_day: MarketDay) -> str:
    """Names both days of a market that had been moved: not everybody knows of the second."""
    if market_day.was_on is None:
        return _("The market on %(day)s at %(host)s is called off: %(reason)s")
    return _(
        "The market at %(host)s, planned for %(before)s and then moved to %(day)s, is called "
        "off: %(reason)s"
    )


def _why_moved(market_day: MarketDay) -> str:
    """From which day it was moved, and why; nothing if it was not moved."""
    if market_day.was_on is None:
        return ""
    return _(" It was planned for %(before)s. The reason: %(moved_because)s")


@kind(HOURS, gettext_lazy("A market's hours or place changed"), _stalls, _for_partner)
def stall_hours(stall: Stall, recipient: User) -> Notice | None:
    if stall.state != Stall.State.TAKEN or not stall.market_day.takes_stalls:
        return None
    text = _(
        "Please note the change: the market on %(day)s is now from %(from)s to %(until)s, at "
        "%(location)s. Your stall stays yours."
    )
    return Notice(text % _words(stall.market_day), stall.market_day.get_absolute_url())


@kind(HOST_HOURS, gettext_lazy("Your market's hours or place changed"), _market_days, _for_host)
def market_day_hours(market_day: MarketDay, recipient: User) -> Notice | None:
    if not market_day.takes_stalls:
        return None
    text = _(
        "Please note the change: the market that you host on %(day)s is now from %(from)s to "
        "%(until)s, at %(location)s."
    )
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(RELEASED, gettext_lazy("A stall was released"), _stalls, _for_partner)
def stall_released(stall: Stall, recipient: User) -> Notice:
    if stall.held_at is None:
        text = _(
            "%(host)s took you off the waiting list of the market on %(day)s, where “%(offer)s” was to be: %(reason)s"
        )
    else:
        text = _("%(host)s released your stall “%(offer)s” at the market on %(day)s: %(reason)s")
    words = _words(stall.market_day) | {"offer": stall.offer, "reason": stall.end_reason}
    return Notice(text % words, stall.market_day.get_absolute_url())


def _words(market_day: MarketDay) -> dict[str, object]:
    return {
        "day": day(market_day.held_on),
        "from": f"{market_day.starts_at:%H:%M}",
        "until": f"{market_day.ends_at:%H:%M}",
        "location": market_day.where,
        "host": market_day.host.short_name,
        "taken": market_day.taken,
        "capacity": market_day.capacity,
        "reason": market_day.cancel_reason,
        "before": day(market_day.was_on),
        "moved_because": market_day.move_reason,
    }
