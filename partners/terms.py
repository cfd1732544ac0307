"""How long an agreement runs."""

from datetime import date, timedelta

ENDING_WITHIN = 60  # days before its end, in which an agreement is to be renewed


def last_day(first: date, *, years: int) -> date:
    """The last day of a term of so many `years` that begins on `first`.

    It is the day before the same date, years on: from 22 November 2026 to 21 November 2028.
    """
    try:
        after = first.replace(year=first.year + years)
    except ValueError:  # it begins on 29 February
        after = date(first.year + years, 3, 1)
    return after - timedelta(days=1)
