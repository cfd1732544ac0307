"""What the tests of reminders share: a moment of their own, and reminders that are due at it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

import tests.reminders.kinds  # noqa: F401 - registers the kinds
from banyang.accounts.models import User
from banyang.reminders.actions import remind
from banyang.reminders.models import Reminder
from communities.models import Community
from tests.reminders import processes
from tests.reminders.smtp import Postbox, post_office

SHANGHAI = ZoneInfo("Asia/Shanghai")

Due = Callable[..., Reminder]


# --- What real workers run beside ----------------------------------------------------------


@pytest.fixture
def private_redis() -> Iterator[processes.PrivateRedis]:
    with processes.private_redis() as server:
        yield server


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def env(postbox: Postbox, private_redis: processes.PrivateRedis) -> Iterator[dict[str, str]]:
    with post_office(postbox) as port:
        yield processes.environment(private_redis.url, port)


# --- A moment of the tests' own ------------------------------------------------------------


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


@pytest.fixture
def late(due: Due) -> Due:
    """A reminder that has been due for an hour by the real clock."""

    def _late(recipient: User, kind: str = "test_plain", **changes: object) -> Reminder:
        changes.setdefault("due_at", timezone.now() - timedelta(hours=1))
        return due(recipient, kind, **changes)

    return _late


def states(*reminders: Reminder) -> list[str]:
    for reminder in reminders:
        reminder.refresh_from_db()
    return [reminder.state for reminder in reminders]
