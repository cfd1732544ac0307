"""The inbox, and the staff's ledger."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.calendar import decent_moments
from banyang.reminders.actions import mark_read, open_inbox, stop_reminder
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import goes_out_at, lease, send_batch
from communities.factories import CommunityFactory
from communities.models import Community
from tests.conftest import SignIn
from tests.reminders.conftest import Due

pytestmark = pytest.mark.django_db

# Whatever the number of rows. The inbox also tells and marks as read.
INBOX_QUERIES = 19  # and the stamp, which does not go through Django
LEDGER_QUERIES = 12


@pytest.fixture
def late(due: Due) -> Due:
    """A reminder that has been due for an hour by the real clock."""

    def _late(recipient: User, kind: str = "test_plain", **changes: object) -> Reminder:
        changes.setdefault("due_at", timezone.now() - timedelta(hours=1))
        return due(recipient, kind, **changes)

    return _late


def url(reminder: Reminder, verb: str = "") -> str:
    return f"/reminders/{reminder.pk}/{verb}"


# --- Inbox ---------------------------------------------------------------------------------


def test_inbox_shows_what_is_due_at_any_hour(member: User, late: Due, sign_in: SignIn) -> None:
    late(member)
    page = sign_in(member).get("/inbox/")
    assert "请关注东升社区。" in page.content.decode()
    assert 'href="/communities/"' in page.content.decode()
    assert Reminder.objects.get().state == "sent"
    assert mail.outbox == []


def test_inbox_shows_only_ones_own(
    member: User, other_member: User, late: Due, sign_in: SignIn
) -> None:
    late(member)
    open_inbox(by=member)
    late(other_member)
    page = sign_in(other_member).get("/inbox/")
    assert page.content.decode().count("请关注东升社区。") == 1
    assert list(page.context["page"]) == list(Message.objects.filter(recipient=other_member))


def test_inbox_read_is_not_mailed_again(
    member: User, monday: datetime, late: Due, sign_in: SignIn
) -> None:
    late(member)
    sign_in(member).get("/inbox/")
    send_batch(monday + timedelta(days=28))
    assert mail.outbox == []


def test_inbox_leaves_what_a_worker_is_sending(
    member: User, late: Due, decent_now: datetime
) -> None:
    reminder = late(member)
    lease(decent_now)
    open_inbox(by=member)
    reminder.refresh_from_db()
    assert reminder.state == "waiting"
    assert not Message.objects.exists()


def test_inbox_survives_a_reminder_without_words(member: User, late: Due, sign_in: SignIn) -> None:
    broken = late(member, "test_broken")
    late(member)
    assert "请关注东升社区。" in sign_in(member).get("/inbox/").content.decode()
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == ("waiting", 1)
    assert "No words for this." in broken.error
    assert Message.objects.count_unread_by(member) == 0


def test_inbox_empty_says_so(member: User, sign_in: SignIn) -> None:
    assert "还没有给您的提醒" in sign_in(member).get("/inbox/").content.decode()


def test_unread_counts_messages_and_what_is_due(
    member: User, other_member: User, monday: datetime, late: Due, sign_in: SignIn
) -> None:
    late(other_member)
    late(member, due_at=monday)
    send_batch(monday)
    assert Message.objects.count_unread_by(member) == 1
    late(member, "test_named")
    late(member, "test_related", due_at=timezone.now() + timedelta(hours=1))
    assert Message.objects.count_unread_by(member) == 2
    sign_in(member).get("/inbox/")
    assert Message.objects.count_unread_by(member) == 0
    assert Message.objects.count_unread_by(other_member) == 1


def test_what_came_while_the_inbox_was_read_stays_new(
    member: User, monday: datetime, late: Due
) -> None:
    late(member, due_at=monday)
    send_batch(monday)
    [shown] = Message.objects.all()
    late(member, "test_named")
    open_inbox(by=member)
    Message.objects.update(lines=[*shown.lines, {"text": "新", "path": "/", "at": "2026-11-16"}])
    mark_read(shown=[shown], by=member)
    assert Message.objects.unread().filter(pk=shown.pk).exists()
    mark_read(shown=Message.objects.all(), by=member)
    assert not Message.objects.unread().exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_inbox_costs_the_same_queries(
    rows: int, member: User, late: Due, sign_in: SignIn, django_assert_num_queries
) -> None:
    for _ in range(rows):
        late(member, subject=CommunityFactory())
    client = sign_in(member)
    client.get("/healthz")
    with django_assert_num_queries(INBOX_QUERIES):
        client.get("/inbox/")


# --- Ledger --------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 30])
def test_ledger_costs_the_same_queries(
    rows: int, staff: User, late: Due, sign_in: SignIn, django_assert_num_queries
) -> None:
    for person in UserFactory.create_batch(rows):
        late(person, "test_meant", subject=CommunityFactory())
    client = sign_in(staff)
    client.get("/healthz")
    with django_assert_num_queries(LEDGER_QUERIES):
        client.get("/reminders/")


def test_ledger_shows_what_a_waiting_reminder_would_say(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    late(member)
    page = sign_in(staff).get("/reminders/").content.decode()
    assert "请关注东升社区。" in page
    assert member.name in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=stopped", {"stopped"}),
        ("kind=test_named", {"named"}),
        ("q=王秀兰", {"named"}),
        ("q=秀兰&state=waiting", {"named"}),
        ("since=2026-11-18", {"named"}),
        ("until=2026-11-17", {"plain"}),
        ("until=2026-11-17&state=all", {"plain", "stopped"}),
        ("since=2026-11-17&until=2026-11-17&state=waiting", {"plain"}),
        ("state=nonsense", {"plain", "named"}),
        ("q=nobody", set()),
    ],
)
def test_ledger_filters(
    query: str,
    found: set[str],
    staff: User,
    member: User,
    monday: datetime,
    due: Due,
    sign_in: SignIn,
) -> None:
    day = timedelta(days=1)
    other = UserFactory(name="王秀兰")
    names = {
        due(member, due_at=monday + day): "plain",
        due(other, "test_named", due_at=monday + 2 * day): "named",
        due(member, "test_related", due_at=monday, state="stopped"): "stopped",
    }
    page = sign_in(staff).get(f"/reminders/?{query}")
    assert {names[row.reminder] for row in page.context["rows"]} == found


@pytest.mark.parametrize(
    ("query", "sort", "found"),
    [
        ("", "due", ["next", "later"]),
        ("sort=-due", "-due", ["later", "next"]),
        ("state=all", "-due", ["later", "next", "said"]),
        ("state=sent", "-due", ["said"]),
    ],
)
def test_ledger_opens_on_what_is_said_next(
    query: str,
    sort: str,
    found: list[str],
    staff: User,
    member: User,
    monday: datetime,
    due: Due,
    sign_in: SignIn,
) -> None:
    names = {
        due(member, "test_named", due_at=monday + timedelta(days=1)): "later",
        due(member, due_at=monday): "next",
        due(
            member, "test_related", due_at=monday - timedelta(days=1), state="sent", sent_at=monday
        ): "said",
    }
    page = sign_in(staff).get(f"/reminders/?{query}")
    assert [names[row.reminder] for row in page.context["rows"]] == found
    filters = page.context["filters"]
    assert filters.sort == sort
    if "sort" not in query:
        assert filters["sort"].field.choices[0][0] == sort  # what its form will send


def test_ledger_empty_tells_nothing_yet_from_nothing_matches(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    assert "还没有任何提醒" in client.get("/reminders/").content.decode()
    assert "还没有任何提醒" not in client.get("/reminders/?q=王").content.decode()


def test_ledger_with_nothing_waiting_leads_to_what_was_sent(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    late(member)
    open_inbox(by=member)
    client = sign_in(staff)
    page = client.get("/reminders/").content.decode()
    assert "没有待发送的提醒" in page
    assert "还没有任何提醒" not in page
    assert 'href="?state=all"' in page
    assert len(client.get("/reminders/?state=all").context["rows"]) == 1


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


def test_detail_shows_a_reason_of_ours_in_the_readers_language(
    staff: User, member: User, community: Community, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member, "test_settled")
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert "提醒之前已经办妥" in sign_in(staff).get(url(reminder)).content.decode()


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


def test_ledger_says_when_what_is_late_goes_out(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    reminder = late(member)

    page = sign_in(staff).get("/reminders/")

    [row] = page.context["rows"]
    assert row.delayed_to.replace(second=0, microsecond=0) == goes_out_at(reminder).replace(
        second=0, microsecond=0
    )
    assert "预计" in page.content.decode()
