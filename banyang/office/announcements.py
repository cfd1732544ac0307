"""The holidays that the State Council has announced, as the package chinesecalendar carries them.

Read when the calendar is filled, never by a request that asks whether a day is a working day:
that is answered by the office's own table, which staff can correct.
"""

from collections.abc import Iterator
from datetime import date

from chinese_calendar.constants import Holiday, holidays, workdays

NAMES: dict[str, str] = {holiday.value: holiday.chinese for holiday in Holiday}


def is_announced(year: int) -> bool:
    """Whether the package knows the year's holidays. They are announced late in the year before."""
    return any(day.year == year for day in holidays)


def announced_years(first: int) -> list[int]:
    """The years from `first` on whose holidays are known."""
    return sorted({day.year for day in holidays if day.year >= first})


def days_of(year: int) -> Iterator[tuple[date, bool, str]]:
    """The year's exceptions to the week's rule: (day, whether it is a working day, its name)."""
    for day, name in sorted(holidays.items()):
        if day.year == year:
            yield day, False, NAMES.get(name, name)
    for day, name in sorted(workdays.items()):
        if day.year == year:
            yield day, True, f"{NAMES.get(name, name)}调休"
