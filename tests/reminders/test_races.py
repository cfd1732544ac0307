"""Two at once: workers beside workers, and whoever changes what is just being told."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.dates import moment
from banyang.reminders import outcomes, sending
from banyang.reminders.actions import open_inbox, remind
from banyang.reminders.channels import CHANNELS, Letter, Null
from banyang.reminders.kinds import Notice
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import send_batch
from communities.factories import CommunityFactory
from partners.factories import MemberFactory
from projects.lists import actions as lists
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from tests.races import SECONDS, at_once, once_all_wait
from tests.reminders.conftest import Due

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


# --- A list moved or taken back while its announcement is being sent ------------------------


class Slow(Null):
    """Holds a worker up in the middle of its batch, until it is let go."""

    begun: Event
    go_on: Event

    def send(self, letter: Letter) -> None:
        self.begun.set()
        assert self.go_on.wait(SECONDS)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, settings) -> type[Slow]:
    Slow.begun, Slow.go_on = Event(), Event()
    monkeypatch.setitem(CHANNELS, "slow", Slow)
    settings.REMINDER_CHANNELS = ["slow"]
    return Slow


@pytest.fixture
def people(decent_now: datetime) -> list[User]:
    return [MemberFactory().user for _ in range(3)]


@pytest.fixture
def soon(people: list[User]) -> ProjectList:
    """A list just published that opens in three days; nobody has heard of it yet."""
    project_list = ProjectListFactory(draft=True)
    ProjectFactory(list=project_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + 3 * DAY
    lists.publish_list(project_list=project_list, opens_at=opens_at, by=UserFactory())
    project_list.refresh_from_db()
    return project_list


def postpone(project_list: ProjectList) -> None:
    opens_at = timezone.now() + 9 * DAY
    lists.reschedule_list(project_list=project_list, opens_at=opens_at, by=UserFactory())


def recall(project_list: ProjectList) -> None:
    lists.recall_list(project_list=project_list, by=UserFactory())


def know_the_first_opening(project_list: ProjectList) -> set[int]:
    """Who has read the moment at which the list was to open at first."""
    told = Reminder.objects.filter(
        kind="projectlist_opens", state="sent", text__contains=moment(project_list.opens_at)
    )
    return set(told.values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("change", "kind"), [(postpone, "projectlist_moved"), (recall, "projectlist_recalled")]
)
def test_list_changed_in_the_middle_of_a_batch_is_corrected_for_all_of_it(
    change: Callable[[ProjectList], None],
    kind: str,
    soon: ProjectList,
    people: list[User],
    slow: type[Slow],
) -> None:
    worker = Thread(target=at_once, args=[[send_batch]])
    worker.start()
    assert slow.begun.wait(SECONDS)
    # The control: nobody has been told yet, by what is written down as sent.
    assert not Reminder.objects.filter(state="sent").exists()
    change(soon)
    slow.go_on.set()
    worker.join()

    everybody = {person.pk for person in people}
    assert know_the_first_opening(soon) == everybody
    corrected = Reminder.objects.waiting().filter(kind=kind)
    assert set(corrected.values_list("recipient", flat=True)) == everybody


def tell_by_worker(person: User) -> None:
    send_batch()


def tell_in_inbox(person: User) -> None:
    open_inbox(by=person)


@pytest.mark.parametrize("tell", [tell_by_worker, tell_in_inbox])
def test_list_is_told_as_it_is_once_a_change_that_began_before_is_through(
    tell: Callable[[User], None], soon: ProjectList, people: list[User], slow: type[Slow]
) -> None:
    slow.go_on.set()
    once_all_wait([lambda: tell(people[0])], behind=lambda: postpone(soon))
    assert know_the_first_opening(soon) == set()
    told = Reminder.objects.filter(kind="projectlist_opens", state="sent")
    assert told.filter(recipient=people[0]).exists()
    assert not Reminder.objects.filter(kind="projectlist_moved").exists()


@pytest.mark.parametrize("tell", [tell_by_worker, tell_in_inbox])
def test_list_changed_without_taking_turns_leaves_somebody_with_the_old_moment(
    tell: Callable[[User], None], soon: ProjectList, people: list[User], slow: type[Slow]
) -> None:
    """The control: who knows is asked, then somebody is told, then the change is through."""
    slow.go_on.set()
    with transaction.atomic():
        ProjectList.objects.update(opens_at=timezone.now() + 9 * DAY)
        assert not Reminder.objects.exclude(state="waiting").exists()
        at_once([lambda: tell(people[0])])
    assert people[0].pk in know_the_first_opening(soon)


# --- An action that takes a person's reminders in another order than the stamp --------------


def test_stamp_that_was_ended_by_a_deadlock_is_written_again(
    member: User, decent_now: datetime, due: Due, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (due(member, each, due_at=decent_now) for each in ("test_plain", "test_named"))
    said = [(first, Notice("一", "/")), (second, Notice("二", "/"))]

    def take_the_other() -> None:
        # The server ends whoever has waited for a second: that is to be the stamp.
        time.sleep(0.5)
        Reminder.objects.filter(pk=first.pk).update(error="held")

    stamped = once_all_wait(
        [lambda: outcomes.record_notified(member, said, decent_now, pushed=True)],
        behind=lambda: Reminder.objects.filter(pk=second.pk).update(error="held"),
        then=take_the_other,
    )

    assert stamped == [None]
    assert "once more" in caplog.text
    assert list(Reminder.objects.values_list("state", "error")) == [("sent", "")] * 2
    assert [notice["text"] for notice in Message.objects.get().notices] == ["一", "二"]


def test_stamp_whose_connection_was_ended_is_written_on_another(
    member: User, decent_now: datetime, due: Due
) -> None:
    reminder = due(member, due_at=decent_now)

    def stamp_after_the_end_of_the_connection() -> None:
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        outcomes.record_notified(member, [(reminder, Notice("一", "/"))], decent_now, pushed=True)

    assert at_once([stamp_after_the_end_of_the_connection]) == [None]
    assert Reminder.objects.get(pk=reminder.pk).state == "sent"


# --- One message per person and day --------------------------------------------------------


def pushed() -> list[list[str]]:
    return sorted(sent.to for sent in mail.outbox)


def test_workers_at_once_write_to_everybody_once(
    decent_now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 5)
    people = [MemberFactory().user for _ in range(20)]
    for number in range(3):
        community = CommunityFactory(short_name=f"第{number}社区")
        remind(kind="test_plain", recipients=people, subject=community, due_at=decent_now)

    for _ in range(2):
        assert at_once([lambda: send_batch(decent_now)] * 2) == [5, 5]

    assert pushed() == sorted([person.email] for person in people)
    assert all(len(message.notices) == 3 for message in Message.objects.all())


def test_worker_waits_for_another_that_takes_the_same_person(
    member: User, decent_now: datetime, due: Due
) -> None:
    due(member, due_at=decent_now)

    [told] = once_all_wait(
        [lambda: send_batch(decent_now)],
        behind=lambda: sending.lease(decent_now),
        then=lambda: due(member, "test_named", due_at=decent_now),
    )

    assert told == 0  # what is new goes with what the first one has in hand, or tomorrow
    assert pushed() == []


def test_worker_that_does_not_wait_writes_a_second_message(
    member: User, decent_now: datetime, due: Due
) -> None:
    """The control: what another has taken is not seen before its commit."""
    first = due(member, due_at=decent_now)
    with transaction.atomic():
        mine = Reminder.objects.to_try(decent_now).select_for_update(skip_locked=True, of=("self",))
        assert list(mine) == [first]
        mine.update(leased_until=decent_now + timedelta(minutes=5))

        def write_and_send() -> int:
            due(member, "test_named", due_at=decent_now)
            return send_batch(decent_now)

        assert at_once([write_and_send]) == [1]
    assert pushed() == [[member.email]]
    first.refresh_from_db()
    assert first.state == "waiting"  # and its worker is about to write the second one
