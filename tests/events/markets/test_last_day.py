"""What people have to know before a market reaches them before it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import batches_due, delayed, goes_out_at, send_batch
from communities.models import Community
from events.markets import actions
from events.markets.models import MarketDay, Stall
from partners.models import Partner

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
WEEK = timedelta(days=7)

Send = Callable[[str], list[str]]


@pytest.fixture
def go_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], datetime]:
    """Let it be a moment of the tests' own."""

    def _go_to(moment: str) -> datetime:
        at = timezone.make_aware(datetime.fromisoformat(moment))
        monkeypatch.setattr(timezone, "now", lambda: at)
        return at

    _go_to("2026-11-16 10:00")
    return _go_to


@pytest.fixture
def send(go_to: Callable[[str], datetime], member: User) -> Send:
    """Let workers send at a moment what is due; what the partner's member is mailed."""

    def _send(moment: str) -> list[str]:
        now = go_to(moment)
        before = len(mail.outbox)
        while batches_due(now):
            send_batch(now)
        return [str(sent.body) for sent in mail.outbox[before:] if sent.to == [member.email]]

    return _send


def plan(community: Community, held_on: date) -> MarketDay:
    [market_day] = actions.plan_market_days(
        turns=[(held_on, community)],
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=9,
        by=UserFactory(),
    )
    return market_day


@pytest.fixture
def market_day(go_to: object, community: Community) -> MarketDay:
    """A Saturday's, from half past eight."""
    return plan(community, SATURDAY)


@pytest.fixture
def stall(market_day: MarketDay, partner: Partner, member: User) -> Stall:
    return actions.take_stall(
        market_day=market_day, partner=partner, offer="理发", by=UserFactory()
    )


def call_off(stall: Stall) -> None:
    actions.cancel_market_day(market_day=stall.market_day, reason="有雨", by=UserFactory())


def put_off(stall: Stall, weeks: int = 1) -> None:
    actions.postpone_market_day(
        market_day=stall.market_day,
        held_on=SATURDAY + weeks * WEEK,
        reason="有雨",
        by=UserFactory(),
    )


def change_hours(stall: Stall) -> None:
    actions.update_market_day(
        market_day=stall.market_day,
        location="",
        starts_at=time(14),
        ends_at=time(17),
        capacity=9,
        note="",
        by=UserFactory(),
    )


def release(stall: Stall) -> None:
    actions.release_stall(stall=stall, reason="场地维修", by=UserFactory())


@pytest.mark.parametrize(
    ("change", "word"),
    [(call_off, "有雨"), (put_off, "11月28日"), (change_hours, "14:00"), (release, "场地维修")],
)
def test_news_of_the_eve_arrives_on_the_eve(change: Any, word: str, stall, send, go_to) -> None:
    [announced] = send("2026-11-20 08:30")
    assert "11月21日" in announced
    go_to("2026-11-20 11:00")
    change(stall)
    [told] = send("2026-11-20 11:01")
    assert word in told
    assert told.count("\n· ") == 1  # nothing that was said in the morning
    assert send("2026-11-23 08:30") == []


def test_stall_that_comes_free_on_the_eve_is_told_on_the_eve(
    market_day, partner, other_partner, member, send, go_to
) -> None:
    actions.update_market_day(
        market_day=market_day,
        location="",
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=1,
        note="",
        by=UserFactory(),
    )
    taken = actions.take_stall(
        market_day=market_day, partner=other_partner, offer="修鞋", by=UserFactory()
    )
    actions.take_stall(market_day=market_day, partner=partner, offer="理发", by=UserFactory())
    Message.objects.create(
        recipient=member, notified_on=FRIDAY, pushed_at=go_to("2026-11-20 08:30")
    )
    go_to("2026-11-20 16:00")
    actions.withdraw_stall(stall=taken, by=UserFactory())
    [told] = send("2026-11-20 16:01")
    assert "空出" in told


