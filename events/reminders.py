"""What people are told about market days and their stalls."""

from datetime import datetime

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.office.calendar import working_days_before
from banyang.office.models import Office
from banyang.reminders.actions import forget, remind
from banyang.reminders.kinds import Notice, kind
from banyang.templatetags.banyang import day
from events.models import MarketDay, Stall

HOST = "market_day_host"
STALL = "stall_tomorrow"
FREE = "stall_free"
CHANGED = "stall_changed"
HOST_CHANGED = "market_day_changed"
RELEASED = "stall_released"


def _market_days() -> QuerySet[MarketDay]:
    return MarketDay.objects.with_host()


def _stalls() -> QuerySet[Stall]:
    return Stall.objects.select_related("partner", "market_day__host")


@kind(HOST, gettext_lazy("A market to host"), _market_days)
def market_day_host(market_day: MarketDay, recipient: User) -> Notice | None:
    if not market_day.takes_stalls:
        return None
    text = _(
        "You host the market on %(day)s at %(place)s: %(taken)d of %(places)d stalls are taken."
    )
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(STALL, gettext_lazy("A stall at the next market"), _stalls)
def stall_tomorrow(stall: Stall, recipient: User) -> Notice | None:
    if stall.state != Stall.State.TAKEN or not stall.market_day.takes_stalls:
        return None
    text = _("Your stall “%(offer)s” is at the market on %(day)s, from %(from)s, at %(place)s.")
    words = _words(stall.market_day) | {"offer": stall.offer}
    return Notice(text % words, stall.market_day.get_absolute_url())


@kind(FREE, gettext_lazy("A stall has come free"), _stalls)
def stall_free(stall: Stall, recipient: User) -> Notice | None:
    if stall.state != Stall.State.TAKEN or not stall.market_day.takes_stalls:
        return None
    text = _("A stall has come free: %(partner)s has it now, at the market on %(day)s.")
    words = _words(stall.market_day) | {"partner": stall.partner.name}
    return Notice(text % words, stall.market_day.get_absolute_url())


@kind(CHANGED, gettext_lazy("A market moved or called off"), _stalls)
def stall_changed(stall: Stall, recipient: User) -> Notice | None:
    market_day = stall.market_day
    if stall.state not in Stall.ACTIVE:
        return None
    if market_day.state == MarketDay.State.CANCELLED:
        text = _("The market on %(day)s at %(host)s is called off: %(reason)s")
    else:
        text = _("The market at %(host)s is now on %(day)s. Your stall moves with it.")
    return Notice(text % _words(market_day), market_day.get_absolute_url())


@kind(HOST_CHANGED, gettext_lazy("Your market moved or called off"), _market_days)
def market_day_changed(market_day: MarketDay, recipient: User) -> Notice:
    if market_day.state == MarketDay.State.CANCELLED:
        text = _("The market on %(day)s at %(host)s is called off: %(reason)s")
    else:
        text = _("The market that %(host)s hosts is now on %(day)s.")
    return Notice(text % _words(market_day), market_day.get_absolute_url())


def remind_host(market_day: MarketDay) -> None:
    """Remind the host community's people the working day before."""
    remind(
        kind=HOST,
        recipients=market_day.host.people(),
        subject=market_day,
        due_at=_day_before(market_day),
        occasion=str(market_day.held_on),
    )


def remind_stall(stall: Stall) -> None:
    """Remind the partner's people the working day before."""
    remind(
        kind=STALL,
        recipients=stall.partner.people(),
        subject=stall,
        due_at=_day_before(stall.market_day),
        occasion=str(stall.market_day.held_on),
    )


def tell_of_free_stall(stall: Stall) -> None:
    """Tell the partner's people that they got a stall from the waiting list."""
    remind(
        kind=FREE,
        recipients=stall.partner.people(),
        subject=stall,
        due_at=timezone.now(),
    )


def tell_of_change(market_day: MarketDay, by: User | None) -> None:
    """Tell the host and everybody with a stall or a turn that the market moved or is called off.

    Not whoever did it; and who has not heard of an earlier change hears only of this one.
    """
    now = timezone.now()
    told: list[tuple[str, Model, QuerySet[User]]] = [
        (HOST_CHANGED, market_day, market_day.host.people())
    ]
    for stall in market_day.stalls.active().select_related("partner"):
        told.append((CHANGED, stall, stall.partner.people()))
    for kind_name, subject, people in told:
        forget(kind=kind_name, subject=subject)
        remind(
            kind=kind_name,
            recipients=people.exclude(pk=by.pk) if by else people,
            subject=subject,
            due_at=now,
            occasion=now.isoformat(),
        )


def forget_day(market_day: MarketDay) -> None:
    """Nothing that was to be said about the old day is said any more."""
    forget(kind=HOST, subject=market_day)
    for stall in market_day.stalls.active():
        forget_stall(stall)


def forget_stall(stall: Stall) -> None:
    forget(kind=STALL, subject=stall)
    forget(kind=FREE, subject=stall)


def _day_before(market_day: MarketDay) -> datetime:
    """When people are reminded: as reminders begin, on the last working day before the market."""
    date = working_days_before(market_day.held_on, 1)
    return timezone.make_aware(datetime.combine(date, Office.current().remind_from))


def _words(market_day: MarketDay) -> dict[str, object]:
    return {
        "day": day(market_day.held_on),
        "from": f"{market_day.starts_at:%H:%M}",
        "place": market_day.place or market_day.host.short_name,
        "host": market_day.host.short_name,
        "taken": market_day.places_taken,
        "places": market_day.places,
        "reason": market_day.cancel_reason,
    }


@kind(RELEASED, gettext_lazy("A stall was released"), _stalls)
def stall_released(stall: Stall, recipient: User) -> Notice:
    text = _("%(host)s released your stall “%(offer)s” at the market on %(day)s: %(reason)s")
    words = _words(stall.market_day) | {"offer": stall.offer, "reason": stall.end_reason}
    return Notice(text % words, stall.market_day.get_absolute_url())


def tell_of_release(stall: Stall) -> None:
    """Tell the partner's people why the host has taken their stall or turn back."""
    remind(
        kind=RELEASED,
        recipients=stall.partner.people(),
        subject=stall,
        due_at=timezone.now(),
    )
