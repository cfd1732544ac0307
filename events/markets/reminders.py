"""Which news of markets people are told, and when; in what words, `notices.py` says."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import last_working_days, mornings
from banyang.reminders.actions import (
    News,
    forget_all,
    heard,
    move_to_calendar,
    remind_all,
    told_of,
    unheard_since,
)
from banyang.reminders.models import Reminder
from banyang.reminders.telling import take_turn
from communities.models import Community
from events.markets.models import MarketDay, Stall
from events.markets.notices import (
    CHANGED,
    FREE,
    GIVEN,
    HOST,
    HOST_CHANGED,
    HOST_HOURS,
    HOURS,
    PASSED_ON,
    RELEASED,
    STALL,
)

AHEAD = timedelta(days=30)  # how far ahead it is written down who is to be reminded


# --- Writing it down: called by the actions, inside their transactions ---------------------


def remind_hosts(market_days: Sequence[MarketDay]) -> None:
    """Remind the host communities' people the working day before; few queries for however many."""
    remind_all(_to_hosts(market_days))


def remind_stall(stall: Stall) -> None:
    """Remind the partner's people the working day before."""
    remind_stalls([stall])


def remind_stalls(stalls: Sequence[Stall]) -> None:
    """`remind_stall` of many, in the same few queries."""
    remind_all(_to_stalls(stalls))


def tell_of_free_stalls(stalls: Sequence[Stall]) -> None:
    """Tell the partners' people that they got `stalls` from the waiting list, in few queries."""
    people, now = User.objects.of_partners({stall.partner_id for stall in stalls}), timezone.now()
    remind_all(
        News(
            FREE,
            people[stall.partner_id],
            stall,
            due_at=now,
            needed_by=_begin(stall.market_day.held_on),
        )
        for stall in stalls
    )


def tell_of_change(market_day: MarketDay, by: User | None, known: Sequence[date]) -> None:
    """Tell the host and everybody with a stall or a turn that the market moved or is called off.

    Before the first of the days comes that are `known` to people, or the one that it is on now.
    Not whoever did it. Who has not heard of an earlier change hears only of this one, once
    `forget_change` has been called.
    """
    needed_by = _begin(min(*known, market_day.held_on))
    stalls = list(market_day.stalls.active())
    hosts = User.objects.of_communities([market_day.host_id])
    partners = User.objects.of_partners({stall.partner_id for stall in stalls})
    holders = [(stall, partners[stall.partner_id]) for stall in stalls]
    _tell_others(by, HOST_CHANGED, [(market_day, hosts[market_day.host_id])], needed_by)
    _tell_others(by, CHANGED, holders, needed_by)


def tell_of_host(market_day: MarketDay, by: User | None, former: Community) -> None:
    """Tell the people of both communities that the market has another host than the `former`.

    Not whoever did it, and once if it changes again; not who has not heard that it was another's
    and finds it as it was. Other changes that wait to be told to the former host's people are not
    told while it is not theirs.
    """
    take_turn()
    given, passed_on = _untold(GIVEN, market_day), _untold(PASSED_ON, market_day)
    known = {market_day.held_on}
    if market_day.was_on and _untold(HOST_CHANGED, market_day):
        known.add(market_day.was_on)
    forget_all(HOST, GIVEN, PASSED_ON, subjects=[market_day])
    people = User.objects.of_communities([former.pk, market_day.host_id])
    hosts = set(people[market_day.host_id])
    others = passed_on.union(people[former.pk]) - given - hosts
    needed_by = _begin(min(known))
    _tell_others(by, GIVEN, [(market_day, hosts - passed_on)], needed_by)
    _tell_others(by, PASSED_ON, [(market_day, others)], needed_by)
    remind_hosts([market_day])


def _untold(kind_name: str, market_day: MarketDay) -> set[User]:
    """Who waits to be told, and can't have heard yet: not even from a worker that is sending."""
    now = timezone.now()
    untold = Reminder.objects.untold(now).free(now).about([market_day], kind_name)
    return {reminder.recipient for reminder in untold.with_recipient()}


def tell_of_hours(market_day: MarketDay, by: User | None) -> None:
    """Tell whoever has been told when and where the market is that its hours or place changed.

    Not whoever did it, and once if they change again. Everybody else is reminded in time, with
    the hours and the place as they are then.
    """
    take_turn()
    stalls = list(market_day.stalls.taken())
    forget_all(HOST_HOURS, subjects=[market_day])
    forget_all(HOURS, subjects=stalls)
    hosts, holders = heard(_to_hosts([market_day])), heard(_to_stalls(stalls))
    needed_by = _begin(market_day.held_on)
    _tell_others(by, HOST_HOURS, [(news.subject, news.recipients) for news in hosts], needed_by)
    _tell_others(by, HOURS, [(news.subject, news.recipients) for news in holders], needed_by)


