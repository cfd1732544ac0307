"""Reminders per second, stamped one by one, to a channel that does nothing.

    python -m tests.benchmarks.reminders [PEOPLE]

Makes that many people in a database of its own (default 10,000), writes each a reminder, and
sends them all in this one process, in batches as the worker does.
"""

import os
import sys
import time
from datetime import timedelta


def prepare(people: int) -> None:
    """Fill an empty database: `people` with one reminder each, due now, at a decent moment."""
    from django.utils import timezone

    import tests.reminders.kinds  # noqa: F401 - registers the kinds
    from banyang.accounts.factories import UserFactory
    from banyang.accounts.models import User
    from banyang.office.models import CalendarDay, Office
    from banyang.reminders.actions import remind
    from communities.factories import CommunityFactory

    now = timezone.now()
    for days in (0, 1):
        day = timezone.localdate(now) + timedelta(days=days)
        CalendarDay.objects.update_or_create(date=day, defaults={"is_working": True})
    Office.objects.update_or_create(
        pk=1, defaults={"remind_from": "00:00", "remind_until": "23:59:59.999999"}
    )
    recipients = User.objects.bulk_create(UserFactory.build_batch(people))
    remind(kind="test_plain", recipients=recipients, subject=CommunityFactory(), due_at=now)


def measure() -> tuple[int, float]:
    """Send everything that is due: how many reminders, and in how many seconds."""
    from banyang.reminders.models import Reminder
    from banyang.reminders.sending import send_batch

    before = Reminder.objects.waiting().count()
    start = time.perf_counter()
    while send_batch():
        pass
    seconds = time.perf_counter() - start
    return before - Reminder.objects.waiting().count(), seconds


def main(people: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")
    import django
    from django.conf import settings
    from django.test.utils import get_runner, override_settings

    if settings.EMBEDDED:
        from banyang import embedded

        embedded.ensure()
    django.setup()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        with override_settings(REMINDER_CHANNELS=["null"]):
            prepare(people)
            sent, seconds = measure()
    finally:
        runner.teardown_databases(databases)
    print(f"{sent:,} reminders stamped one by one in {seconds:.2f} s: {sent / seconds:,.0f}/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
