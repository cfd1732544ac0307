"""Staff step in: a reminder is stopped, sent once more, or said at another time."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import decent_moments
from banyang.reminders.actions import stop_reminder
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import lease, send_batch
from communities.models import Community
from tests.conftest import SignIn
from tests.reminders.conftest import Due

pytestmark = pytest.mark.django_db


def url(reminder: Reminder, verb: str = "") -> str:
    return f"/reminders/{reminder.pk}/{verb}"


def test_stop_keeps_a_reminder_from_going_out(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    client = sign_in(staff)
    assert "停发" in client.get(url(reminder, "stop/")).content.decode()
    assert Reminder.objects.get().state == "waiting"
    client.post(url(reminder, "stop/"), {"reason": "已电话告知"})
    assert send_batch(monday) == 0
    page = client.get(url(reminder)).content.decode()
    assert "已电话告知" in page
    assert staff.name in page  # who stepped in


def test_stop_needs_a_reason(staff: User, member: User, due: Due, sign_in: SignIn) -> None:
    reminder = due(member)
    page = sign_in(staff).post(url(reminder, "stop/"), {"reason": " "})
    assert page.status_code == 200
    reminder.refresh_from_db()
    assert reminder.state == "waiting"


def test_stop_of_what_is_just_being_sent_is_refused(
    staff: User, member: User, late: Due, decent_now: datetime, sign_in: SignIn
) -> None:
    reminder = late(member)
    lease(decent_now)
    page = sign_in(staff).post(url(reminder, "stop/"), {"reason": "不必了"})
    assert "正在发送" in page.content.decode()
    reminder.refresh_from_db()
    assert reminder.state == "waiting"


def test_stop_of_a_sent_reminder_is_refused(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    send_batch(monday)
    page = sign_in(staff).post(url(reminder, "stop/"), {"reason": "不必了"})
    assert page.status_code == 200
    reminder.refresh_from_db()
    assert reminder.state == "sent"


def test_stop_all_stops_what_waits_among_the_filtered(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    waiting = due(member)
    other = due(member, "test_named")
    client = sign_in(staff)
    page = client.get("/reminders/stop/?kind=test_plain")
    assert "停发1条提醒" in page.content.decode()
    client.post("/reminders/stop/?kind=test_plain", {"reason": "活动取消"})
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.reason, other.state) == ("stopped", "活动取消", "waiting")


def test_stop_all_of_the_whole_ledger_is_forbidden(
    staff: User, member: User, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    assert sign_in(staff).post("/reminders/stop/", {"reason": "全部"}).status_code == 403
    reminder.refresh_from_db()
    assert reminder.state == "waiting"


def test_resend_sends_once_more_with_the_next_message(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    send_batch(monday)
    sign_in(staff).post(url(reminder, "resend/"))
    Reminder.objects.update(due_at=monday)
    assert send_batch(monday + timedelta(hours=1)) == 0  # today's message has gone
    assert send_batch(monday + timedelta(days=1)) == 1
    assert len(mail.outbox) == 2
    assert Message.objects.count() == 2


def test_resend_of_what_waits_or_is_settled_is_refused(
    staff: User, member: User, community: Community, due: Due, sign_in: SignIn
) -> None:
    waiting, settled = due(member), due(member, kind="test_settled")
    stop_reminder(reminder=settled, reason="已办", by=staff)
    Community.objects.update(brand_summary="就这样")
    for reminder, state in ((waiting, "waiting"), (settled, "stopped")):
        page = sign_in(staff).post(url(reminder, "resend/"), follow=True)
        assert [message.level_tag for message in page.context["messages"]] == ["error"]
        reminder.refresh_from_db()
        assert reminder.state == state


def test_resent_reminder_keeps_when_it_was_told_and_read_before(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    send_batch(monday)
    Message.objects.update(read_at=monday + timedelta(minutes=5))
    browser = sign_in(staff)
    browser.post(url(reminder, "resend/"))
    Reminder.objects.update(due_at=monday)
    assert send_batch(monday + timedelta(days=1)) == 1

    page = browser.get(reminder.get_absolute_url()).content.decode()

    assert page.count("此前于") == 1
    for before in (monday, monday + timedelta(minutes=5)):
        assert f"{timezone.localtime(before):%H:%M}" in page.partition("此前于")[2]


@pytest.mark.parametrize("days", [0, 3, 731])
def test_reschedule_corrects_when_it_is_due(
    days: int, staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    reminder = late(member)
    moment = f"{timezone.localdate() + timedelta(days=days)}T00:01"
    sign_in(staff).post(url(reminder, "reschedule/"), {"due_at": moment})
    reminder.refresh_from_db()
    assert timezone.localtime(reminder.due_at).isoformat()[:16] == moment
    before, _next_day = decent_moments(reminder.due_at - timedelta(days=14))
    assert send_batch(before) == 0
    then, _next_day = decent_moments(reminder.due_at)
    assert send_batch(then) == 1


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00",  # which psycopg could not read again
        "9999-12-31T19:00",  # after which comes no working day
        f"{timezone.localdate() - timedelta(days=1)}T23:59",
        f"{timezone.localdate() + timedelta(days=733)}T00:00",
    ],
)
def test_reschedule_to_a_moment_that_cannot_be_meant_is_refused(
    moment: str, staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    client = sign_in(staff)
    page = client.post(url(reminder, "reschedule/"), {"due_at": moment})
    assert page.context["form"].errors
    for shown in (url(reminder), "/reminders/"):
        assert client.get(shown).status_code == 200
    assert Reminder.objects.get().due_at == reminder.due_at


def test_reschedule_of_a_sent_reminder_is_refused(
    staff: User, member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    send_batch(monday)
    moment = f"{timezone.localdate()}T23:59"
    page = sign_in(staff).post(url(reminder, "reschedule/"), {"due_at": moment})
    assert "只有待发送的提醒" in page.content.decode()
