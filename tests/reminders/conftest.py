"""What the tests of reminders share: a decent moment, and reminders that are due at it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import tests.reminders.kinds  # noqa: F401 - registers the kinds
from banyang.accounts.models import User
from banyang.reminders.actions import remind
from banyang.reminders.models import Reminder
from communities.models import Community

SHANGHAI = ZoneInfo("Asia/Shanghai")

Due = Callable[..., Reminder]


@pytest.fixture
def monday() -> datetime:
    """A working day at ten in the morning."""
    return datetime(2026, 11, 16, 10, tzinfo=SHANGHAI)


@pytest.fixture
def due(community: Community, monday: datetime) -> Due:
    """Write down a reminder that has been due for an hour on `monday`."""

    def _due(
        recipient: User,
        kind: str = "test_plain",
        subject: Community = community,
        due_at: datetime = monday - timedelta(hours=1),
        **changes: object,
    ) -> Reminder:
        remind(kind=kind, recipients=[recipient], subject=subject, due_at=due_at)
        reminder = Reminder.objects.filter(recipient=recipient, kind=kind).latest("pk")
        if changes:
            Reminder.objects.filter(pk=reminder.pk).update(**changes)
            reminder.refresh_from_db()
        return reminder

    return _due
