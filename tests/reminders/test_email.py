"""E-mail through a real SMTP server: what it says, and what happens when it is refused."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.actions import resend_reminder
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import send_batch
from communities.models import Community
from tests.reminders.conftest import Due
from tests.reminders.smtp import Postbox, free_port, post_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings) -> int:
    """The port that e-mail is sent to; nobody listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = free_port()
    settings.DEFAULT_FROM_EMAIL = "般阳合伙人 <tixing@banyang.example>"
    settings.SITE_URL = "https://banyang.example"
    return settings.EMAIL_PORT


@pytest.fixture
def postbox(smtp: int) -> Iterator[Postbox]:
    postbox = Postbox()
    with post_office(postbox, smtp):
        yield postbox


def fresh(reminder: Reminder) -> Reminder:
    reminder.refresh_from_db()
    return reminder


def test_email_says_what_is_due_and_where(
    member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    Office.objects.update_or_create(
        pk=1, defaults={"name": "般阳路街道办事处", "programme": "般阳合伙人"}
    )
    due(member)
    due(member, "test_named")
    send_batch(monday)
    [letter] = postbox.messages
    assert letter["to"] == member.email
    assert letter["from"] == "般阳合伙人 <tixing@banyang.example>"
    assert letter["subject"] == "请关注东升社区。（另有1项）"
    assert letter["message-id"].endswith("@banyang.example>")
    assert letter["auto-submitted"] == "auto-generated"
    text = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text.startswith(f"{member.name}，您好！")
    assert "member & <东升社区>\n  https://banyang.example/communities/" in text
    assert "https://banyang.example/inbox/" in text
    assert "般阳合伙人 · 般阳路街道办事处" in text
    html = letter.get_body(("html",)).get_content()
    assert (
        '<a href="https://banyang.example/communities/">member &amp; &lt;东升社区&gt;</a>' in html
    )


def test_email_to_an_english_reader_is_english(
    monday: datetime, due: Due, postbox: Postbox
) -> None:
    due(UserFactory(language="en"))
    send_batch(monday)
    [letter] = postbox.messages
    assert letter["subject"] == "Look after 东升社区."
    assert "All your reminders:" in letter.get_body(("plain",)).get_content()


def test_email_goes_out_while_redis_is_away(
    member: User, monday: datetime, due: Due, postbox: Postbox, settings
) -> None:
    Office.objects.update_or_create(pk=1, defaults={"programme": "般阳合伙人"})
    due(member)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///tmp/nowhere"}}

    assert send_batch(monday) == 1

    [letter] = postbox.messages
    assert "般阳合伙人" in letter.get_body(("plain",)).get_content()


def test_batch_uses_one_connection(monday: datetime, due: Due, postbox: Postbox) -> None:
    for person in UserFactory.create_batch(5):
        due(person)
    send_batch(monday)
    assert (len(postbox.messages), postbox.sessions) == (5, 1)


def test_refused_address_holds_up_nobody_else(
    member: User, other_member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    refused, taken = due(member), due(other_member)
    postbox.refused = {member.email}
    send_batch(monday)
    assert postbox.received == {other_member.email: 1}
    assert (fresh(taken).state, fresh(refused).state) == ("sent", "waiting")
    assert (refused.attempts, refused.retry_at) == (1, monday + timedelta(minutes=5))
    assert "no such person" in refused.error


def test_refused_message_stands_in_the_inbox_once(
    member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    reminder = due(member)
    postbox.refused = {member.email}
    send_batch(monday)
    send_batch(monday + timedelta(minutes=6))
    message = Message.objects.get()
    assert (len(message.notices), message.pushed_at) == (1, None)
    postbox.refused = set()
    send_batch(monday + timedelta(hours=1))
    message.refresh_from_db()
    assert (fresh(reminder).state, reminder.attempts, reminder.error) == ("sent", 2, "")
    assert len(message.notices) == 1
    assert message.pushed_at == monday + timedelta(hours=1)
    assert postbox.received == {member.email: 1}


def test_refused_message_fails_after_five_attempts_with_growing_pauses(
    member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    reminder = due(member)
    postbox.refused = {member.email}
    tried = []
    for minutes in range(0, 7 * 60, 5):
        if send_batch(monday + timedelta(minutes=minutes)):
            tried.append(minutes)
    assert tried == [0, 5, 25, 85, 265]
    assert (fresh(reminder).state, reminder.attempts) == ("failed", 5)
    assert Message.objects.count_unread_by(member) == 1


def test_reminder_that_cannot_be_rendered_holds_up_nobody(
    member: User, other_member: User, monday: datetime, due: Due
) -> None:
    broken, beside, after = due(member, "test_broken"), due(member), due(other_member)
    send_batch(monday)
    assert (fresh(broken).state, broken.attempts) == ("waiting", 1)
    assert "LookupError: No words for this." in broken.error
    assert (fresh(beside).state, fresh(after).state) == ("sent", "sent")
    assert len(mail.outbox) == 2


def test_mail_server_down_costs_no_attempts(
    member: User, other_member: User, monday: datetime, due: Due, smtp: int
) -> None:
    reminders = [due(member), due(other_member)]
    by_inbox = due(UserFactory(email=""))
    send_batch(monday)
    assert fresh(by_inbox).state == "sent"
    for reminder in reminders:
        assert (fresh(reminder).state, reminder.attempts) == ("waiting", 0)
        assert "ConnectionRefusedError" in reminder.error
    assert send_batch(monday + timedelta(minutes=1)) == 0
    postbox = Postbox()
    with post_office(postbox, smtp):
        assert send_batch(monday + timedelta(minutes=6)) == 2
    assert postbox.received == {member.email: 1, other_member.email: 1}
    assert [fresh(reminder).error for reminder in reminders] == ["", ""]


@pytest.mark.parametrize("how", [None, "hangs_up", "closes_at_address"])
def test_server_that_takes_few_messages_on_a_connection_costs_no_attempts(
    how: str | None, monday: datetime, due: Due, postbox: Postbox
) -> None:
    postbox.takes_each_time = 2
    if how:
        setattr(postbox, how, True)
    reminders = [due(UserFactory()) for _ in range(5)]
    assert send_batch(monday) == 5
    assert {(fresh(each).state, each.attempts, each.error) for each in reminders} == {
        ("sent", 0, "")
    }
    assert sorted(postbox.received.values()) == [1] * 5
    assert postbox.sessions == 3


def test_server_that_closes_every_connection_costs_no_attempts(
    member: User, other_member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    postbox.takes_each_time = 0
    reminders = [due(member), due(other_member)]
    send_batch(monday)
    assert {(fresh(each).state, each.attempts) for each in reminders} == {("waiting", 0)}
    assert "421" in fresh(reminders[0]).error
    assert postbox.sessions == 2  # and none for the second person
    postbox.takes_each_time = None
    send_batch(monday + timedelta(minutes=6))
    assert postbox.received == {member.email: 1, other_member.email: 1}


def test_server_that_hangs_up_on_one_message_twice_costs_that_message_an_attempt(
    member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    postbox.takes_each_time, postbox.hangs_up = 0, True
    reminder = due(member)
    send_batch(monday)
    assert fresh(reminder).attempts == 1


def test_message_has_the_same_identity_when_sent_twice(
    member: User, monday: datetime, due: Due, postbox: Postbox
) -> None:
    due(member)
    send_batch(monday)
    # As if the worker had been killed between handing over and stamping.
    Reminder.objects.update(state="waiting", message=None)
    Message.objects.all().delete()
    send_batch(monday)
    first, second = postbox.messages
    assert first["message-id"] == second["message-id"]


def test_message_that_is_resent_has_an_identity_of_its_own(
    member: User, monday: datetime, due: Due, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: monday)
    urgent = due(member, needed_by=monday + timedelta(hours=1))
    send_batch(monday)
    resend_reminder(reminder=fresh(urgent), by=member)
    send_batch(monday)
    first, second = postbox.messages
    assert first["message-id"] != second["message-id"]


def test_subject_of_a_reason_with_several_lines_is_one_line(
    member: User, community: Community, monday: datetime, due: Due, postbox: Postbox
) -> None:
    Community.objects.filter(pk=community.pk).update(short_name="场地维修\n下月再来")
    reminder = due(member)
    send_batch(monday)
    assert fresh(reminder).state == Reminder.State.SENT
    [letter] = postbox.messages
    assert letter["subject"] == "请关注场地维修 下月再来。"


def test_refused_address_is_in_no_log(
    member: User, monday: datetime, due: Due, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    reminder = due(member)
    postbox.refused = {member.email}
    send_batch(monday)
    [logged] = [record for record in caplog.records if record.name.startswith("banyang")]
    assert str(reminder.pk) in logged.getMessage()
    assert member.email not in logging.Formatter().format(logged)