def tell_of_release(stall: Stall) -> None:
    """Tell the partner's people why the host has taken their stall or turn back."""
    people, needed_by = stall.partner.people(), _begin(stall.market_day.held_on)
    remind_all([News(RELEASED, people, stall, due_at=timezone.now(), needed_by=needed_by)])


def forget_day(market_day: MarketDay) -> None:
    """Nothing that was to be said about the old day is said any more."""
    forget_all(HOST, subjects=[market_day])
    forget_all(STALL, subjects=market_day.stalls.active())


def forget_change(market_day: MarketDay) -> list[date]:
    """Nothing more is said of an earlier change; the days that people know, in order of telling.

    That is the market's own, and before it the one it was moved from while somebody waits to hear
    of that; the latter alone if nobody has. Whoever has taken a stall since, or been told since
    that they are the host, knows its own alone.
    """
    take_turn()
    stalls = list(market_day.stalls.active())
    since = unheard_since((HOST_CHANGED, [market_day]), (CHANGED, stalls))
    waited = forget_all(HOST_CHANGED, subjects=[market_day]) + forget_all(CHANGED, subjects=stalls)
    if not waited or market_day.was_on is None:
        return [market_day.held_on]
    if since is None or any(stall.asked_at >= since for stall in stalls):
        return [market_day.was_on, market_day.held_on]
    if told_of(market_day, GIVEN, since=since).exists():
        return [market_day.was_on, market_day.held_on]
    return [market_day.was_on]


def forget_market(market_day: MarketDay) -> list[date]:
    """Nothing more is said about the market, except that it is called off; the days people know."""
    known = forget_change(market_day)
    forget_day(market_day)
    forget_all(HOST_HOURS, GIVEN, subjects=[market_day])
    forget_all(FREE, HOURS, subjects=market_day.stalls.active())
    return known


def forget_stall(stall: Stall) -> None:
    forget_all(STALL, FREE, HOURS, subjects=[stall])


# --- Writing it down again: daily, for whoever acts by now ---------------------------------


@transaction.atomic
def write_ahead() -> None:
    """Write down of the markets ahead whatever whoever acts today has not been told.

    Somebody may act for a host or a partner only since their market was planned or their stall
    taken, and a holiday may have been announced since: what was due on it moves to the working
    day before. Nothing else changes. A market that is just being changed, which writes its
    reminders itself, is left for tomorrow.
    """
    until = timezone.localdate() + AHEAD
    coming = MarketDay.objects.upcoming().until(until)
    market_days = list(coming.select_for_update(no_key=True, skip_locked=True, of=("self",)))
    news = _to_hosts(market_days) + _to_stalls(list(Stall.objects.taken().at(market_days)))
    remind_all(news)
    move_to_calendar(news)


# --- What these have in common -------------------------------------------------------------


def _to_hosts(market_days: Sequence[MarketDay]) -> list[News]:
    """What reminds the hosts of `market_days`; two queries for however many."""
    people = User.objects.of_communities({each.host_id for each in market_days})
    due_at = _days_before(market_days)
    return [
        News(
            HOST,
            people[each.host_id],
            each,
            due_at[each.held_on],
            occasion=str(each.held_on),
            needed_by=_begin(each.held_on),
        )
        for each in market_days
    ]


def _to_stalls(stalls: Sequence[Stall]) -> list[News]:
    """What reminds those who have `stalls`; two queries for however many."""
    people = User.objects.of_partners({stall.partner_id for stall in stalls})
    due_at = _days_before([stall.market_day for stall in stalls])
    return [
        News(
            STALL,
            people[stall.partner_id],
            stall,
            due_at[stall.market_day.held_on],
            occasion=str(stall.market_day.held_on),
            needed_by=_begin(stall.market_day.held_on),
        )
        for stall in stalls
    ]


def _begin(held_on: date) -> datetime:
    """When the day of a market begins: whoever is concerned has to know before."""
    return timezone.make_aware(datetime.combine(held_on, time.min))


def _tell_others(
    by: User | None,
    kind_name: str,
    told: Iterable[tuple[Model, Iterable[User]]],
    needed_by: datetime,
) -> None:
    """Tell people now of what `by` has done, who knows it."""
    now = timezone.now()
    remind_all(
        News(
            kind_name,
            [person for person in people if person != by],
            subject,
            due_at=now,
            occasion=now.isoformat(),
            needed_by=needed_by,
        )
        for subject, people in told
    )


def _days_before(market_days: Iterable[MarketDay]) -> dict[date, datetime]:
    """When people are reminded of each day: as reminders begin, on the last working day before."""
    eves = {each.held_on: each.held_on - timedelta(days=1) for each in market_days}
    working_days = last_working_days(eves.values())
    begin = mornings(working_days.values())
    return {held_on: begin[working_days[eve]] for held_on, eve in eves.items()}
