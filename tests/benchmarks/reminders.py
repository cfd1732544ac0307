"""Reminders sent to a channel that does nothing, in one process, in batches as a worker does."""

import time
from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

import tests.reminders.kinds  # noqa: F401 - registers the kinds
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import CACHE_KEY, CalendarDay, Office
from banyang.reminders.actions import remind
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import send_batch
from communities.factories import CommunityFactory
from tests.benchmarks.report import Target, table

PEOPLE, QUICK_PEOPLE = 10_000, 100
AIM = 2_000  # a second


def prepare(people: int) -> None:
    """`people` with one reminder each, due now, at a decent moment; told before, the day before."""
    now = timezone.now()
    for days in (0, 1):
        day = timezone.localdate(now) + timedelta(days=days)
        CalendarDay.objects.update_or_create(falls_on=day, defaults={"is_working": True})
    Office.objects.update_or_create(
        pk=1, defaults={"remind_from": "00:00", "remind_until": "23:59:59.999999"}
    )
    cache.delete(CACHE_KEY)
    recipients = User.objects.bulk_create(UserFactory.build_batch(people))
    yesterday = timezone.localdate(now) - timedelta(days=1)
    Message.objects.bulk_create(
        Message(recipient=each, notified_on=yesterday) for each in recipients
    )
    remind(kind="test_plain", recipients=recipients, subject=CommunityFactory(), due_at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within the minute


def measure() -> tuple[int, float]:
    """Send everything that is due: how many reminders, and in how many seconds."""
    before = Reminder.objects.waiting().count()
    start = time.perf_counter()
    while send_batch():
        pass
    seconds = time.perf_counter() - start
    return before - Reminder.objects.waiting().count(), seconds


def run(port: int, *, quick: bool) -> tuple[str, list[Target]]:
    prepare(QUICK_PEOPLE if quick else PEOPLE)
    sent, seconds = measure()
    rate = sent / seconds
    figures = table(
        ["reminders, stamped one by one", "seconds", "reminders/s"],
        [[f"{sent:,}", f"{seconds:.2f}", f"{rate:,.0f}"]],
    )
    return figures, [Target("2,000 reminders/s, stamped one by one", f"{rate:,.0f}/s", rate >= AIM)]
