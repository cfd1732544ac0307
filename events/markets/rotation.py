"""Whose turn it is to host the next markets (轮值)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from banyang.office.announcements import is_announced
from banyang.office.calendar import exceptions_between
from banyang.office.models import CalendarDay
from communities.models import Community
from events.markets.models import MarketDay

SATURDAY = 5
LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True)
class Turn:
    """A Saturday, the community whose turn it is, and what stands in the way, if anything."""

    held_on: date
    host: Community
    is_workday: bool  # the calendar makes it a working day (调休)
    holiday: str  # the name of the public holiday that it falls on
    taken: bool  # there already is a market

    @property
    def remarks(self) -> list[str]:
        """What stands in the way, in words."""
        said = {
            _("already planned"): self.taken,
            _("a working day that makes up for a holiday"): self.is_workday,
            _("public holiday: %(name)s") % {"name": self.holiday}: self.holiday,
        }
        return [words for words, holds in said.items() if holds]


@dataclass(frozen=True)
class Unknown:
    """A year whose public holidays the calendar has not, and the Saturdays that it concerns."""

    year: int
    is_announced: bool  # though nobody has filled them in
    first: date
    last: date


def saturdays(first: date, last: date) -> Iterator[date]:
    """Every Saturday from `first` to `last`, both included."""
    day = first + timedelta(days=(SATURDAY - first.weekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def unknown_holidays(proposal: list[Turn]) -> list[Unknown]:
    """Where a proposal may yet meet a holiday or a working day; one query for however many."""
    known = CalendarDay.objects.announced().years()
    by_year: dict[int, list[date]] = defaultdict(list)
    for turn in proposal:
        by_year[turn.held_on.year].append(turn.held_on)
    return [
        Unknown(year, is_announced(year), days[0], days[-1])
        for year, days in by_year.items()
        if year not in known
    ]


def turns(first: date, last: date) -> list[Turn]:
    """A fair proposal for the Saturdays from `first` to `last`.

    Each goes to the community that has hosted least often in the past year and in the days
    already given out; among equals, to the one whose last turn is longest ago, then by code.
    Markets called off don't count as a turn. Two queries for the communities and their turns,
    one for the calendar, however many Saturdays.
    """
    communities = list(Community.objects.order_by("code"))
    if not communities:
        return []
    hosted = MarketDay.objects.hosted_since(first - LOOK_BACK).values_list("held_on", "host_id")
    by_day = dict(hosted)
    counts = Counter(by_day.values())
    latest: dict[int, date] = {}
    for held_on, host_pk in sorted(by_day.items()):
        latest[host_pk] = held_on
    exceptions = exceptions_between(first, last)
    by_pk = {community.pk: community for community in communities}
    proposal = []
    for day in saturdays(first, last):
        if taken := day in by_day:
            host = by_pk[by_day[day]]
        else:
            host = min(
                communities, key=lambda c: (counts[c.pk], latest.get(c.pk, date.min), c.code)
            )
            counts[host.pk] += 1
            latest[host.pk] = day
        exception = exceptions.get(day)
        proposal.append(
            Turn(
                held_on=day,
                host=host,
                is_workday=bool(exception and exception.is_working),
                holiday=exception.name if exception and not exception.is_working else "",
                taken=taken,
            )
        )
    return proposal
