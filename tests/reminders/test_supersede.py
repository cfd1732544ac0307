"""Announcing news in place of earlier ones: who is told what, and how early."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.models import User
from banyang.reminders.actions import (
    News,
    notified_of,
    open_inbox,
    remind_all,
    supersede,
)
from banyang.reminders.models import CALLED_OFF, Reminder
from banyang.reminders.sending import lease
from communities.models import Community

pytestmark = pytest.mark.django_db

OLD, NEW, OTHER = "test_plain", "test_named", "test_related"
DAY = timedelta(days=1)


@pytest.fixture
def cast(member: User, other_member: User) -> list[User]:
    """Two people; where one of them reads something, it is the second."""
    return [member, other_member]


def news(kind: str, people: list[User], subject: Community, **changes: object) -> News:
    return News(kind, people, subject, timezone.now(), **changes)


def waiting(kind: str) -> set[User]:
    reminders = Reminder.objects.waiting().filter(kind=kind)
    return {reminder.recipient for reminder in reminders.with_recipient()}


def test_news_take_back_what_waits_and_keep_what_was_read(
    cast: list[User], community: Community
) -> None:
    remind_all([news(OLD, cast, community)])
    open_inbox(by=cast[1])
    assert supersede([news(NEW, cast, community)], replaces={OLD: [community]})
    taken_back, kept = (Reminder.objects.get(kind=OLD, recipient=one) for one in cast)
    assert (taken_back.reason, kept.state) == (CALLED_OFF, Reminder.State.SENT)
    assert waiting(NEW) == set(cast)


@pytest.mark.parametrize("is_read", [False, True])
def test_news_that_undo_others_are_written_if_somebody_knows_those(
    is_read: bool, cast: list[User], community: Community
) -> None:
    remind_all([news(OLD, cast, community)])
    if is_read:
        open_inbox(by=cast[1])
    is_known = supersede([news(NEW, cast, community)], replaces={OLD: [community]}, is_undo=True)
    assert is_known is is_read
    assert waiting(NEW) == (set(cast) if is_read else set())
    assert waiting(OLD) == set()


@pytest.mark.usefixtures("decent_now")
def test_news_that_a_worker_has_in_hand_are_known(cast: list[User], community: Community) -> None:
    remind_all([news(OLD, cast, community)])
    lease(timezone.now())
    assert supersede([news(NEW, cast, community)], replaces={OLD: [community]}, is_undo=True)
    assert waiting(NEW) == set(cast)


def test_news_are_known_from_other_news_and_from_pages_once_they_were_written(
    cast: list[User], community: Community
) -> None:
    remind_all([news(OTHER, cast[1:], community)])
    open_inbox(by=cast[1])

    def is_known(**ways: object) -> bool:
        remind_all([news(OLD, cast, community, occasion=timezone.now().isoformat())])
        return supersede([], replaces={OLD: [community]}, **ways)

    assert not is_known(known_from={OTHER: [community]}, known_at=[timezone.now() - DAY])
    assert is_known(known_at=[timezone.now() + DAY])
    remind_all([news(OLD, cast, community, occasion="once more")])
    remind_all([news(OTHER, cast[:1], community)])
    open_inbox(by=cast[0])  # of both
    remind_all([news(OLD, cast, community, occasion="and again")])
    assert is_known(known_from={OTHER: [community]})


def test_news_go_to_those_alone_who_were_notified_of_what_they_correct(
    cast: list[User], community: Community
) -> None:
    reminded = news(OLD, cast, community, occasion="Saturday")
    remind_all([reminded])
    open_inbox(by=cast[1])
    remind_all([news(OLD, cast, community, occasion="Sunday")])
    supersede([news(NEW, cast, community, corrects=reminded)])
    assert waiting(NEW) == {cast[1]}
    assert list(notified_of(community, OLD, occasion="Saturday")) == [cast[1]]
    assert not notified_of(community, OLD, occasion="Sunday").exists()


def test_news_spare_whoever_has_not_read_what_they_undo(
    cast: list[User], community: Community
) -> None:
    remind_all([news(OLD, cast, community)])
    open_inbox(by=cast[1])
    supersede([news(NEW, cast, community, undoes=OLD)])
    assert waiting(NEW) == {cast[1]}
    assert waiting(OLD) == set()


@pytest.mark.parametrize(("kind", "stays"), [("replaces", False), ("covers", True)])
def test_news_are_needed_as_early_as_what_still_waits(
    kind: str, stays: bool, cast: list[User], community: Community
) -> None:
    soon, later = timezone.now() + DAY, timezone.now() + 9 * DAY
    remind_all([news(OLD, cast, community, needed_by=soon)])
    open_inbox(by=cast[1])
    supersede([news(NEW, cast, community, needed_by=later)], **{kind: {OLD: [community]}})
    needed = dict(Reminder.objects.filter(kind=NEW).values_list("recipient", "needed_by"))
    assert needed == {cast[0].pk: soon, cast[1].pk: later}
    assert bool(waiting(OLD)) is stays


def test_news_are_not_hurried_by_what_is_too_late_anyhow(
    cast: list[User], community: Community
) -> None:
    remind_all([news(OLD, cast, community, needed_by=timezone.now() - 2 * DAY)])
    supersede([news(NEW, cast, community)], replaces={OLD: [community]})
    assert set(Reminder.objects.filter(kind=NEW).values_list("needed_by", flat=True)) == {None}


def test_ledger_is_locked_before_anybody_is_asked_for(
    cast: list[User], community: Community, monday: datetime
) -> None:
    people = notified_of(community, OLD, occasion="")
    with CaptureQueriesContext(connection) as queries:
        supersede([News(NEW, people, community, monday)], replaces={OLD: [community]})
    lock, *others = [
        query["sql"]
        for query in queries
        if "advisory" in query["sql"] or "reminders_reminder" in query["sql"]
    ]
    assert "advisory" in lock
    assert any("accounts_user" in sql for sql in others)


@pytest.mark.parametrize("what", [{"undoes": OLD}, {"corrects": True}])
def test_news_that_set_others_right_are_not_written_without_looking(
    what: dict[str, object], cast: list[User], community: Community
) -> None:
    if "corrects" in what:
        what = {"corrects": news(OLD, cast, community)}
    with pytest.raises(ValueError, match="supersede"):
        remind_all([news(NEW, cast, community, **what)])
