"""Whoever comes to act for a host or a stall holder is reminded; whoever leaves is not."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.models import NOT_THEIRS, Reminder
from communities.factories import SecretaryFactory
from communities.models import Community
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from events.markets.reminders import remind_hosts, remind_stall
from events.markets.tasks import write_reminders
from partners.factories import MemberFactory
from partners.models import Partner
from tests.races import at_once
from tests.reminders.inbox import news


@pytest.fixture
def market_day(community: Community, secretary: User) -> MarketDay:
    held_on = timezone.localdate() + timedelta(days=9)
    market_day = MarketDayFactory(host=community, held_on=held_on)
    remind_hosts([market_day])
    return market_day


@pytest.fixture
def stall(market_day: MarketDay, partner: Partner, member: User) -> Stall:
    stall = StallFactory(market_day=market_day, partner=partner)
    remind_stall(stall)
    return stall


def kinds(person: User) -> list[str]:
    return list(Reminder.objects.waiting().filter(recipient=person).values_list("kind", flat=True))


def test_newcomers_are_reminded_of_the_markets_ahead(
    stall, community, partner, secretary, member
) -> None:
    new_secretary = SecretaryFactory(community=community).user
    new_member = MemberFactory(partner=partner).user
    for _ in range(2):
        write_reminders()
    assert (kinds(new_secretary), kinds(new_member)) == (["market_day_host"], ["stall_tomorrow"])
    assert (kinds(secretary), kinds(member)) == (["market_day_host"], ["stall_tomorrow"])
    [due_at] = {one.due_at for one in Reminder.objects.filter(kind="stall_tomorrow")}
    assert timezone.localtime(due_at).time() == time(8, 30)


def test_markets_that_are_far_ahead_past_or_called_off_and_turns_in_line_are_left_alone(
    community, secretary, partner, member
) -> None:
    today = timezone.localdate()
    for days, changes in (
        (40, {}),
        (-1, {}),
        (10, {"state": MarketDay.State.CANCELLED, "cancel_reason": "有雨"}),
    ):
        market_day = MarketDayFactory(
            host=community, held_on=today + timedelta(days=days), **changes
        )
        StallFactory(market_day=market_day, partner=partner)
    StallFactory(
        market_day__held_on=today + timedelta(days=11), partner=partner, state=Stall.State.WAITING
    )
    write_reminders()
    assert kinds(secretary) == kinds(member) == []


@pytest.mark.parametrize("state", ["sent", "stopped", "failed"])
def test_market_that_was_told_of_or_stopped_stays_so(state: str, stall, secretary, member) -> None:
    Reminder.objects.update(state=state, sent_at=timezone.now())
    write_reminders()
    assert kinds(secretary) == kinds(member) == []


def test_whoever_has_left_is_told_nothing_more(stall, secretary, member, community) -> None:
    other = SecretaryFactory(community=community).user
    write_reminders()
    member.memberships.all().delete()
    secretary.secretaryships.all().delete()
    Reminder.objects.update(due_at=timezone.now())
    fresh = User.objects.in_bulk([member.pk, secretary.pk])
    assert news(fresh[member.pk]) == news(fresh[secretary.pk]) == []
    assert len(news(other)) == 1
    reasons = Reminder.objects.filter(recipient__in=fresh).values_list("reason", flat=True)
    assert set(reasons) == {NOT_THEIRS}


def test_writing_ahead_costs_the_same_queries(community, secretary) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for count in (1, 25):
        for number in range(count):
            held_on = timezone.localdate() + timedelta(days=number + 1)
            market_day = MarketDayFactory(host=community, held_on=held_on)
            for stall in StallFactory.create_batch(2, market_day=market_day):
                MemberFactory(partner=stall.partner)
        with CaptureQueriesContext(connection) as queries:
            write_reminders()
        counts.append(len(queries))
        assert Reminder.objects.waiting().count() == 3 * count
        Reminder.objects.all().delete()
        Stall.objects.all().delete()
        MarketDay.objects.all().delete()
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_market_that_is_just_being_moved_is_left_alone(
    community: Community, secretary: User
) -> None:
    held_on = timezone.localdate() + timedelta(days=9)
    market_day = MarketDayFactory(host=community, held_on=held_on)
    with transaction.atomic():
        MarketDay.objects.select_for_update(no_key=True).get(pk=market_day.pk)
        assert at_once([write_reminders]) == [None]
        assert not Reminder.objects.exists()
    assert at_once([write_reminders]) == [None]  # the control
    assert kinds(secretary) == ["market_day_host"]


def test_market_of_today_is_told_to_whoever_joined_since_the_reminder(
    community, secretary, monkeypatch
) -> None:
    """A Saturday's market was announced on the Friday morning: they find it in the inbox."""
    MarketDayFactory(host=community, held_on=datetime(2026, 11, 21).date())  # noqa: DTZ001
    saturday = timezone.make_aware(datetime(2026, 11, 21, 4, 30))  # noqa: DTZ001
    monkeypatch.setattr(timezone, "now", lambda: saturday)
    write_reminders()
    [told] = news(secretary)
    assert "11月21日" in told
