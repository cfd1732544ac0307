"""What a scan sends, to whom, in what words and when."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import CalendarDay, Office
from banyang.reminders.models import Message
from banyang.reminders.sending import batches_due, send_batch
from tests.reminders.conftest import SHANGHAI, Due, states

pytestmark = pytest.mark.django_db


def test_reminder_due_is_sent_and_stamped(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member)
    assert send_batch(monday) == 1
    assert states(reminder) == ["sent"]
    assert (reminder.text, reminder.sent_at) == ("请关注东升社区。", monday)
    message = Message.objects.get()
    assert (message.recipient, message.notified_on, message.pushed_at) == (
        member,
        monday.date(),
        monday,
    )
    assert [notice["text"] for notice in message.notices] == ["请关注东升社区。"]
    assert [sent.to for sent in mail.outbox] == [[member.email]]


def test_reminder_not_due_yet_waits(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member, due_at=monday + timedelta(seconds=1))
    assert send_batch(monday) == 0
    assert states(reminder) == ["waiting"]
    assert mail.outbox == []


def test_words_are_in_the_recipients_language(monday: datetime, due: Due) -> None:
    zh = due(UserFactory(language="zh-hans"))
    en = due(UserFactory(language="en"))
    send_batch(monday)
    states(zh, en)
    assert (zh.text, en.text) == ("请关注东升社区。", "Look after 东升社区.")
    bodies = {sent.to[0]: sent.body for sent in mail.outbox}
    assert "您好" in bodies[zh.recipient.email]
    assert "Hello" in bodies[en.recipient.email]


def test_reminders_of_a_day_go_in_one_message(
    member: User, other_member: User, monday: datetime, due: Due
) -> None:
    mine = [due(member), due(member, "test_named")]
    theirs = due(other_member)
    assert send_batch(monday) == 2
    assert states(*mine, theirs) == ["sent"] * 3
    assert Message.objects.count() == len(mail.outbox) == 2
    letter = next(sent for sent in mail.outbox if sent.to == [member.email])
    assert "请关注东升社区。" in letter.body
    assert "member & <东升社区>" in letter.body
    assert letter.subject == "请关注东升社区。（另有1项）"


def test_what_two_reminders_say_in_the_same_words_is_said_once(
    member: User, monday: datetime, due: Due
) -> None:
    reminders = [due(member, key=f"step in {days}") for days in (7, 1)]
    send_batch(monday)
    assert states(*reminders) == ["sent", "sent"]
    assert len(Message.objects.get().notices) == 1
    [letter] = mail.outbox
    assert letter.body.count("请关注") == 1


def test_person_without_email_is_told_in_the_inbox(monday: datetime, due: Due) -> None:
    person = UserFactory(email="")
    reminder = due(person)
    send_batch(monday)
    later = due(person, "test_named", due_at=monday + timedelta(minutes=1))
    send_batch(monday + timedelta(minutes=2))
    assert states(reminder, later) == ["sent", "sent"]
    message = Message.objects.get()
    assert (len(message.notices), message.pushed_at) == (2, None)
    assert mail.outbox == []


def test_reminder_due_after_the_days_message_goes_with_the_next_working_days(
    member: User, due: Due
) -> None:
    friday = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
    due(member, due_at=friday)
    send_batch(friday)
    late = due(member, "test_named", due_at=friday + timedelta(hours=1))
    for hours in (2, 24, 48):  # the same day, Saturday, Sunday
        assert send_batch(friday + timedelta(hours=hours)) == 0
    assert states(late) == ["waiting"]
    assert send_batch(datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)) == 1
    assert states(late) == ["sent"]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("hours", [1, 10, 24])  # in office hours, in the evening, on Saturday
def test_what_would_come_too_late_goes_alone_and_the_rest_waits(
    hours: int, member: User, due: Due
) -> None:
    friday = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
    due(member)
    send_batch(friday)
    ordinary = due(member, "test_named", due_at=friday)
    urgent = due(
        member, "test_related", due_at=friday, needed_by=datetime(2026, 11, 21, tzinfo=SHANGHAI)
    )
    now = friday + timedelta(hours=hours)
    assert (batches_due(now), send_batch(now), send_batch(now)) == (1, 1, 0)
    assert states(ordinary, urgent) == ["waiting", "sent"]
    assert [sent.body.count("\n· ") for sent in mail.outbox] == [1, 1]
    assert send_batch(datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)) == 1
    assert states(ordinary) == ["sent"]


def test_what_went_out_before_the_reminder_hours_leaves_the_day_its_message(
    member: User, monday: datetime, due: Due
) -> None:
    early = monday.replace(hour=7)
    urgent = due(member, due_at=early, needed_by=monday.replace(hour=0))
    assert send_batch(early) == 1
    ordinary = due(member, "test_named")
    assert send_batch(monday.replace(hour=8)) == 0
    assert send_batch(monday) == 1
    assert states(urgent, ordinary) == ["sent", "sent"]
    [message] = Message.objects.all()
    assert (len(message.notices), message.pushed_at) == (2, monday)


@pytest.mark.parametrize(
    ("at", "sends"),
    [
        ("2026-11-16 08:29:59", False),  # a Monday
        ("2026-11-16 08:30", True),
        ("2026-11-16 17:59:59", True),
        ("2026-11-16 18:00", False),
        ("2026-11-14 10:00", False),  # a Saturday
        ("2026-10-10 10:00", True),  # a Saturday worked in lieu (调休)
        ("2026-10-01 10:00", False),  # a Thursday, National Day
    ],
)
def test_nothing_is_sent_outside_the_offices_hours(
    at: str, sends: bool, member: User, due: Due
) -> None:
    CalendarDay.objects.create(falls_on=date(2026, 10, 10), is_working=True, name="国庆节调休")
    CalendarDay.objects.create(falls_on=date(2026, 10, 1), is_working=False, name="国庆节")
    moment = datetime.fromisoformat(f"{at}+08:00")
    reminder = due(member, due_at=moment - timedelta(days=1))
    assert (batches_due(moment), send_batch(moment)) == (int(sends), int(sends))
    assert states(reminder) == ["sent" if sends else "waiting"]
    assert len(mail.outbox) == int(sends)


def test_reminder_hours_are_the_offices_own(member: User, due: Due) -> None:
    Office.objects.update_or_create(pk=1, defaults={"remind_until": time(20)})
    evening = datetime(2026, 11, 16, 19, tzinfo=SHANGHAI)
    due(member, due_at=evening)
    assert send_batch(evening) == 1
