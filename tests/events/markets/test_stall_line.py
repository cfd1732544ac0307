"""Stalls that come free, and whom in the line they go to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.office.models import Office
from banyang.reminders.models import Reminder
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner
from tests.actors import A_TEST
from tests.events.markets.stalls import take

TAKEN, WAITING, WITHDRAWN = Stall.State.TAKEN, Stall.State.WAITING, Stall.State.WITHDRAWN


def give_two_places(market_day: MarketDay) -> None:
    actions.update_market_day(
        market_day=market_day,
        location="广场",
        starts_at=market_day.starts_at,
        ends_at=market_day.ends_at,
        capacity=2,
        note="",
        by=UserFactory(is_staff=True),
    )


def test_withdrawn_stall_goes_to_the_first_in_line_who_is_told(
    partner: Partner, other_partner: Partner, member: User, other_member: User
) -> None:
    market_day = MarketDayFactory(capacity=1)
    stall, waiting = take(market_day, partner, member), take(market_day, other_partner)
    last = take(market_day, PartnerFactory(signed=True))

    actions.withdraw_stall(stall=stall, by=member)

    for one, state in ((stall, WITHDRAWN), (waiting, TAKEN), (last, WAITING)):
        one.refresh_from_db()
        assert one.state == state
    told = Reminder.objects.filter(recipient=other_member).values_list("kind", flat=True)
    assert sorted(told) == ["stall_free", "stall_tomorrow"]
    assert not Reminder.objects.filter(recipient=member, state="waiting").exists()


def test_more_places_go_to_those_who_wait(partner: Partner, other_partner: Partner) -> None:
    market_day = MarketDayFactory(capacity=1)
    take(market_day, partner)
    waiting = take(market_day, other_partner)

    give_two_places(market_day)

    waiting.refresh_from_db()
    assert waiting.state == TAKEN


def test_stalls_that_come_free_are_given_and_told_in_few_queries(db: None) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for waiting in (1, 11):
        market_day = MarketDayFactory(capacity=waiting)
        for stall in StallFactory.create_batch(waiting, market_day=market_day, state=WAITING):
            MemberFactory(partner=stall.partner)
        with CaptureQueriesContext(connection) as queries:
            actions.give_free_stalls(by=A_TEST)
        counts.append(len(queries))
        assert market_day.stalls.taken().count() == waiting
        for kind in ("stall_free", "stall_tomorrow"):
            assert Reminder.objects.waiting().filter(kind=kind).count() == waiting
        Reminder.objects.all().delete()
    assert counts[1] - counts[0] == 10  # each stall's own move


def test_more_stalls_at_a_market_called_off_go_to_nobody(partner: Partner) -> None:
    market_day = MarketDayFactory(capacity=1, state=MarketDay.State.CANCELLED, cancel_reason="下雨")
    StallFactory(market_day=market_day)
    waiting = StallFactory(market_day=market_day, partner=partner, state=WAITING)

    give_two_places(market_day)

    waiting.refresh_from_db()
    assert waiting.state == WAITING


def test_partner_whose_agreement_ended_is_refused_and_passed_over(
    partner: Partner, other_partner: Partner, member: User
) -> None:
    market_day = MarketDayFactory(capacity=1)
    stall, waiting = take(market_day, partner), take(market_day, other_partner)
    yesterday = timezone.localdate() - timedelta(days=1)
    Partner.objects.update(agreement_ends_on=yesterday)

    with (
        translation.override("zh-hans"),
        pytest.raises(Refused, match=r"已于.*到期，请联系街道办事处续签"),
    ):
        take(MarketDayFactory(), partner)
    assert take(market_day, partner) == stall
    actions.withdraw_stall(stall=stall, by=member)

    waiting.refresh_from_db()
    assert waiting.state == WAITING


def test_free_stall_passes_over_a_suspended_partner_until_it_resumes(
    partner: Partner, other_partner: Partner, member: User
) -> None:
    market_day = MarketDayFactory(capacity=1)
    stall, waiting = take(market_day, partner), take(market_day, other_partner)
    Partner.objects.filter(pk=other_partner.pk).update(status=Partner.Status.SUSPENDED)

    actions.withdraw_stall(stall=stall, by=member)
    waiting.refresh_from_db()
    assert waiting.state == WAITING

    Partner.objects.filter(pk=other_partner.pk).update(status=Partner.Status.SIGNED)
    assert take(market_day, PartnerFactory(signed=True)).state == WAITING
    waiting.refresh_from_db()
    assert waiting.state == TAKEN


def test_partner_that_renews_gets_the_free_stall_though_nobody_else_asks(
    partner: Partner, other_partner: Partner, member: User
) -> None:
    market_day = MarketDayFactory(capacity=1)
    stall, waiting = take(market_day, partner), take(market_day, other_partner)
    today = timezone.localdate()
    Partner.objects.filter(pk=other_partner.pk).update(agreement_ends_on=today - timedelta(days=1))
    actions.withdraw_stall(stall=stall, by=member)
    actions.give_free_stalls(by=A_TEST)
    waiting.refresh_from_db()
    assert waiting.state == WAITING

    Partner.objects.filter(pk=other_partner.pk).update(agreement_ends_on=today)
    actions.give_free_stalls(by=A_TEST)

    waiting.refresh_from_db()
    assert waiting.state == TAKEN


def test_market_that_fails_holds_up_no_other_stalls(
    partner: Partner,
    fails_to_change: Callable[[Model], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, other = (StallFactory(partner=partner, state=WAITING) for _market in range(2))
    fails_to_change(broken)

    actions.give_free_stalls(by=A_TEST)

    assert f"markets.MarketDay {broken.market_day.pk} can't" in caplog.text
    broken.refresh_from_db()
    other.refresh_from_db()
    assert (broken.state, other.state) == (WAITING, TAKEN)
