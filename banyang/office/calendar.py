"""Working days, as the office's calendar has them."""

from collections.abc import Collection, Iterable
from datetime import MAXYEAR, date, datetime, time, timedelta

from django.utils import timezone

from banyang.office.models import CalendarDay, Office

WAKING_HOURS = time(7), time(21)


def _exceptions(start: date, end: date) -> dict[date, bool]:
    return dict(
        CalendarDay.objects.filter(falls_on__range=(start, end)).values_list(
            "falls_on", "is_working"
        )
    )


def exceptions_between(start: date, end: date) -> dict[date, CalendarDay]:
    """The holidays and make-up working days from `start` to `end`, by date."""
    return {day.falls_on: day for day in CalendarDay.objects.filter(falls_on__range=(start, end))}


def add_working_days(start: date, days: int) -> date:
    """The working day that comes `days` (>= 0) working days after `start`.

    The office works from Monday to Friday unless the calendar says otherwise.
    With 0, `start` itself if it is a working day, else the next one.
    """
    return working_days_after([start], days)[start]


def working_days_after(starts: Collection[date], days: int) -> dict[date, date]:
    """What `add_working_days` says of each of `starts`, in one query for them all."""
    # As people write “for good”: there is hardly a day after the last year.
    ends = {start: start for start in starts if start.year == MAXYEAR}
    begun = {start for start in starts if start.year < MAXYEAR}
    if begun:
        # Long enough for the longest run of holidays beside the days asked for.
        exceptions = _exceptions(min(begun), max(begun) + timedelta(days=days * 3 + 21))
        ends |= {start: _after(start, days, exceptions) for start in begun}
    return ends


def _after(start: date, days: int, exceptions: dict[date, bool]) -> date:
    def works(day: date) -> bool:
        return exceptions.get(day, day.weekday() < 5)

    day, left = start, days
    while left > 0 or not works(day):
        day += timedelta(days=1)
        if works(day) and left > 0:
            left -= 1
    return day


def working_days_before(day: date, days: int) -> date:
    """The working day that lies `days` (>= 1) working days before `day`."""
    start = day - timedelta(days=days * 3 + 21)
    exceptions = _exceptions(start, day)
    while days > 0:
        day -= timedelta(days=1)
        if exceptions.get(day, day.weekday() < 5):
            days -= 1
    return day


def last_working_days(days: Collection[date]) -> dict[date, date]:
    """Each of `days` if the office works on it, else the working day before it; in one query."""
    if not days:
        return {}
    exceptions = _exceptions(min(days) - timedelta(days=21), max(days))
    return {day: _back(day, exceptions) for day in set(days)}


def _back(day: date, exceptions: dict[date, bool]) -> date:
    while not exceptions.get(day, day.weekday() < 5):
        day -= timedelta(days=1)
    return day


def morning(day: date, office: Office) -> datetime:
    """When the office's reminder hours begin on a day."""
    return timezone.make_aware(datetime.combine(day, office.remind_from))


def mornings(days: Iterable[date]) -> dict[date, datetime]:
    """When the office's reminder hours begin on each of `days`; the office is asked once.

    That is a question to Redis, which may be away while rows are locked.
    """
    office = Office.current()
    return {day: morning(day, office) for day in days}


def decent_moments(moment: datetime) -> tuple[datetime, datetime]:
    """The first moment from `moment` on at which people may be disturbed, and the next day's first.

    That is within the office's reminder hours on a working day; the calendar is asked once.
    """
    if moment.year == MAXYEAR:
        return moment, moment
    office, local = Office.current(), timezone.localtime(moment)
    today, over = local.date(), local.time() >= office.remind_until
    exceptions = _exceptions(today, today + timedelta(days=2 * 21))

    def begin(after: date) -> datetime:
        return morning(_after(after + timedelta(days=1), 0, exceptions), office)

    soon = max(moment, begin(today if over else today - timedelta(days=1)))
    return soon, begin(timezone.localdate(soon))


def waking_moment(moment: datetime) -> datetime:
    """The first moment from `moment` on at which people are up, on whatever day.

    For what can't wait until the office works: a market called off on its eve.
    """
    wake, sleep = WAKING_HOURS
    local = timezone.localtime(moment)
    if wake <= local.time() < sleep:
        return moment
    day = local.date() + timedelta(days=local.time() >= sleep)
    return timezone.make_aware(datetime.combine(day, wake))
