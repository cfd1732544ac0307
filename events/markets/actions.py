"""What happens to market days and stalls."""

from collections.abc import Iterable
from datetime import date, time
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, acting, action
from banyang.foundation.dates import day
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked, move
from communities.models import Community
from events.markets import reminders
from events.markets.models import LONGEST_AHEAD, MarketDay, Stall
from partners.capacity import pass_on, pass_on_each
from partners.models import Partner


@action
def plan_market_days(
    *,
    turns: Iterable[tuple[date, Community]],
    starts_at: time,
    ends_at: time,
    capacity: int,
    by: User,
) -> list[MarketDay]:
    """Plan a market on each day of `turns`, hosted by the community beside it, with `places` stalls.

    All or none. Raises `Refused` if one of the days already has a market, is past or more than a
    year ahead, or is today and the market would be over.
    """
    turns = sorted(turns, key=itemgetter(0))  # two people planning at once meet at the first day
    today = timezone.localdate()
    if turns and not today <= turns[0][0] <= turns[-1][0] <= today + LONGEST_AHEAD:
        raise Refused(_("Markets are planned from today on, and within a year."))
    if turns:
        _refuse_if_over(turns[0][0], ends_at)
    if busy := MarketDay.objects.on(held_on for held_on, _host in turns).first():
        raise Refused(_("There already is a market on %(day)s.") % {"day": day(busy.held_on)})
    planned = []
    for held_on, host in turns:
        market_day = MarketDay(
            host=host, held_on=held_on, starts_at=starts_at, ends_at=ends_at, capacity=capacity
        )
        _save(market_day)
        planned.append(market_day)
    reminders.remind_hosts(planned)
    return planned


@action
def update_market_day(
    *,
    market_day: MarketDay,
    location: str,
    starts_at: time,
    ends_at: time,
    capacity: int,
    note: str,
    by: User,
    host: Community | None = None,
) -> MarketDay:
    """Change where, when in the day and with how many stalls a market is held, and by which `host`.

    More stalls go to those who wait; whoever was told the old hours or place is told the new ones,
    and a new host and the former are told of one another: the stalls stay. What is said of a market
    that is over or called off may be corrected, and is told to nobody. Raises `Refused` if fewer
    stalls are offered than taken, or if such a market is to have another host.
    """
    market_day = _lock(market_day)
    former = market_day.host
    if host not in (None, former):
        _refuse_unless_open(market_day)
    if capacity < market_day.taken:
        raise Refused(
            _("%(taken)d stalls are taken already: it can't be fewer.")
            % {"taken": market_day.taken}
        )
    before = (market_day.where, market_day.starts_at, market_day.ends_at)
    market_day.host = host or former
    market_day.location, market_day.note = location, note
    market_day.starts_at, market_day.ends_at = starts_at, ends_at
    market_day.capacity = capacity
    _save(market_day)
    if market_day.host != former:
        reminders.tell_of_host(market_day, former, by)
    if market_day.takes_stalls and before != (market_day.where, starts_at, ends_at):
        reminders.tell_of_hours(market_day, by)
    _give_free_stalls(market_day)
    return market_day


@action
def postpone_market_day(
    *, market_day: MarketDay, held_on: date, reason: str, by: User
) -> MarketDay:
    """Move a market to another day, because of rain or a holiday; the stalls move with it.

    The host and everybody with a stall or a turn are told, unless it comes back to the day that
    they know before anybody was notified of another. Raises `Refused` if it is over or called off, or
    if the new day is past, more than a year ahead or the same, or already has a market.
    """
    market_day = _lock(market_day)
    _refuse_unless_open(market_day)
    if held_on < timezone.localdate():
        raise Refused(_("The new day must not be in the past."))
    _refuse_if_over(held_on, market_day.ends_at)
    if held_on > timezone.localdate() + LONGEST_AHEAD:
        raise Refused(_("The new day must be within a year from today."))
    if held_on == market_day.held_on:
        raise Refused(_("That is the day on which the market already is."))
    if MarketDay.objects.on([held_on]).exists():
        raise Refused(_("There already is a market on %(day)s.") % {"day": day(held_on)})
    planned_on, market_day.held_on = market_day.held_on, held_on
    known_on = reminders.tell_of_move(market_day, planned_on, by)
    is_undone = known_on == held_on
    market_day.was_on, market_day.move_reason = (None, "") if is_undone else (known_on, reason)
    _save(market_day)
    return market_day


@action
def cancel_market_day(*, market_day: MarketDay, reason: str, by: User) -> None:
    """Call a market off; the host and everybody with a stall or a turn are told why.

    Raises `Refused` if it is over or called off already.
    """
    market_day = _lock(market_day)
    _refuse_unless_open(market_day)
    reminders.tell_of_cancellation(market_day, by)
    move(market_day, MarketDay.State.CANCELLED, cancel_reason=reason)


