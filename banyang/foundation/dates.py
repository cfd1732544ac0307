"""How days and moments read in words, in either language."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

WEEKDAYS = "一二三四五六日"


def day(value: date | None) -> str:
    """A day with its weekday: `2026年11月22日（周日）`, or `Sun 22 Nov 2026` in English."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    if (get_language() or "").startswith("zh"):
        return f"{value.year}年{value.month}月{value.day}日（周{WEEKDAYS[value.weekday()]}）"
    return date_format(value, "D j M Y", use_l10n=False)


def moment(value: datetime | None) -> str:
    """A day with its weekday and the time of day to the minute."""
    if value is None or value == "":
        return ""
    # A Chinese bracket brings its own blank.
    blank = "" if (get_language() or "").startswith("zh") else " "
    return f"{day(value)}{blank}{timezone.localtime(value):%H:%M}"
