from datetime import date
from types import SimpleNamespace
from typing import Any

from banyang.office.models import CalendarDay
from tests.access import STAFF_ONLY, Page


def day(cast: SimpleNamespace) -> dict[str, Any]:
    return {"pk": CalendarDay.objects.create(falls_on=date(2026, 10, 10), is_working=True).pk}


PAGES: dict[str, Page] = {
    "office_edit": Page(STAFF_ONLY),
    "calendar_edit": Page(STAFF_ONLY),
    "calendar_load": Page("302 302 403 403 403 403", post=lambda cast: {}),
    "calendarday_add": Page(STAFF_ONLY),
    "calendarday_edit": Page(STAFF_ONLY, day),
    "calendarday_remove": Page(STAFF_ONLY, day),
}