def test_news_long_before_the_market_waits_for_the_next_message(stall, send, go_to) -> None:
    other = plan(stall.market_day.host, SATURDAY + WEEK)
    actions.take_stall(market_day=other, partner=stall.partner, offer="理发", by=UserFactory())
    assert len(send("2026-11-20 08:30")) == 1
    go_to("2026-11-20 11:00")
    actions.cancel_market_day(market_day=other, reason="有雪", by=UserFactory())
    for moment in ("2026-11-20 11:01", "2026-11-21 09:00"):
        assert send(moment) == []
    [told] = send("2026-11-23 08:30")
    assert "有雪" in told


@pytest.mark.parametrize(
    ("called_off", "too_soon", "told"),
    [
        ("2026-11-20 19:00", "", "2026-11-20 19:01"),
        ("2026-11-20 22:30", "2026-11-20 22:31", "2026-11-21 07:00"),
        ("2026-11-21 06:30", "2026-11-21 06:59", "2026-11-21 07:00"),
        ("2026-11-21 07:30", "", "2026-11-21 07:31"),
    ],
)
def test_market_called_off_after_hours_is_told_while_people_are_up(
    called_off: str, too_soon: str, told: str, stall, send, go_to
) -> None:
    send("2026-11-20 08:30")
    go_to(called_off)
    call_off(stall)
    if too_soon:
        assert send(too_soon) == []
        [reminder] = Reminder.objects.waiting().filter(kind="stall_changed")
        expected = timezone.make_aware(datetime.fromisoformat(told))
        assert goes_out_at(reminder) == delayed([reminder])[reminder.pk] == expected
    assert len(send(told)) == 1


def test_news_of_a_market_that_is_over_disturbs_nobody_on_a_sunday(stall, send, go_to) -> None:
    go_to("2026-11-21 11:00")
    call_off(stall)
    assert send("2026-11-22 09:00") == []
    assert len(send("2026-11-23 08:30")) == 1


def test_ledger_says_that_both_messages_of_a_day_were_mailed(
    stall, send, go_to, staff, sign_in
) -> None:
    send("2026-11-20 08:30")
    go_to("2026-11-20 11:00")
    call_off(stall)
    send("2026-11-20 11:01")
    client = sign_in(staff)
    for kind in ("stall_tomorrow", "stall_changed"):
        reminder = Reminder.objects.get(kind=kind)
        assert (
            "邮件和收件箱"
            in client.get(reverse("reminder_detail", args=[reminder.pk])).content.decode()
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [(lambda stall: put_off(stall, 2), "改到2026年12月5日"), (call_off, "取消")],
)
def test_market_moved_and_changed_again_overnight_is_told_before_the_day_that_people_know(
    change: Any, said: str, stall, send, go_to
) -> None:
    send("2026-11-20 08:30")
    go_to("2026-11-20 21:30")
    put_off(stall)
    go_to("2026-11-20 21:40")

    change(stall)

    [told] = send("2026-11-21 07:00")
    assert said in told
    assert "原定2026年11月21日" in told
    assert send("2026-11-23 08:30") == []


def test_market_moved_again_is_told_in_time_though_somebody_knows_its_second_day_alone(
    stall, other_partner, other_member, send, go_to
) -> None:
    send("2026-11-20 08:30")
    go_to("2026-11-20 21:30")
    put_off(stall)
    go_to("2026-11-20 21:35")
    actions.take_stall(
        market_day=stall.market_day, partner=other_partner, offer="修鞋", by=UserFactory()
    )
    go_to("2026-11-20 21:40")
    put_off(stall, 2)
    [told] = send("2026-11-21 07:00")
    assert "改到2026年12月5日" in told


def test_market_called_off_once_everybody_has_heard_of_its_move_can_wait_like_other_news(
    stall, send, go_to
) -> None:
    send("2026-11-20 08:30")
    go_to("2026-11-20 11:00")
    put_off(stall)
    [told] = send("2026-11-20 11:01")
    go_to("2026-11-20 16:00")
    call_off(stall)
    assert send("2026-11-21 07:00") == []
    [told] = send("2026-11-23 08:30")
    assert "11月28日" in told
