"""Taking a stall back for the host: its partner has left, or rang up that nobody can come."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.reminders.actions import open_inbox
from banyang.reminders.models import Message, Reminder
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.models import Partner

TAKEN, WAITING, RELEASED = Stall.State.TAKEN, Stall.State.WAITING, Stall.State.RELEASED


@pytest.fixture
def market_day(community: Community) -> MarketDay:
    return MarketDayFactory(host=community, capacity=1)


@pytest.fixture
def stall(market_day: MarketDay, partner: Partner) -> Stall:
    return actions.take_stall(
        market_day=market_day, partner=partner, offer="理发", by=UserFactory()
    )


def test_released_stall_passes_on_and_its_partner_is_told_why(
    sign_in,
    secretary: User,
    stall: Stall,
    member: User,
    other_partner: Partner,
    other_member: User,
) -> None:
    market_day = stall.market_day
    waiting = StallFactory(market_day=market_day, partner=other_partner, state=WAITING)
    Partner.objects.filter(pk=stall.partner_id).update(status=Partner.Status.WITHDRAWN)
    client, url = sign_in(secretary), reverse("stall_release", args=[stall.pk])
    assert market_day.get_absolute_url() in client.get(url).text

    for _click in range(2):
        answer = client.post(url, {"reason": "店已搬走"}, follow=True)
        assert answer.redirect_chain == [(market_day.get_absolute_url(), 302)]

    stall.refresh_from_db()
    waiting.refresh_from_db()
    assert (stall.state, stall.end_reason, waiting.state) == (RELEASED, "店已搬走", TAKEN)
    kinds = Reminder.objects.waiting().values_list("recipient", "kind")
    assert sorted(kinds) == sorted(
        [
            (member.pk, "stall_released"),
            (other_member.pk, "stall_free"),
            (other_member.pk, "stall_tomorrow"),
        ]
    )
    open_inbox(by=member)
    [entry] = Message.objects.get(recipient=member).entries
    assert "东升社区" in entry.text
    assert "摊位" in entry.text
    assert "店已搬走" in entry.text


def test_released_turn_is_not_told_as_a_stall(
    sign_in, secretary: User, member: User, partner: Partner
) -> None:
    turn = StallFactory(partner=partner, state=WAITING, offer="理发")

    actions.release_stall(stall=turn, reason="来电说不来了", by=secretary)

    open_inbox(by=member)
    [entry] = Message.objects.get(recipient=member).entries
    assert "候补（“理发”）：来电说不来了" in entry.text
    assert "摊位" not in entry.text
    for name in ("stall_edit", "stall_withdraw"):
        told = sign_in(member).get(reverse(name, args=[turn.pk]), follow=True)
        assert str(list(told.context["messages"])[-1]) == "候补已被取消：来电说不来了"


def test_page_to_take_a_turn_back_speaks_of_the_line(
    sign_in, secretary: User, stall: Stall, other_partner: Partner
) -> None:
    turn = StallFactory(market_day=stall.market_day, partner=other_partner, state=WAITING)
    client, url = sign_in(secretary), reverse("stall_release", args=[turn.pk])

    asked = client.get(url).text
    done = client.post(url, {"reason": "来电说不来了"}, follow=True).text

    assert "移出候补" in asked
    assert "释放" not in asked
    assert "已移出候补" in done
    assert "释放摊位" in client.get(reverse("stall_release", args=[stall.pk])).text


def test_release_asks_for_the_reason(sign_in, secretary: User, stall: Stall) -> None:
    answer = sign_in(secretary).post(reverse("stall_release", args=[stall.pk]), {"reason": " "})

    assert "reason" in answer.context["form"].errors
    stall.refresh_from_db()
    assert stall.state == TAKEN


def test_released_turn_leaves_the_line_and_nobody_moves_up(
    secretary: User, stall: Stall, other_partner: Partner
) -> None:
    turn = StallFactory(market_day=stall.market_day, partner=other_partner, state=WAITING)

    actions.release_stall(stall=turn, reason="来电说不来了", by=secretary)

    assert not stall.market_day.stalls.waiting().exists()
    assert list(stall.market_day.stalls.taken()) == [stall]


def test_stall_given_back_or_at_a_market_that_is_over_is_not_released(
    sign_in, secretary: User, stall: Stall
) -> None:
    client, url = sign_in(secretary), reverse("stall_release", args=[stall.pk])
    yesterday = timezone.localdate() - timedelta(days=1)
    MarketDay.objects.update(held_on=yesterday)
    assert client.post(url, {"reason": "没来"}).context["form"].non_field_errors()
    MarketDay.objects.update(held_on=timezone.localdate() + timedelta(days=1))
    actions.withdraw_stall(stall=Stall.objects.get(pk=stall.pk), by=UserFactory())

    assert client.post(url, {"reason": "没来"}).context["form"].non_field_errors()

    told = client.get(url, follow=True)
    assert "已经退过" in str(list(told.context["messages"])[-1])
    stall.refresh_from_db()
    assert (stall.state, stall.end_reason) == (Stall.State.WITHDRAWN, "")


def test_partner_that_comes_to_a_released_stall_reads_why(
    sign_in, member: User, stall: Stall
) -> None:
    actions.release_stall(stall=stall, reason="场地检修", by=UserFactory())
    client = sign_in(member)

    for name in ("stall_edit", "stall_withdraw"):
        told = client.get(reverse(name, args=[stall.pk]), follow=True)
        assert "场地检修" in str(list(told.context["messages"])[-1])
    with pytest.raises(Refused):
        actions.withdraw_stall(stall=Stall.objects.get(pk=stall.pk), by=member)


def test_released_stall_hears_no_more_that_its_market_moved(member: User, stall: Stall) -> None:
    tomorrow = stall.market_day.held_on + timedelta(days=1)
    actions.postpone_market_day(
        market_day=stall.market_day, held_on=tomorrow, reason="有雨", by=UserFactory()
    )
    actions.release_stall(stall=stall, reason="来电说不来了", by=UserFactory())

    open_inbox(by=member)

    [entry] = Message.objects.get(recipient=member).entries
    assert "来电说不来了" in entry.text


def test_host_releases_from_the_page_while_the_market_takes_stalls(
    sign_in, secretary: User, member: User, stall: Stall, other_partner: Partner
) -> None:
    turn = StallFactory(market_day=stall.market_day, partner=other_partner, state=WAITING)
    urls = [reverse("stall_release", args=[one.pk]) for one in (stall, turn)]
    page = stall.market_day.get_absolute_url()

    assert [url in sign_in(member).get(page).text for url in urls] == [False, False]
    client = sign_in(secretary)
    assert [url in client.get(page).text for url in urls] == [True, True]
    MarketDay.objects.update(held_on=timezone.localdate() - timedelta(days=1))
    assert [url in client.get(page).text for url in urls] == [False, False]
