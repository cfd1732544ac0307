"""A market is over from its closing hour on, by the office's clock."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.models import Partner

SATURDAY = date(2026, 11, 21)
HOURS = {"starts_at": time(8, 30), "ends_at": time(11, 30)}
OPEN, OVER = "11:29", "11:30"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let it be some hour of the market's own day."""

    def _clock(hour: str) -> None:
        at = timezone.make_aware(datetime.combine(SATURDAY, time.fromisoformat(hour)))
        monkeypatch.setattr(timezone, "now", lambda: at)

    _clock(OPEN)
    return _clock


@pytest.fixture
def market_day(clock: object, community: Community) -> MarketDay:
    return MarketDayFactory(host=community, held_on=SATURDAY, **HOURS)


@pytest.fixture
def stall(market_day: MarketDay, partner: Partner, member: User) -> Stall:
    return StallFactory(market_day=market_day, partner=partner)


def test_market_is_upcoming_until_its_closing_hour(market_day: MarketDay, clock) -> None:
    assert MarketDay.objects.upcoming().get() == market_day
    assert market_day.takes_stalls
    assert not MarketDay.objects.past().exists()
    clock(OVER)
    assert MarketDay.objects.past().get() == market_day
    assert not market_day.takes_stalls
    assert not MarketDay.objects.upcoming().exists()


def test_front_page_announces_the_next_market_once_one_is_over(
    client: Client, market_day: MarketDay, clock
) -> None:
    following = MarketDayFactory(host=market_day.host, held_on=date(2026, 11, 28), **HOURS)
    assert client.get(reverse("front")).context["market_day"] == market_day
    clock(OVER)
    assert client.get(reverse("front")).context["market_day"] == following


def test_worklists_drop_a_market_that_is_over(
    sign_in, secretary: User, member: User, stall: Stall, clock
) -> None:
    for person in (secretary, member):
        clock(OPEN)
        assert len(sign_in(person).get(reverse("home")).context["worklist"].today) == 1
        clock(OVER)
        assert len(sign_in(person).get(reverse("home")).context["worklist"].today) == 0


def test_market_that_is_over_says_so_and_offers_nothing(
    sign_in, staff: User, stall: Stall, clock
) -> None:
    clock(OVER)
    client, market_day = sign_in(staff), stall.market_day
    page = client.get(market_day.get_absolute_url()).content.decode()
    assert "本次大集已结束" in page
    for name in ("marketday_edit", "marketday_postpone", "marketday_cancel"):
        assert reverse(name, args=[market_day.pk]) not in page
    assert reverse("stall_release", args=[stall.pk]) not in page
    [row] = client.get(reverse("marketday_list"), {"past": "on"}).context["rows"]
    assert row[0] == market_day


def test_actions_refuse_at_a_market_that_is_over(
    stall: Stall, other_partner: Partner, secretary: User, clock
) -> None:
    market_day = stall.market_day
    clock(OVER)
    for act in (
        lambda: actions.take_stall(
            market_day=market_day, partner=other_partner, offer="修鞋", by=UserFactory()
        ),
        lambda: actions.update_stall(stall=stall, offer="修鞋", by=UserFactory()),
        lambda: actions.withdraw_stall(stall=stall, by=UserFactory()),
        lambda: actions.release_stall(stall=stall, reason="没来", by=secretary),
        lambda: actions.cancel_market_day(market_day=market_day, reason="有雨", by=secretary),
        lambda: actions.postpone_market_day(
            market_day=market_day, held_on=date(2026, 11, 28), reason="有雨", by=secretary
        ),
    ):
        with pytest.raises(Refused, match="已结束或已取消"):
            act()


def test_market_is_not_moved_to_today_once_its_hours_are_over(
    community: Community, secretary: User, clock
) -> None:
    market_day = MarketDayFactory(host=community, held_on=date(2026, 11, 28), **HOURS)
    clock(OVER)
    with pytest.raises(Refused, match="11:30"):
        actions.postpone_market_day(
            market_day=market_day, held_on=SATURDAY, reason="有雨", by=secretary
        )
    clock(OPEN)
    actions.postpone_market_day(
        market_day=market_day, held_on=SATURDAY, reason="有雨", by=secretary
    )


def test_market_is_not_planned_for_today_once_its_hours_are_over(
    sign_in, community: Community, staff: User, clock
) -> None:
    plan = {"turns": [(SATURDAY, community)], "capacity": 9, **HOURS}
    period = {"first": SATURDAY, "last": SATURDAY, "capacity": 9, **HOURS}
    client, url = sign_in(staff), reverse("marketday_plan")
    assert client.get(url).context["period"].initial["first"] == SATURDAY
    assert client.get(url, period).context["period"].is_valid()
    clock(OVER)
    with pytest.raises(Refused, match="11:30"):
        actions.plan_market_days(**plan, by=staff)
    assert "11:30" in str(client.get(url, period).context["period"].errors["first"])
    assert client.get(url).context["period"].initial["first"] == date(2026, 11, 22)
    clock(OPEN)
    assert actions.plan_market_days(**plan, by=staff)


def test_plan_may_begin_on_a_weekday_whose_hours_are_over(
    sign_in, community: Community, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wednesday = timezone.make_aware(datetime(2026, 11, 18, 15))  # noqa: DTZ001
    monkeypatch.setattr(timezone, "now", lambda: wednesday)
    period = {"first": wednesday.date(), "last": SATURDAY, "capacity": 9, **HOURS}
    page = sign_in(staff).get(reverse("marketday_plan"), period)
    assert page.context["period"].is_valid()


@pytest.mark.parametrize("name", ["stall_edit", "stall_withdraw"])
def test_partner_that_comes_to_its_stall_too_late_reads_why(
    name: str, sign_in, member: User, stall: Stall, clock
) -> None:
    clock(OVER)
    told = sign_in(member).get(reverse(name, args=[stall.pk]), follow=True)
    assert told.redirect_chain == [(stall.market_day.get_absolute_url(), 302)]
    assert "已结束" in told.content.decode()


def test_partner_is_offered_no_stall_at_a_market_that_is_over(
    sign_in, member: User, partner: Partner, market_day: MarketDay, clock
) -> None:
    client, url = sign_in(member), reverse("stall_take", args=[market_day.pk])
    assert client.get(url).status_code == 200
    clock(OVER)
    assert client.get(url).url == market_day.get_absolute_url()
    client.post(url, {"offer": "理发", "tables": 1})
    assert not Stall.objects.exists()
