"""What people are notified of about markets, and when. The words are in `notices.py`."""

from collections.abc import Iterable, Sequence
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

WRITTEN_AHEAD = timedelta(days=30)  # how far ahead newcomers and holidays are looked at daily


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
    """Tell the host and everybody with a stall or a turn that the market has moved, but not `by`.

    It was planned on `planned_on`, and `held_on` is its new day. Returns the day that people know,
    which the message names as the one that the market was planned for.

    - When a market moves twice before anybody was notified of the first move, send one message
      that names the day people know. Example: moved from the 21st to the 28th, and an hour later
      to the 5th: "is now on the 5th, was planned for the 21st". Returns the 21st.
    - When it moves back to the day people know before anybody was notified, send none. Example:
      moved from the 21st to the 28th and back. Returns the 21st.
    - When somebody knows the day between, because they were notified of it, have taken a stall or
      become the host since, send everybody a message that names that day. Example: as above, but a
      partner has read of the 28th: "is now on the 5th, was planned for the 28th". Returns the 28th.
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
    """Tell the host and everybody with a stall or a turn that the market is off, but not `by`.

    Whatever else still waits about the market is taken back.
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
    """News of a market that was `planned_on` a day, and has moved or is called off."""
    needed_by = _begin(min(planned_on, market_day.held_on))
    hosts = User.objects.of_communities([market_day.host_id])
    partners = User.objects.of_partners({stall.partner_id for stall in stalls})
    to_hosts = _at_once(HOST_CHANGED, market_day, hosts[market_day.host_id], needed_by, by)
    return [
        to_hosts,
        *(_at_once(CHANGED, each, partners[each.partner_id], needed_by, by) for each in stalls),
    ]


def tell_of_host(market_day: MarketDay, former: Community, by: User) -> None:
    """Tell the people of both communities that the market has another host, but not `by`.

    - When it is given back before somebody was notified that it was given away, they are told
      nothing. Example: given from A to B and back; if B's people alone have read of it, they alone
      are told.
    - When the former host's people have not been notified that the market moved, this message names
      both days, and they get it before the day that they know.
    """
    people = User.objects.of_communities([former.pk, market_day.host_id])
    hosts = people[market_day.host_id]
    others = [person for person in people[former.pk] if person not in hosts]
    needed_by = _begin(market_day.held_on)
    supersede(
        [
            _at_once(GIVEN, market_day, hosts, needed_by, by, undoes=PASSED_ON),
            _at_once(PASSED_ON, market_day, others, needed_by, by, undoes=GIVEN),
        ],
        covers={HOST_CHANGED: [market_day]},
    )
    forget_all(HOST, subjects=[market_day])
    remind_hosts([market_day])


def tell_of_hours(market_day: MarketDay, by: User) -> None:
    """Tell whoever was reminded of a market that its hours or its place changed, but not `by`.

    When they change again before somebody was notified, they get one message with the last ones.
    Everybody else finds the new ones in the reminder that is still to come.
    """
    stalls = list(market_day.stalls.taken())
    needed_by = _begin(market_day.held_on)
    new_kinds = {HOST: HOST_HOURS, STALL: HOURS}
    supersede(
        [
            _at_once(new_kinds[old.kind], old.subject, old.recipients, needed_by, by, corrects=old)
            for old in [*_to_hosts([market_day]), *_to_stalls(stalls)]
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
    """Write down the reminders of the markets ahead for whoever acts by now. Repeated daily.

    - When somebody acts for a host or a partner only since their market was planned or their stall
      taken, they are reminded like the others.
    - When a day has become a holiday, what was due on it moves to the working day before.

    Leaves out markets that are just being changed: that writes their reminders itself.
    """
    until = timezone.localdate() + WRITTEN_AHEAD
    coming = MarketDay.objects.upcoming().until(until)
    market_days = list(coming.select_for_update(no_key=True, skip_locked=True, of=("self",)))
    news = _to_hosts(market_days) + _to_stalls(list(Stall.objects.taken().at(market_days)))
    remind_all(news)
    move_to_calendar(news)


# --- What these share ----------------------------------------------------------------------


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
    kind: str,
    subject: Model,
    people: Iterable[User],
    needed_by: datetime,
    by: User,
    *,
    corrects: News | None = None,
    undoes: str = "",
) -> News:
    """News for `people` of what has just been done, but not for `by`, who did it."""
    now = timezone.now()
    others = [person for person in people if person != by]
    return News(kind, others, subject, now, now.isoformat(), needed_by, corrects, undoes)


def _days_before(market_days: Iterable[MarketDay]) -> dict[date, datetime]:
    """When people are reminded of each day: as reminders begin, on the last working day before."""
    eves = {each.held_on: each.held_on - timedelta(days=1) for each in market_days}
    working_days = last_working_days(eves.values())
    begin = mornings(working_days.values())
    return {held_on: begin[working_days[eve]] for held_on, eve in eves.items()}
