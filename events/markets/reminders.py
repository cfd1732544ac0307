"""Which news of markets people are told, and when; in what words, `notices.py` says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import last_working_days, mornings
from banyang.reminders.actions import News, forget_all, move_to_calendar, remind_all, supersede
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


def tell_of_move(market_day: MarketDay, planned_on: date, by: User) -> date:
    """Tell the host and everybody with a stall or a turn that the market has moved.

    It was planned on `planned_on`, and is already held on its new day. Not told is whoever moved
    it. Returns the day that people know: the one from which the news say that it was moved.

    - When a market moves twice before anybody was notified, one message names the day that people
      know. Example: moved from the 21st to the 28th, and an hour later to the 5th: "now on the
      5th, planned for the 21st"; the day returned is the 21st.
    - When it moves back to the day that people know before anybody was notified, nobody is told,
      and that day is returned.
    - When somebody knows the day between, everybody is told of the move from that one. They may
      have been notified of it, have taken a stall since, or have become the host since.
    """
    stalls = list(market_day.stalls.active())
    is_known = supersede(
        _of_change(market_day, stalls, planned_on, by),
        replaces={HOST_CHANGED: [market_day], CHANGED: stalls},
        is_undo=market_day.held_on == market_day.was_on,
        known_from={GIVEN: [market_day]},
        known_at=[stall.asked_at for stall in stalls],
    )
    forget_all(HOST, subjects=[market_day])
    forget_all(STALL, subjects=stalls)
    remind_hosts([market_day])
    remind_stalls([stall for stall in stalls if stall.state == Stall.State.TAKEN])
    return planned_on if is_known or market_day.was_on is None else market_day.was_on


def tell_of_cancellation(market_day: MarketDay, by: User) -> None:
    """Tell the host and everybody with a stall or a turn that the market is called off.

    Not whoever did it. Nothing else that still waits is said about the market.
    """
    stalls = list(market_day.stalls.active())
    supersede(
        _of_change(market_day, stalls, market_day.held_on, by),
        replaces={HOST_CHANGED: [market_day], CHANGED: stalls},
    )
    forget_all(HOST, HOST_HOURS, GIVEN, subjects=[market_day])
    forget_all(STALL, HOURS, FREE, subjects=stalls)


def _of_change(
    market_day: MarketDay, stalls: Sequence[Stall], planned_on: date, by: User
) -> list[News]:
    """What tells of a market that was `planned_on` a day that it has moved or is called off."""
    needed_by = _begin(min(planned_on, market_day.held_on))
    hosts = User.objects.of_communities([market_day.host_id])
    partners = User.objects.of_partners({stall.partner_id for stall in stalls})
    to_hosts = _at_once(HOST_CHANGED, market_day, hosts[market_day.host_id], needed_by, by)
    return [
        to_hosts,
        *(_at_once(CHANGED, each, partners[each.partner_id], needed_by, by) for each in stalls),
    ]


def tell_of_host(market_day: MarketDay, former: Community, by: User) -> None:
    """Tell the people of both communities that the market has another host than the `former`.

    Not whoever did it, and not those who find it as they know it. Example: given to another host
    and back before anybody was notified, it is news for nobody; if the other host has read of it,
    that one alone is told. A move that the former host's people have not been notified of is told
    them with this news, in time for the day that they know.
    """
    people = User.objects.of_communities([former.pk, market_day.host_id])
    hosts = people[market_day.host_id]
    others = [person for person in people[former.pk] if person not in hosts]
    needed_by = _begin(market_day.held_on)
    supersede(
        [
            replace(_at_once(GIVEN, market_day, hosts, needed_by, by), undoes=PASSED_ON),
            replace(_at_once(PASSED_ON, market_day, others, needed_by, by), undoes=GIVEN),
        ],
        covers={HOST_CHANGED: [market_day]},
    )
    forget_all(HOST, subjects=[market_day])
    remind_hosts([market_day])


def tell_of_hours(market_day: MarketDay, by: User) -> None:
    """Tell whoever was reminded of a market that its hours or its place changed.

    Not whoever did it, and once if they change again before anybody was notified. Everybody else
    is reminded in time, with the hours and the place as they are then.
    """
    stalls = list(market_day.stalls.taken())
    needed_by = _begin(market_day.held_on)
    of_hosts = (HOST_HOURS, _to_hosts([market_day]))
    of_stalls = (HOURS, _to_stalls(stalls))
    supersede(
        [
            replace(_at_once(kind, old.subject, old.recipients, needed_by, by), corrects=old)
            for kind, reminded in (of_hosts, of_stalls)
            for old in reminded
        ],
        replaces={HOST_HOURS: [market_day], HOURS: stalls},
    )


def tell_of_release(stall: Stall) -> None:
    """Tell the partner's people why the host has taken their stall or turn back."""
    people, needed_by = stall.partner.people(), _begin(stall.market_day.held_on)
    remind_all([News(RELEASED, people, stall, due_at=timezone.now(), needed_by=needed_by)])


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


def _at_once(
    kind: str, subject: Model, people: Iterable[User], needed_by: datetime, by: User
) -> News:
    """News for `people` of what `by` has just done, who knows it."""
    now = timezone.now()
    others = [person for person in people if person != by]
    return News(kind, others, subject, now, occasion=now.isoformat(), needed_by=needed_by)


def _days_before(market_days: Iterable[MarketDay]) -> dict[date, datetime]:
    """When people are reminded of each day: as reminders begin, on the last working day before."""
    eves = {each.held_on: each.held_on - timedelta(days=1) for each in market_days}
    working_days = last_working_days(eves.values())
    begin = mornings(working_days.values())
    return {held_on: begin[working_days[eve]] for held_on, eve in eves.items()}
