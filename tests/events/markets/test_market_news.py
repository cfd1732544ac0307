"""What hosts and stall holders are told when their market changes."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.dates import day
from banyang.reminders.models import CALLED_OFF, Reminder
from banyang.reminders.sending import lease
from communities.factories import SecretaryFactory
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import MemberFactory
from partners.models import Partner
from tests.events.markets.stalls import take
from tests.reminders.inbox import news


@pytest.fixture
def market_day(community: Community, secretary: User, staff: User) -> MarketDay:
    held_on = timezone.localdate() + timedelta(days=9)
    [market_day] = actions.plan_market_days(
        turns=[(held_on, community)],
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=1,
        by=staff,
    )
    return market_day


def come_due(*kinds: str) -> None:
    Reminder.objects.waiting().filter(kind__in=kinds).update(due_at=timezone.now())


def change(market_day: MarketDay, by: User | None = None, **changes: Any) -> None:
    market_day.refresh_from_db()
    names = ("location", "starts_at", "ends_at", "capacity", "note")
    fields = {name: getattr(market_day, name) for name in names} | changes
    actions.update_market_day(market_day=market_day, by=by or UserFactory(), **fields)


def postpone(market_day: MarketDay, by: User | None = None, days: int = 1) -> None:
    new_day = market_day.held_on + timedelta(days=days)
    actions.postpone_market_day(
        market_day=market_day, held_on=new_day, reason="有雨", by=by or UserFactory()
    )


LATER = {"starts_at": time(9), "ends_at": time(12), "location": "东升广场"}


def test_new_hours_are_told_to_whoever_was_told_the_old_ones(
    market_day, partner, other_partner, member, other_member, secretary, community
) -> None:
    assistant = SecretaryFactory(community=community).user
    change(market_day, capacity=2)
    take(market_day, partner)
    postpone(market_day)  # which writes the assistant's reminder as well
    come_due("market_day_host", "stall_tomorrow")
    assert any("08:30" in text for text in news(member))
    news(assistant)
    news(secretary)
    take(market_day, other_partner)

    change(market_day, by=secretary, **LATER)

    [told] = news(member)
    assert "09:00至12:00" in told
    assert "东升广场" in told
    [told] = news(assistant)
    assert "09:00至12:00" in told
    assert news(secretary) == news(other_member) == []
    come_due("stall_tomorrow")
    [reminder] = news(other_member)
    assert "09:00" in reminder  # told for the first time, and right


def test_hours_changed_twice_are_told_once(market_day, partner, member, secretary) -> None:
    take(market_day, partner)
    come_due("stall_tomorrow")
    news(member)
    for hour in (9, 10):
        change(market_day, by=secretary, starts_at=time(hour))
    [told] = news(member)
    assert "10:00" in told


def test_new_note_is_told_to_nobody(market_day, partner, member, secretary) -> None:
    take(market_day, partner)
    come_due("stall_tomorrow")
    news(member)
    change(market_day, by=secretary, note="请带雨具", capacity=3)
    assert news(member) == []


@pytest.mark.usefixtures("decent_now")
def test_new_hours_are_told_to_whom_a_worker_is_just_telling_the_old_ones(
    market_day, partner, member, secretary, staff
) -> None:
    take(market_day, partner)
    come_due("stall_tomorrow")
    assert [each.recipient for each in lease(timezone.now())] == [member]
    change(market_day, by=secretary, **LATER)
    assert Reminder.objects.waiting().get(kind="stall_hours").recipient == member


def test_new_hours_of_a_past_market_are_told_to_nobody(
    market_day, partner, member, secretary
) -> None:
    take(market_day, partner)
    come_due("stall_tomorrow")
    news(member)
    MarketDay.objects.update(held_on=timezone.localdate() - timedelta(days=1))
    change(market_day, by=secretary, **LATER)
    assert not Reminder.objects.filter(kind="stall_hours").exists()


def test_whoever_waits_is_not_told_that_a_stall_is_kept(
    market_day, partner, other_partner, member, other_member, staff
) -> None:
    take(market_day, partner)
    take(market_day, other_partner)

    postpone(market_day, by=staff)

    [holder], [waits] = news(member), news(other_member)
    assert "摊位随之保留" in holder
    assert "摊位" not in waits
    assert "候补" in waits


def test_move_is_told_with_the_old_day_and_the_reason(
    market_day, partner, other_partner, member, other_member, secretary, staff
) -> None:
    take(market_day, partner)
    take(market_day, other_partner)
    before = market_day.held_on

    postpone(market_day, by=staff)

    for person in (member, other_member, secretary):
        [told] = news(person)
        assert f"原定{day(before)}，原因：有雨" in told


def test_move_that_is_corrected_is_told_from_the_day_that_people_know(
    market_day, partner, member, staff
) -> None:
    take(market_day, partner)
    known = market_day.held_on
    for _step in (1, 2):
        postpone(market_day, by=staff)
        market_day.refresh_from_db()
    [told] = news(member)
    assert f"改到{day(known + timedelta(days=2))}" in told
    assert f"原定{day(known)}" in told
    heard = market_day.held_on

    postpone(market_day, by=staff)

    [told] = news(member)
    assert f"原定{day(heard)}" in told


def test_move_that_is_undone_before_anybody_heard_is_told_to_nobody(
    market_day, partner, member, staff, secretary, sign_in
) -> None:
    take(market_day, partner)
    known = market_day.held_on
    for _step in (1, 2):
        postpone(market_day, by=staff)
        market_day.refresh_from_db()
    url = reverse("marketday_postpone", args=[market_day.pk])
    moved = sign_in(staff).post(url, {"held_on": known, "reason": "看错了"}, follow=True)
    assert "所以不另行通知" in moved.text
    assert news(member) == news(secretary) == []
    # The next move is one from the day that people know.
    market_day.refresh_from_db()
    postpone(market_day, by=staff)
    assert f"原定{day(known)}" in news(member)[0]


@pytest.mark.parametrize("who", ["partner", "host"])
def test_move_that_is_undone_when_one_has_heard_is_told_to_all(
    who: str, market_day, partner, member, staff, secretary
) -> None:
    take(market_day, partner)
    postpone(market_day, by=staff)
    market_day.refresh_from_db()
    first, second = (member, secretary) if who == "partner" else (secretary, member)
    other = market_day.held_on
    assert news(first)
    postpone(market_day, by=staff, days=-1)
    for person in (first, second):
        assert f"原定{day(other)}" in news(person)[-1]


def test_move_that_is_undone_is_told_to_whoever_took_a_stall_since(
    market_day, partner, member, staff
) -> None:
    postpone(market_day, by=staff)
    market_day.refresh_from_db()
    take(market_day, partner)
    other = market_day.held_on
    postpone(market_day, by=staff, days=-1)
    assert f"原定{day(other)}" in news(member)[-1]


def test_stall_that_came_free_is_told_though_the_market_moves(
    market_day, partner, other_partner, other_member, staff
) -> None:
    stall = take(market_day, partner)
    take(market_day, other_partner)
    actions.withdraw_stall(stall=stall, by=UserFactory())

    postpone(market_day, by=staff)

    assert ["空出" in text for text in news(other_member)] == [True, False]


@pytest.mark.usefixtures("decent_now")
def test_market_called_off_is_all_that_is_said_of_it(
    market_day, partner, other_partner, member, other_member, staff, secretary
) -> None:
    stall = take(market_day, partner)
    take(market_day, other_partner)
    actions.withdraw_stall(stall=stall, by=UserFactory())
    come_due("stall_tomorrow", "market_day_host")
    lease(timezone.now())  # so that new hours are told
    change(market_day, by=staff, **LATER)
    Reminder.objects.update(leased_until=None)

    actions.cancel_market_day(market_day=market_day, reason="有雪", by=staff)

    waiting = Reminder.objects.waiting().values_list("kind", flat=True)
    assert sorted(waiting) == ["market_day_changed", "stall_changed"]
    obsolete = Reminder.objects.filter(state="obsolete", reason=CALLED_OFF)
    assert set(obsolete.values_list("kind", flat=True)) >= {
        "stall_free",
        "stall_hours",
        "market_day_hours",
        "market_day_host",
    }


@pytest.mark.usefixtures("decent_now")
@pytest.mark.parametrize("action", [postpone, change, actions.cancel_market_day])
def test_change_of_a_market_costs_the_same_queries(
    action: Any, community: Community, secretary: User
) -> None:
    counts = []
    for stalls in (1, 30):
        market_day = MarketDayFactory(host=community, capacity=stalls)
        for stall in StallFactory.create_batch(stalls, market_day=market_day):
            MemberFactory(partner=stall.partner)
            actions.reminders.remind_stall(stall)
        actions.reminders.remind_hosts([market_day])
        come_due("stall_tomorrow", "market_day_host")
        lease(timezone.now())
        extra = {change: LATER, actions.cancel_market_day: {"reason": "有雨"}}.get(action, {})
        with CaptureQueriesContext(connection) as queries:
            action(market_day=market_day, by=UserFactory(), **extra)
        counts.append(len(queries))
        kind = "stall_hours" if action is change else "stall_changed"
        assert Reminder.objects.waiting().filter(kind=kind).count() >= stalls
        Reminder.objects.all().delete()
    assert counts[0] == counts[1]


@pytest.mark.parametrize("action", [postpone, change, actions.cancel_market_day])
def test_change_of_a_market_takes_its_turn_before_it_locks_reminders(
    action: Any, market_day: MarketDay
) -> None:
    extra = {change: LATER, actions.cancel_market_day: {"reason": "有雨"}}.get(action, {})
    with CaptureQueriesContext(connection) as queries:
        action(market_day=market_day, by=UserFactory(), **extra)
    asked = [query["sql"] for query in queries]
    [turn, *_more] = [n for n, sql in enumerate(asked) if "advisory" in sql]
    assert not any('UPDATE "reminders_reminder"' in sql for sql in asked[:turn])


@pytest.mark.parametrize("waiting", [True, False])
def test_page_to_give_a_turn_back_speaks_of_no_stall(
    waiting: bool, sign_in, partner: Partner, member: User
) -> None:
    stall = StallFactory(
        partner=partner, state=Stall.State.WAITING if waiting else Stall.State.TAKEN
    )
    client = sign_in(member)
    page = client.get(reverse("stall_withdraw", args=[stall.pk])).content.decode()
    assert ("候补的下一家" in page) is not waiting
    assert ("放弃候补" in page) is waiting
    done = client.post(reverse("stall_withdraw", args=[stall.pk]), follow=True).content.decode()
    assert ("已不在候补名单" in done) is waiting
