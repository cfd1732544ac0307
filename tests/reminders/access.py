from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

import tests.reminders.kinds  # noqa: F401 - registers the kinds
from banyang.reminders.actions import remind
from banyang.reminders.models import Reminder
from tests.access import SIGNED_IN, STAFF_ONLY, Page


def reminder(cast: SimpleNamespace) -> dict[str, Any]:
    """One for a partner's member, which not even they find in the ledger."""
    remind(
        kind="test_plain",
        recipients=[cast.member],
        subject=cast.community,
        due_at=timezone.now() + timedelta(days=1),
    )
    return {"pk": Reminder.objects.get().pk}


PAGES: dict[str, Page] = {
    "inbox": Page(SIGNED_IN),
    "reminder_list": Page(STAFF_ONLY),
    "reminder_detail": Page(STAFF_ONLY, reminder),
    "reminder_stop": Page(STAFF_ONLY, reminder),
    "reminder_resend": Page(STAFF_ONLY, reminder),
    "reminder_reschedule": Page(STAFF_ONLY, reminder),
    # Without a filter it would be the whole ledger: nobody may.
    "reminder_stop_all": Page("302 403 403 403 403 403"),
}
