"""What members read of their own stalls and turns."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banyang.accounts.models import User
from communities.models import Community
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import MemberFactory
from partners.models import Partner

WAITING = Stall.State.WAITING


@pytest.fixture
def full_market() -> MarketDay:
    """A market whose one stall is taken, and for which one partner waits."""
    market_day = MarketDayFactory(capacity=1)
    StallFactory(market_day=market_day)
    StallFactory(market_day=market_day, state=WAITING)
    return market_day


def test_whoever_waits_reads_its_place_in_line(
    sign_in, member: User, partner: Partner, full_market: MarketDay
) -> None:
    turn = StallFactory(market_day=full_market, partner=partner, state=WAITING)
    client = sign_in(member)

    page = client.get(full_market.get_absolute_url()).text
    asked = client.get(reverse("stall_withdraw", args=[turn.pk])).text

    assert "候补第2位" in page
    assert "候补第2位" in client.get(reverse("marketday_list")).text
    for text in (page, asked):
        assert "放弃候补" in text
        assert "退出摊位" not in text


def test_member_of_several_partners_reads_for_whom_the_button_is(
    sign_in, member: User, partner: Partner, full_market: MarketDay
) -> None:
    second = MemberFactory(user=member).partner
    url, client = full_market.get_absolute_url(), sign_in(member)
    assert f"为{second}加入候补" not in client.get(url).text

    StallFactory(market_day=full_market, partner=partner, state=WAITING)
    assert f"为{second}加入候补" in client.get(url).text

    StallFactory(market_day=full_market, partner=second, state=WAITING)
    assert "加入候补" not in client.get(url).text


def test_own_stall_says_what_was_asked_for(
    sign_in, member: User, partner: Partner, full_market: MarketDay
) -> None:
    turn = StallFactory(market_day=full_market, partner=partner, state=WAITING, tables=3)
    client, url = sign_in(member), full_market.get_absolute_url()
    assert "需要3张桌子&nbsp;· 不用电" in client.get(url).text
    Stall.objects.filter(pk=turn.pk).update(needs_power=True)
    assert "需要3张桌子&nbsp;· 需要用电" in client.get(url).text


def test_market_list_marks_only_own_stalls(
    sign_in, member: User, partner: Partner, secretary: User
) -> None:
    StallFactory()
    client, url = sign_in(member), reverse("marketday_list")
    assert "您已报名摊位" not in client.get(url).text

    StallFactory(partner=partner)

    assert client.get(url).text.count("您已报名摊位") == 1
    assert "您已报名摊位" not in sign_in(secretary).get(url).text


def test_own_stalls_cost_the_same_queries_on_one_market_and_on_many(
    sign_in, member: User, partner: Partner, community: Community
) -> None:
    client, url = sign_in(member), reverse("marketday_list")
    client.get(url)
    counts = []
    for more in (1, 11):
        for n in range(more):
            state = WAITING if n % 2 else Stall.State.TAKEN
            StallFactory(market_day__host=community, partner=partner, state=state)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_market_page_costs_the_same_queries_for_one_turn_and_for_several(
    sign_in, member: User, partner: Partner, full_market: MarketDay
) -> None:
    client, url = sign_in(member), full_market.get_absolute_url()
    counts = []
    for partners in ([partner], [MemberFactory(user=member).partner for _n in range(3)]):
        for each in partners:
            StallFactory(market_day=full_market, partner=each, state=WAITING)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_stall_keeps_what_a_colleague_has_stored_meanwhile(
    sign_in, member: User, partner: Partner
) -> None:
    stall = StallFactory(partner=partner, offer="磨剪子", tables=1)
    url, client = reverse("stall_edit", args=[stall.pk]), sign_in(member)
    opened_with = client.get(url).context["form"]["opened_with"].value()
    Stall.objects.filter(pk=stall.pk).update(offer="修鞋", tables=5)

    typed = {"offer": "磨剪子、磨刀", "tables": 1, "opened_with": opened_with}
    answer = client.post(url, typed)

    assert answer.status_code == 200
    assert "“修鞋”" in answer.text
    assert 'value="磨剪子、磨刀"' in answer.text
    stall.refresh_from_db()
    assert (stall.offer, stall.tables) == ("修鞋", 5)

    seen = answer.context["form"]["opened_with"].value()
    assert client.post(url, typed | {"opened_with": seen}).status_code == 302
    stall.refresh_from_db()
    assert (stall.offer, stall.tables) == ("磨剪子、磨刀", 1)
