"""Workers take reminders in batches, which they lease."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.reminders.models import Reminder
from banyang.reminders.sending import batches_due, lease, send_batch
from communities.factories import CommunityFactory, SecretaryFactory
from tests.reminders.conftest import Due, states

pytestmark = pytest.mark.django_db


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
def test_roles_are_fetched_for_the_whole_batch(people: int, monday: datetime, due: Due) -> None:
    for secretary in SecretaryFactory.create_batch(people, user__email=""):
        due(secretary.user, "test_meant", subject=secretary.community)
    with CaptureQueriesContext(connection) as queries:
        assert send_batch(monday) == people
    roles = ('JOIN "communities_secretary"', 'JOIN "partners_member"')
    assert len([query for query in queries if any(role in query["sql"] for role in roles)]) == 1
    assert Reminder.objects.filter(state="sent").count() == people


@pytest.mark.parametrize("people", [1, 30])
def test_subjects_are_fetched_for_the_whole_batch(people: int, monday: datetime, due: Due) -> None:
    for person in UserFactory.create_batch(people, email=""):
        due(person, "test_related", subject=CommunityFactory())
    with CaptureQueriesContext(connection) as queries:
        assert send_batch(monday) == people
    about_subjects = [query for query in queries if '"communities_' in query["sql"]]
    assert len(about_subjects) == 3  # communities, their secretaries, and for whom people act
