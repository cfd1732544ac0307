"""Staff give a market to another host: who may, and who is told."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.dates import day
from banyang.foundation.errors import Refused
from banyang.office.models import Office
from banyang.reminders.models import NOT_THEIRS, Reminder
from banyang.reminders.sending import goes_out_at, lease
from communities.factories import CommunityFactory, SecretaryFactory
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory
from events.markets.models import MarketDay
from tests.events.markets.stalls import take
from tests.reminders.inbox import news


@pytest.fixture
def market_day(
    community: Community, secretary: User, other_secretary: User, staff: User
) -> MarketDay:
    """One that `community` hosts, for which `secretary` is to be reminded."""
    [market_day] = actions.plan_market_days(
        turns=[(timezone.localdate() + timedelta(days=9), community)],
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=2,
        by=staff,
    )
    return market_day


def give(
    market_day: MarketDay, host: Community, by: User | None = None, location: str = ""
) -> None:
    market_day.refresh_from_db()
    actions.update_market_day(
        market_day=market_day,
        location=location,
        starts_at=market_day.starts_at,
        ends_at=market_day.ends_at,
        capacity=market_day.capacity,
        note="",
        by=by or UserFactory(),
        host=host,
    )
    market_day.refresh_from_db()


def postpone(market_day: MarketDay, days: int = 1) -> None:
    held_on = market_day.held_on + timedelta(days=days)
    actions.postpone_market_day(
        market_day=market_day, held_on=held_on, reason="有雨", by=UserFactory()
    )
    market_day.refresh_from_db()


def reminded() -> list[User]:
    reminders = Reminder.objects.waiting().filter(kind="market_day_host")
    return [reminder.recipient for reminder in reminders.with_recipient()]


def test_staff_give_a_market_to_another_host(
    market_day, partner, staff, secretary, other_secretary, other_community, sign_in
) -> None:
    stall = take(market_day, partner)
    client, url = sign_in(staff), reverse("marketday_edit", args=[market_day.pk])
    opened = client.get(url).context["form"]
    shown = {name: opened[name].value() for name in opened.fields}

    answer = client.post(url, shown | {"host": other_community.pk})

    assert answer.status_code == 302
    market_day.refresh_from_db()
    assert market_day.host == other_community
    assert market_day.events.latest("pgh_id").host == other_community
    stall.refresh_from_db()
    assert stall.state == "taken"
    assert reminded() == [other_secretary]
    assert news(secretary) == [
        f"{day(market_day.held_on)}的大集改由杏花社区举办，您社区本次不再轮值。"
    ]
    [told] = news(other_secretary)
    assert told == f"{day(market_day.held_on)}的大集改由您社区举办：已报摊位1个，共2个。"


def test_host_itself_gives_its_market_to_nobody(
    market_day, secretary, community, other_community, sign_in
) -> None:
    client, url = sign_in(secretary), reverse("marketday_edit", args=[market_day.pk])
    opened = client.get(url).context["form"]
    assert "host" not in opened.fields
    shown = {name: opened[name].value() for name in opened.fields}

    assert client.post(url, shown | {"host": other_community.pk}).status_code == 302

    market_day.refresh_from_db()
    assert market_day.host == community


def test_former_host_may_change_its_market_no_more(
    market_day, secretary, other_secretary, other_community, sign_in
) -> None:
    give(market_day, other_community)
    for name in ("marketday_edit", "marketday_postpone", "marketday_cancel"):
        url = reverse(name, args=[market_day.pk])
        assert sign_in(secretary).get(url).status_code == 403
        assert sign_in(other_secretary).get(url).status_code == 200


@pytest.mark.parametrize(
    "closed",
    [
        {"held_on": date(2026, 1, 3)},
        {"state": "cancelled", "cancel_reason": "有雨"},
    ],
)
def test_market_that_is_over_or_called_off_keeps_its_host(
    closed: dict[str, object], staff, community, other_community, sign_in
) -> None:
    market_day = MarketDayFactory(host=community, **closed)
    page = sign_in(staff).get(reverse("marketday_edit", args=[market_day.pk]))
    assert "host" not in page.context["form"].fields
    with pytest.raises(Refused, match="已结束或已取消"):
        give(market_day, other_community)


def test_staff_who_change_something_else_tell_no_host(
    market_day, secretary, community, other_community
) -> None:
    give(market_day, community, location="东升广场")
    assert news(secretary) == []
    assert reminded() == [secretary]


def test_market_given_back_before_anybody_heard_is_told_to_nobody(
    market_day, secretary, other_secretary, community, other_community
) -> None:
    give(market_day, other_community)
    give(market_day, community)
    assert news(secretary) == news(other_secretary) == []
    assert reminded() == [secretary]


def test_market_given_back_is_told_to_whoever_has_heard(
    market_day, secretary, other_secretary, community, other_community
) -> None:
    give(market_day, other_community)
    assert "杏花社区" in news(secretary)[0]

    give(market_day, community)

    assert "改由您社区举办" in news(secretary)[0]
    assert news(other_secretary) == []
    give(market_day, other_community)
    assert len(news(secretary)) == len(news(other_secretary)) == 1


def test_market_given_on_at_once_is_told_to_the_first_host_and_the_last(
    market_day, secretary, other_secretary, other_community
) -> None:
    third = SecretaryFactory(community__short_name="松龄社区").user
    give(market_day, other_community)
    give(market_day, Community.objects.get(short_name="松龄社区"))
    [told] = news(secretary)
    assert "松龄社区" in told
    assert news(other_secretary) == []
    assert len(news(third)) == 1


@pytest.mark.usefixtures("decent_now")
def test_market_given_back_is_told_to_whom_a_worker_is_just_telling_that_it_was_given(
    market_day, secretary, other_secretary, community, other_community
) -> None:
    give(market_day, other_community)
    assert {each.recipient for each in lease(timezone.now())} == {secretary, other_secretary}
    give(market_day, community)
    waiting = Reminder.objects.waiting().exclude(kind="market_day_host")
    assert {(each.recipient, each.kind) for each in waiting.with_recipient()} == {
        (secretary, "market_day_given"),
        (other_secretary, "market_day_passed_on"),
    }


def test_stall_holders_hear_only_where_the_market_is_now(
    market_day, partner, member, staff, community, other_community
) -> None:
    take(market_day, partner)
    Reminder.objects.filter(kind="stall_tomorrow").update(due_at=timezone.now())
    assert len(news(member)) == 1
    give(market_day, other_community)
    [told] = news(member)
    assert "地点为杏花社区" in told
    give(market_day, other_community, location="东升广场")
    assert len(news(member)) == 1
    give(market_day, community, location="东升广场")
    assert news(member) == []


def test_former_host_that_has_not_heard_of_the_move_hears_of_both_in_time(
    market_day, secretary, other_community
) -> None:
    known = market_day.held_on
    postpone(market_day, days=7)
    give(market_day, other_community)
    told = Reminder.objects.get(kind="market_day_passed_on")
    assert timezone.localdate(told.needed_by) == known
    assert [f"原定{day(known)}" in text for text in news(secretary)] == [True]
    assert Reminder.objects.get(kind="market_day_changed").reason == NOT_THEIRS


def test_former_host_that_has_not_heard_is_told_that_the_market_is_called_off(
    market_day, secretary, other_secretary, other_community
) -> None:
    give(market_day, other_community)
    actions.cancel_market_day(market_day=market_day, reason="有雪", by=UserFactory())
    for person in (secretary, other_secretary):
        [told] = news(person)
        assert "有雪" in told


def test_move_that_is_undone_is_told_to_a_host_that_knows_the_other_day_alone(
    market_day, partner, member, other_secretary, other_community
) -> None:
    take(market_day, partner)
    postpone(market_day)
    other = market_day.held_on
    give(market_day, other_community)
    assert len(news(other_secretary)) == 1
    postpone(market_day, days=-1)
    for person in (member, other_secretary):
        assert f"原定{day(other)}" in news(person)[-1]


def test_market_given_on_its_eve_is_told_before_it(
    monkeypatch: pytest.MonkeyPatch, market_day, other_community
) -> None:
    night = timezone.make_aware(datetime(2026, 11, 20, 22))  # noqa: DTZ001
    MarketDay.objects.update(held_on=date(2026, 11, 21))
    monkeypatch.setattr(timezone, "now", lambda: night)
    give(market_day, other_community)
    told = Reminder.objects.waiting().filter(kind__in=["market_day_given", "market_day_passed_on"])
    assert {timezone.localtime(goes_out_at(each)).isoformat() for each in told} == {
        "2026-11-21T07:00:00+08:00"
    }


def test_giving_a_market_costs_the_same_queries(community: Community) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for count in (1, 11):
        market_day = MarketDayFactory(host=community)
        host = CommunityFactory()
        for one in (community, host):
            SecretaryFactory.create_batch(count, community=one)
        with CaptureQueriesContext(connection) as queries:
            give(market_day, host)
        counts.append(len(queries))
        assert Reminder.objects.waiting().filter(kind="market_day_given").count() == count
        Reminder.objects.all().delete()
    assert counts[0] == counts[1]