@action
def take_stall(
    *, market_day: MarketDay, partner: Partner, by: User, offer: str, **wishes: Any
) -> Stall:
    """Give `partner` a stall at the market, or the next turn on the waiting list.

    `wishes` are the stall's other fields (service, tables, needs_power). First come, first
    served, by the moment at which the market day's row was locked. A partner that already has
    a stall or a turn with the same wishes gets just that back: a second click is harmless. Raises
    `Refused` if it has one with others, if the market is over or called off or if the partner's
    agreement does not run.
    """
    market_day = _lock(market_day)
    # Somebody passed over for want of a running agreement may have one again, and goes first.
    _give_free_stalls(market_day)
    if stall := market_day.stalls.active().filter(partner=partner).first():
        _refuse_unless_same(stall, offer=offer, **wishes)
        return stall
    _refuse_unless_open(market_day)
    # It was loaded before we waited for the lock; an agreement may have been ended meanwhile.
    partner.refresh_from_db(fields=["status", "agreement_ends_on"])
    if not partner.is_running:
        raise Refused(partner.why_not_running)
    has_place = market_day.left > 0
    stall = Stall.objects.create(
        market_day=market_day,
        partner=partner,
        state=Stall.State.TAKEN if has_place else Stall.State.WAITING,
        held_at=Now() if has_place else None,
        taken_by=by,
        offer=offer,
        **wishes,
    )
    if has_place:
        reminders.remind_stall(stall)
    return stall


def _refuse_unless_same(stall: Stall, **wishes: Any) -> None:
    if any(getattr(stall, name) != value for name, value in wishes.items()):
        raise Refused(
            _(
                "%(partner)s already has a stall at this market, or a turn, for “%(offer)s”. "
                "Change that one instead."
            )
            % {"partner": stall.partner, "offer": stall.offer}
        )


@action
def update_stall(*, stall: Stall, by: User, offer: str, **wishes: Any) -> Stall:
    """Change what a stall offers and needs; its place in line stays.

    Raises `Refused` if the market is over or called off, or if the stall was given back.
    """
    _refuse_unless_open(_lock(stall.market_day))
    # It may have been given back, or passed on, while we waited for the lock.
    stall.refresh_from_db(fields=["state"])
    if stall.state not in Stall.ACTIVE:
        raise Refused(
            _("This stall has been given back, so it can't be changed. Take one anew, please.")
        )
    wishes["offer"] = offer
    for name, value in wishes.items():
        setattr(stall, name, value)
    stall.save(update_fields=list(wishes))
    return stall


@action
def withdraw_stall(*, stall: Stall, by: User) -> Stall:
    """Give a stall or a turn back; the first who waits gets a stall that comes free.

    Returns what ended: a turn if it has no `held_at`, though `stall` may have been read while it
    was one and been given its place since. Harmless to repeat. Raises `Refused` if the market is
    over or the stall was released.
    """
    _end_stall(stall, Stall.State.WITHDRAWN)
    return stall


@action
def release_stall(*, stall: Stall, reason: str, by: User) -> Stall:
    """Take a stall or a turn back for the host, saying why; it passes on like one given back.

    Returns what ended, like `withdraw_stall`. The partner is told the reason. Harmless to repeat.
    Raises `Refused` if the market is over or the stall was given back.
    """
    if _end_stall(stall, Stall.State.RELEASED, end_reason=reason):
        reminders.tell_of_release(stall)
    return stall


def _end_stall(stall: Stall, to: str, **changes: Any) -> bool:
    """End a stall or a turn, unless a first click has; whether this one did."""
    market_day = _lock(stall.market_day)
    stall.refresh_from_db(fields=["state", "held_at"])
    if stall.state == to:
        return False
    _refuse_unless_open(market_day)
    move(stall, to, ended_at=timezone.now(), **changes)
    reminders.forget_stall(stall)
    _give_free_stalls(market_day)
    return True


def give_free_stalls(*, by: Actor) -> None:
    """Give stalls that are free to those in line who may have them by now.

    Each market in a transaction of its own: one that fails holds up no other.
    """
    with acting(by):
        pass_on_each(
            MarketDay.objects.upcoming().with_free_stalls().with_a_line(),
            lambda market_day: _give_free_stalls(_lock(market_day)),
        )


def _give_free_stalls(market_day: MarketDay) -> list[Stall]:
    """Hand free stalls to those who wait, in line, while the market takes any; returns theirs.

    The market day's row must be locked.
    """
    market_day.refresh_from_db(fields=["capacity", "taken"])
    if not market_day.takes_stalls or market_day.left == 0:
        return []
    given = pass_on(market_day, market_day.stalls.all(), to=Stall.State.TAKEN)
    reminders.tell_of_free_stalls(given)
    reminders.remind_stalls(given)
    return given


def _lock(market_day: MarketDay) -> MarketDay:
    """The market day as it is now; nobody else changes it or its stalls until the commit."""
    return locked(MarketDay.objects, market_day.pk)


def _refuse_unless_open(market_day: MarketDay) -> None:
    if not market_day.takes_stalls:
        raise Refused(_("This market is over or was called off."))


def _refuse_if_over(held_on: date, ends_at: time) -> None:
    """Refuse today for a market that ends at an hour which has passed."""
    if why_over := MarketDay(held_on=held_on, ends_at=ends_at).why_over:
        raise Refused(why_over)


def _save(market_day: MarketDay) -> None:
    """Save, and say kindly which rule of the database stood against it."""
    try:
        with transaction.atomic():
            market_day.save()
    except IntegrityError as error:
        # Two people planning at once: the database's unique day decides.
        if "marketday_one_a_day" not in str(error):
            raise
        raise Refused(
            _("There already is a market on %(day)s.") % {"day": day(market_day.held_on)}
        ) from error
