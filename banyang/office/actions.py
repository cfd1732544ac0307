"""What changes the office's own details."""

from datetime import date
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, action
from banyang.foundation.errors import save_valid
from banyang.foundation.moves import locked
from banyang.foundation.reference import BadFile
from banyang.office import announcements
from banyang.office.models import CACHE_KEY, CACHED, CalendarDay, Office

DETAILS = ("name", "short_name", "programme", "introduction", "address", "phone", "opening_hours")


@action
def load_office(*, details: dict[str, str], by: Actor) -> bool:
    """Give an office that nobody has touched its `details`; says whether it did.

    An office in which anything differs from the neutral defaults is left as it is. Raises
    `BadFile` if a detail breaks a rule.
    """
    office, _created = Office.objects.select_for_update().get_or_create(pk=1)
    neutral = Office(pk=1)
    if any(getattr(office, name) != getattr(neutral, name) for name in DETAILS):
        return False
    for name, value in details.items():
        setattr(office, name, value)
    try:
        office.full_clean()
    except ValidationError as error:
        raise BadFile(" ".join(error.messages)) from error
    office.save()
    transaction.on_commit(_show)
    return True


@action
def update_office(*, office: Office, by: User, **details: Any) -> None:
    """Change what every page says about the office, as a form has checked it. `by` is staff."""
    for name, value in details.items():
        setattr(office, name, value)
    office.save(update_fields=list(details))
    transaction.on_commit(_show)


@transaction.atomic
def _show() -> None:
    """Let every page say what is stored now.

    Deleting what is cached would not do: a page that had read the old row by then would cache it
    again. Nor would reading without a lock: a colleague's change may come between that and here.
    """
    cache.set(CACHE_KEY, Office.objects.select_for_update(no_key=True).get(pk=1), CACHED)


@action
def load_calendar(*, year: int, by: Actor) -> int:
    """Fill a year's holidays and make-up working days as announced; how many days were added.

    A year is filled once: afterwards it belongs to the staff, whose own days are left as they
    are. A year that has not been announced yet stays empty.
    """
    # One day left as it was announced says so. An office that changed or removed every one of
    # them, some thirty, is offered to fill the year again; what it changed then stays all the same.
    if CalendarDay.objects.in_year(year).announced().exists():
        return 0
    before = CalendarDay.objects.count()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(falls_on=day, is_working=is_working, name=name, is_announced=True)
            for day, is_working, name in announcements.days_of(year)
        ],
        ignore_conflicts=True,
    )
    return CalendarDay.objects.count() - before


def load_known_years(*, by: Actor) -> dict[int, int]:
    """Fill every announced year from last year on; how many days each of them was given."""
    first = timezone.localdate().year - 1
    return {year: load_calendar(year=year, by=by) for year in announcements.announced_years(first)}


@action
def save_calendar_day(*, day: CalendarDay, by: User) -> None:
    """Add or change a day of the calendar, which is then the staff's own. `by` is staff.

    So a day moved to another year does not pass for that year's announcement. Raises `Refused`
    if the calendar has the day already, or has lost the one to change.
    """
    if not day._state.adding:
        locked(CalendarDay.objects, day.pk)
    day.is_announced = False
    save_valid(day)


@action
def remove_calendar_day(*, day: date, by: User) -> None:
    """Let the week's usual rule hold on `day` again. `by` is staff. Harmless to repeat."""
    CalendarDay.objects.filter(falls_on=day).delete()
