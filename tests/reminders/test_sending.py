"""What a scan sends, to whom, in what words and when."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import CalendarDay, Office
from banyang.reminders.actions import News, forget, forget_all, remind, remind_all
from banyang.reminders.models import (
    CALLED_OFF,
    CLOSED,
    GONE,
    NOT_THEIRS,
    SETTLED,
    Message,
    Reminder,
)
from banyang.reminders.sending import batches_due, lease, send_batch
from communities.factories import CommunityFactory, SecretaryFactory
from communities.models import Community
from tests.reminders.conftest import SHANGHAI, Due

pytestmark = pytest.mark.django_db


def states(*reminders: Reminder) -> list[str]:
    for reminder in reminders:
        reminder.refresh_from_db()
    return [reminder.state for reminder in reminders]


def test_reminder_due_is_sent_and_stamped(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member)
    assert send_batch(monday) == 1
    assert states(reminder) == ["sent"]
    assert (reminder.text, reminder.sent_at) == ("请关注东升社区。", monday)
    message = Message.objects.get()
    assert (message.recipient, message.day, message.pushed_at) == (member, monday.date(), monday)
    assert [line["text"] for line in message.lines] == ["请关注东升社区。"]
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
    assert (len(message.lines), message.pushed_at) == (2, monday)


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
    CalendarDay.objects.create(date=date(2026, 10, 10), is_working=True, name="国庆节调休")
    CalendarDay.objects.create(date=date(2026, 10, 1), is_working=False, name="国庆节")
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


def test_reminder_settled_meanwhile_is_moot(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    settled, other = due(member, "test_settled"), due(member)
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert states(settled, other) == ["moot", "sent"]
    assert settled.reason == SETTLED
    assert len(Message.objects.get().lines) == 1


def test_moot_reminder_alone_sends_no_message(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    due(member, "test_settled")
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert not Message.objects.exists()
    assert mail.outbox == []


def test_reminder_of_something_deleted_is_moot(member: User, monday: datetime, due: Due) -> None:
    subject = CommunityFactory()
    reminder = due(member, subject=subject)
    subject.delete()
    send_batch(monday)
    assert (states(reminder), reminder.reason) == (["moot"], GONE)


def test_reminder_of_a_closed_account_is_moot(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    send_batch(monday)
    assert (states(reminder), reminder.reason) == (["moot"], CLOSED)
    assert mail.outbox == []


def test_reminder_of_whoever_no_longer_acts_for_the_community_is_moot(
    secretary: User, other_secretary: User, community: Community, monday: datetime, due: Due
) -> None:
    kept, gone = due(secretary, "test_meant"), due(other_secretary, "test_meant")
    send_batch(monday)
    assert states(kept, gone) == ["sent", "moot"]
    assert gone.reason == NOT_THEIRS
    assert [sent.to for sent in mail.outbox] == [[secretary.email]]


def test_reminder_of_whoever_acts_for_the_community_again_waits_again(
    secretary: User, community: Community, monday: datetime, due: Due
) -> None:
    secretary.secretaryships.all().delete()
    reminder = due(secretary, "test_meant")
    send_batch(monday)
    assert states(reminder) == ["moot"]

    SecretaryFactory(community=community, user=secretary)
    due(secretary, "test_meant")
    send_batch(monday)
    assert states(reminder) == ["sent"]


@pytest.mark.parametrize("people", [1, 30])
def test_roles_are_fetched_for_the_whole_batch(people: int, monday: datetime, due: Due) -> None:
    for secretary in SecretaryFactory.create_batch(people, user__email=""):
        due(secretary.user, "test_meant", subject=secretary.community)
    with CaptureQueriesContext(connection) as queries:
        assert send_batch(monday) == people
    roles = ('JOIN "communities_secretary"', 'JOIN "partners_member"')
    assert len([query for query in queries if any(role in query["sql"] for role in roles)]) == 1
    assert Reminder.objects.filter(state="sent").count() == people


def test_what_two_reminders_say_in_the_same_words_is_said_once(
    member: User, monday: datetime, due: Due
) -> None:
    reminders = [due(member, key=f"step in {days}") for days in (7, 1)]
    send_batch(monday)
    assert states(*reminders) == ["sent", "sent"]
    assert len(Message.objects.get().lines) == 1
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
    assert (len(message.lines), message.pushed_at) == (2, None)
    assert mail.outbox == []


def test_remind_repeated_writes_one_reminder(
    member: User, community: Community, monday: datetime
) -> None:
    for days in (0, 1):
        remind(
            kind="test_plain",
            recipients=[member],
            subject=community,
            due_at=monday + timedelta(days=days),
        )
    assert Reminder.objects.get().due_at == monday


def test_remind_on_another_occasion_writes_another(
    member: User, community: Community, monday: datetime
) -> None:
    for occasion in ("2026-12-01", "2026-12-08"):
        remind(
            kind="test_plain",
            recipients=[member],
            subject=community,
            due_at=monday,
            occasion=occasion,
        )
    assert Reminder.objects.count() == 2


@pytest.mark.parametrize("things", [1, 30])
def test_many_reminders_take_the_same_queries(
    things: int, member: User, other_member: User, monday: datetime, django_assert_num_queries
) -> None:
    subjects = CommunityFactory.create_batch(things)
    news = [
        News("test_plain", [member, other_member], subject, monday + timedelta(minutes=number))
        for number, subject in enumerate(subjects)
    ]
    with django_assert_num_queries(2):
        remind_all(news)
    with django_assert_num_queries(1):
        assert forget_all("test_plain", "test_named", subjects=subjects) == 2 * things
    with django_assert_num_queries(3):
        remind_all(news)
    waiting = Reminder.objects.waiting()
    assert {(one.subject_pk, one.due_at) for one in waiting} == {
        (each.subject.pk, each.due_at) for each in news
    }


@pytest.mark.parametrize("state", ["sent", "stopped", "failed"])
def test_remind_leaves_what_was_sent_stopped_or_given_up(
    state: str, member: User, monday: datetime, due: Due
) -> None:
    reminder = due(member, state=state, sent_at=monday)
    assert due(member).pk == reminder.pk
    assert states(reminder) == [state]


def test_remind_of_an_unknown_kind_is_an_error(member: User, community: Community) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        remind(
            kind="nonsense",
            recipients=[member],
            subject=community,
            due_at=datetime(2026, 11, 16, tzinfo=SHANGHAI),
        )


def test_forgotten_reminder_is_not_sent(
    member: User, community: Community, other_community: Community, monday: datetime, due: Due
) -> None:
    forgotten, kept = due(member), due(member, subject=other_community)
    assert forget(kind="test_plain", subject=community) == 1
    send_batch(monday)
    assert states(forgotten, kept) == ["moot", "sent"]
    assert forgotten.reason == CALLED_OFF


def test_remind_after_forget_waits_again(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    reminder = due(member)
    forget(kind="test_plain", subject=community)
    again = due(member, due_at=monday)
    assert again.pk == reminder.pk
    assert (again.state, again.due_at, again.reason) == ("waiting", monday, "")


def test_remind_after_it_was_settled_is_looked_at_again(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    settled = Community.objects.filter(pk=community.pk)
    settled.update(brand_summary="暖心驿站，就在身边")
    reminder = due(member, "test_settled")
    send_batch(monday)
    assert states(reminder) == ["moot"]

    assert due(member, "test_settled").state == "waiting"
    send_batch(monday)
    assert states(reminder) == ["moot"]  # nothing has changed

    settled.update(brand_summary="")  # it was not settled after all
    due(member, "test_settled")
    send_batch(monday)
    assert states(reminder) == ["sent"]


def test_leased_reminders_are_left_to_their_worker(
    member: User, monday: datetime, due: Due
) -> None:
    reminder = due(member)
    assert lease(monday) == [reminder]
    due(member, "test_named")  # nobody else may write to this person meanwhile
    assert (batches_due(monday), send_batch(monday)) == (0, 0)


def test_lease_that_ran_out_is_taken_up(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member)
    lease(monday)
    assert send_batch(monday + timedelta(minutes=10)) == 1
    assert states(reminder) == ["sent"]


def test_batches_due_counts_people_not_reminders(
    member: User, monday: datetime, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banyang.reminders.sending.BATCH", 2)
    for person in UserFactory.create_batch(3):
        due(person)
        due(person, "test_named")
    assert batches_due(monday) == 2
    assert (send_batch(monday), send_batch(monday), send_batch(monday)) == (2, 1, 0)


def test_rest_of_a_batch_is_given_back_when_the_lease_runs_down(
    monday: datetime, due: Due, settings
) -> None:
    reminders = [due(person) for person in UserFactory.create_batch(3)]
    settings.REMINDER_LEASE_SECONDS = 0
    send_batch(monday)
    settings.REMINDER_LEASE_SECONDS = 300
    assert states(*reminders) == ["waiting"] * 3
    assert send_batch(monday) == 3
    assert states(*reminders) == ["sent"] * 3


@pytest.mark.parametrize("people", [1, 30])
def test_subjects_are_fetched_for_the_whole_batch(people: int, monday: datetime, due: Due) -> None:
    for person in UserFactory.create_batch(people, email=""):
        due(person, "test_related", subject=CommunityFactory())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert send_batch(monday) == people
    about_subjects = [query for query in queries if '"communities_' in query["sql"]]
    assert len(about_subjects) == 3  # communities, their secretaries, and for whom people act
