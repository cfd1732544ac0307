"""A reminder of a market whose day becomes a holiday is said on the working day before."""

from datetime import date, datetime, time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import CalendarDay, Office
from banyang.reminders.actions import reschedule_reminder
from banyang.reminders.models import Reminder
from banyang.reminders.sending import lease, send_batch
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from events.markets.reminders import remind_hosts, remind_stalls
from events.markets.tasks import write_reminders
from partners.factories import MemberFactory
from tests.races import at_once

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


def at(moment: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(moment))


@pytest.fixture
def go_to(monkeypatch: pytest.MonkeyPatch):
    def _go_to(moment: str) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at(moment))

    _go_to("2026-11-16 10:00")
    return _go_to


@pytest.fixture
def market_day(go_to, community: Community, secretary: User) -> MarketDay:
    """A Saturday's, of which its host is to be reminded on the Friday."""
    [market_day] = actions.plan_market_days(
        turns=[(SATURDAY, community)],
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=9,
        by=UserFactory(),
    )
    assert the_reminder().due_at == at("2026-11-20 08:30")
    return market_day


def the_reminder() -> Reminder:
    return Reminder.objects.get(kind="market_day_host")


def close_on(day: date) -> None:
    CalendarDay.objects.create(falls_on=day, is_working=False, name="放假")


def test_reminder_of_a_day_that_becomes_a_holiday_is_said_before(market_day, go_to) -> None:
    close_on(FRIDAY)
    go_to("2026-11-17 04:30")
    write_reminders()
    assert the_reminder().due_at == at("2026-11-19 08:30")
    assert send_batch(at("2026-11-19 08:30")) == 1
    assert "11月21日" in the_reminder().text


def test_reminder_whose_moment_has_passed_by_the_new_calendar_is_due_at_once(
    market_day, go_to
) -> None:
    close_on(FRIDAY)
    go_to("2026-11-20 04:30")
    write_reminders()
    assert send_batch(at("2026-11-20 06:59")) == 0
    assert send_batch(at("2026-11-20 07:00")) == 1
    assert the_reminder().state == "sent"


def test_reminder_is_moved_to_later_where_a_day_is_worked_after_all(market_day, go_to) -> None:
    close_on(FRIDAY)
    go_to("2026-11-17 04:30")
    write_reminders()
    assert the_reminder().due_at == at("2026-11-19 08:30")
    CalendarDay.objects.all().delete()
    write_reminders()
    assert the_reminder().due_at == at("2026-11-20 08:30")


def test_reminder_that_staff_gave_a_time_keeps_it(market_day, staff, go_to) -> None:
    reschedule_reminder(reminder=the_reminder(), due_at=at("2026-11-20 14:00"), by=staff)
    close_on(FRIDAY)
    go_to("2026-11-17 04:30")
    write_reminders()
    assert the_reminder().due_at == at("2026-11-20 14:00")


def test_reminder_in_a_workers_hands_is_left_to_it(market_day, go_to) -> None:
    go_to("2026-11-20 08:31")
    assert len(lease(timezone.now())) == 1
    close_on(FRIDAY)
    before = the_reminder()
    write_reminders()
    after = the_reminder()
    assert (after.due_at, after.leased_until) == (before.due_at, before.leased_until)


@pytest.mark.django_db(transaction=True)
def test_reminder_that_is_just_being_corrected_is_left_alone(market_day, go_to) -> None:
    close_on(FRIDAY)
    with transaction.atomic():
        Reminder.objects.select_for_update(no_key=True).get(kind="market_day_host")
        assert at_once([write_reminders]) == [None]
        assert the_reminder().due_at == at("2026-11-20 08:30")
    assert at_once([write_reminders]) == [None]  # the control
    assert the_reminder().due_at == at("2026-11-19 08:30")


def test_moving_many_costs_the_same_queries(go_to, community, secretary) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for stalls in (1, 30):
        market_day = MarketDayFactory(host=community, held_on=SATURDAY, capacity=stalls)
        taken = StallFactory.create_batch(stalls, market_day=market_day)
        for stall in taken:
            MemberFactory(partner=stall.partner)
        remind_hosts([market_day])
        remind_stalls(taken)
        close_on(FRIDAY)
        with CaptureQueriesContext(connection) as queries:
            write_reminders()
        counts.append(len(queries))
        moved = Reminder.objects.filter(due_at=at("2026-11-19 08:30"))
        assert moved.count() == stalls + 1
        for model in (Reminder, Stall, MarketDay, CalendarDay):
            model.objects.all().delete()
    assert counts[0] == counts[1]
