"""The inbox: what is due at any hour, to its recipient alone."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone

from banyang.accounts.models import User
from banyang.reminders.actions import mark_read, open_inbox
from banyang.reminders.kinds import Notice
from banyang.reminders.models import Message, Reminder
from banyang.reminders.outcomes import record_refused
from banyang.reminders.sending import lease, send_batch
from communities.factories import CommunityFactory
from tests.conftest import SignIn
from tests.reminders.conftest import Due, states

pytestmark = pytest.mark.django_db

# Whatever the number of rows. The inbox also tells and marks as read.
INBOX_QUERIES = 20  # and the stamp, which does not go through Django


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


def test_inbox_read_is_not_mailed_again_after_a_mail_that_was_refused(
    member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder, later = due(member), monday + timedelta(hours=1)
    record_refused(
        member, [(reminder, Notice("请关注东升社区。", "/"))], "550 no such person", monday
    )
    sign_in(member).get("/inbox/")
    send_batch(later)
    assert mail.outbox == []
    assert states(reminder) == ["sent"]
    assert (reminder.is_pushed, reminder.retry_at) == (False, None)


@pytest.mark.parametrize("seen", [False, True])
def test_inbox_leaves_what_was_refused_if_it_is_not_read_or_just_being_sent(
    seen: bool, member: User, other_member: User, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member)
    record_refused(
        member, [(reminder, Notice("请关注东升社区。", "/"))], "550 no such person", monday
    )
    if seen:
        until = timezone.now() + timedelta(minutes=5)
        Reminder.objects.filter(pk=reminder.pk).update(leased_until=until)
    sign_in(member if seen else other_member).get("/inbox/")
    assert states(reminder) == ["waiting"]


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
    Message.objects.update(
        notices=[*shown.notices, {"text": "新", "path": "/", "due_at": "2026-11-16"}]
    )
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


def test_inbox_says_when_each_thing_was_due_the_newest_first(
    member: User, due: Due, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, monday: datetime
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: monday)
    due(member, due_at=monday - timedelta(days=3, minutes=10))
    due(member, "test_named", due_at=monday - timedelta(minutes=10))
    open_inbox(by=member)
    [message] = Message.objects.all()
    page = render_to_string("reminders/inbox.html", {"page": [message], "user": member})
    assert "10:00" not in page
    assert page.index(">09:50<") < page.index("11月13日")
