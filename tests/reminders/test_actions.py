"""Writing reminders down, once each, and calling them off."""

from datetime import datetime, timedelta

import pytest

from banyang.accounts.models import User
from banyang.reminders.actions import News, forget, forget_all, remind, remind_all
from banyang.reminders.models import CALLED_OFF, Reminder
from banyang.reminders.sending import send_batch
from communities.factories import CommunityFactory
from communities.models import Community
from tests.reminders.conftest import SHANGHAI, Due, states

pytestmark = pytest.mark.django_db


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
    assert states(forgotten, kept) == ["obsolete", "sent"]
    assert forgotten.reason == CALLED_OFF


def test_remind_after_forget_waits_again(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    reminder = due(member)
    forget(kind="test_plain", subject=community)
    again = due(member, due_at=monday)
    assert again.pk == reminder.pk
    assert (again.state, again.due_at, again.reason) == ("waiting", monday, "")
