"""The pages on which stalls are taken, changed and given back."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner
from projects.catalogue.factories import ServiceFactory
from projects.catalogue.models import Service
from tests.events.markets.stalls import take

TAKEN, WAITING = Stall.State.TAKEN, Stall.State.WAITING


def test_stall_is_taken_through_the_page(sign_in, member: User, partner: Partner) -> None:
    market_day = MarketDayFactory()
    data = {"offer": "免费理发", "tables": 2, "needs_power": "on"}

    response = sign_in(member).post(reverse("stall_take", args=[market_day.pk]), data)

    assert response.status_code == 302
    stall = Stall.objects.get()
    assert (stall.partner, stall.tables, stall.needs_power) == (partner, 2, True)


def test_member_of_two_partners_says_for_which(sign_in, member: User) -> None:
    second = MemberFactory(user=member).partner
    market_day = MarketDayFactory()
    url = reverse("stall_take", args=[market_day.pk])
    client = sign_in(member)

    assert "partner" in client.post(url, {"offer": "理发", "tables": 1}).context["form"].errors
    client.post(url, {"offer": "理发", "tables": 1, "partner": second.pk})

    assert Stall.objects.get().partner == second


def test_member_cannot_take_a_stall_for_another_partner(
    sign_in, member: User, other_partner: Partner
) -> None:
    MemberFactory(user=member)
    market_day = MarketDayFactory()
    url = reverse("stall_take", args=[market_day.pk])

    page = sign_in(member).post(url, {"offer": "x", "tables": 1, "partner": other_partner.pk})

    assert "partner" in page.context["form"].errors
    assert not Stall.objects.exists()


def test_member_whose_agreement_ended_reads_so_where_the_button_would_be(
    sign_in, member: User, partner: Partner
) -> None:
    market_day = MarketDayFactory()
    client = sign_in(member)
    take_url, url = reverse("stall_take", args=[market_day.pk]), market_day.get_absolute_url()
    assert take_url in client.get(url).content.decode()

    Partner.objects.update(agreement_ends_on=timezone.localdate() - timedelta(days=1))

    page = client.get(url).content.decode()
    assert take_url not in page
    assert "请联系街道办事处续签" in page
    assert client.get(take_url).url == url
    # Its form was open since before the agreement ended: what was typed stays.
    answer = client.post(take_url, {"offer": "理发", "tables": 1})
    assert "请联系街道办事处续签" in str(answer.context["form"].non_field_errors())
    assert 'value="理发"' in answer.text
    assert not Stall.objects.exists()


def test_partner_that_has_a_stall_comes_to_change_it(
    sign_in, member: User, partner: Partner
) -> None:
    stall = StallFactory(partner=partner)
    client, url = sign_in(member), reverse("stall_take", args=[stall.market_day.pk])

    assert client.get(url).url == reverse("stall_edit", args=[stall.pk])
    # From a page that was open before: the same once more is harmless, another offer isn't lost.
    assert client.post(url, {"offer": "免费理发", "tables": 1}).status_code == 302
    answer = client.post(url, {"offer": "磨剪子", "tables": 1})

    assert "“免费理发”" in str(answer.context["form"].non_field_errors())
    assert 'value="磨剪子"' in answer.text
    assert reverse("stall_edit", args=[stall.pk]) in answer.text
    stall.refresh_from_db()
    assert stall.offer == "免费理发"


def test_only_partners_without_a_stall_are_offered(sign_in, member: User, partner: Partner) -> None:
    second = MemberFactory(user=member).partner
    market_day = StallFactory(partner=partner).market_day
    client, url = sign_in(member), reverse("stall_take", args=[market_day.pk])

    page = client.get(url).text
    assert f'type="hidden" name="partner" value="{second.pk}"' in page
    client.post(url, {"offer": "磨剪子", "tables": 1, "partner": second.pk})

    assert {stall.partner for stall in market_day.stalls.all()} == {partner, second}
    assert client.get(url).url == market_day.get_absolute_url()  # which has both to change


def test_stall_given_back_meanwhile_is_not_changed(sign_in, member: User, partner: Partner) -> None:
    stall = StallFactory(partner=partner)
    url, client = reverse("stall_edit", args=[stall.pk]), sign_in(member)
    actions.withdraw_stall(stall=Stall.objects.get(pk=stall.pk), by=member)

    answer = client.post(url, {"offer": "磨剪子", "tables": 1})

    assert "已经退出" in str(answer.context["form"].non_field_errors())
    assert 'value="磨剪子"' in answer.text
    assert client.get(url).url == stall.market_day.get_absolute_url()
    with pytest.raises(Refused):
        actions.update_stall(stall=stall, offer="磨剪子", by=member)
    stall.refresh_from_db()
    assert stall.offer == "免费理发"


def test_stall_of_a_market_that_is_over_keeps_what_was_typed(
    sign_in, member: User, partner: Partner
) -> None:
    stall = StallFactory(partner=partner)
    yesterday = timezone.localdate() - timedelta(days=1)
    MarketDay.objects.filter(pk=stall.market_day_id).update(held_on=yesterday)

    answer = sign_in(member).post(
        reverse("stall_edit", args=[stall.pk]), {"offer": "磨剪子", "tables": 1}
    )

    assert answer.context["form"].non_field_errors()
    assert 'value="磨剪子"' in answer.text


def test_stall_keeps_a_service_that_left_the_catalogue(
    sign_in, member: User, partner: Partner
) -> None:
    service, other = ServiceFactory(), ServiceFactory(is_current=False)
    stall = StallFactory(partner=partner, service=service)
    Service.objects.filter(pk=service.pk).update(is_current=False)
    client, url = sign_in(member), reverse("stall_edit", args=[stall.pk])
    [chosen] = re.findall(r'<option value="(\d+)" selected', client.get(url).text)

    client.post(url, {"offer": "理发", "service": chosen, "tables": 2})

    stall.refresh_from_db()
    assert (stall.tables, stall.service) == (2, service)
    assert "service" in client.post(url, {"service": other.pk}).context["form"].errors


def test_second_click_on_giving_a_stall_back_is_harmless(
    sign_in, member: User, partner: Partner, other_partner: Partner
) -> None:
    market_day = MarketDayFactory(capacity=1)
    stall = take(market_day, partner)
    waiting = [take(market_day, p) for p in (other_partner, PartnerFactory(signed=True))]
    url, client = reverse("stall_withdraw", args=[stall.pk]), sign_in(member)

    assert [client.post(url).status_code for _ in range(2)] == [302, 302]
    page = client.get(url, follow=True)
    assert page.redirect_chain == [(market_day.get_absolute_url(), 302)]
    assert "已经退过" in str(list(page.context["messages"])[-1])

    for one in waiting:
        one.refresh_from_db()
    assert [one.state for one in waiting] == [TAKEN, WAITING]


def test_turn_given_up_already_is_not_told_as_a_stall(
    sign_in, member: User, partner: Partner
) -> None:
    turn = StallFactory(partner=partner, state=WAITING)
    actions.withdraw_stall(stall=turn, by=member)

    page = sign_in(member).get(reverse("stall_withdraw", args=[turn.pk]), follow=True)

    assert str(list(page.context["messages"])[-1]) == "这个候补已经放弃过了。"


def test_what_stalls_need_is_shown_to_the_host_alone(
    client: Client, sign_in, secretary: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community, capacity=1)
    StallFactory(market_day=market_day, offer="免费修脚", tables=7)
    StallFactory(market_day=market_day, state=WAITING, partner__name="候补的那家店")
    url = reverse("marketday_detail", args=[market_day.pk])

    public = client.get(url).content.decode()
    host = sign_in(secretary).get(url).content.decode()

    assert "免费修脚" in public
    assert "候补的那家店" not in public
    assert "候补的那家店" in host


@pytest.mark.parametrize("rows", [1, 30])
def test_marketday_detail_costs_the_same_queries(
    rows: int, sign_in, staff: User, django_assert_num_queries
) -> None:
    market_day = MarketDayFactory(capacity=40)
    StallFactory.create_batch(rows, market_day=market_day)
    StallFactory.create_batch(rows, market_day=market_day, state=WAITING)
    client = sign_in(staff)
    url = reverse("marketday_detail", args=[market_day.pk])
    client.get(url)

    with django_assert_num_queries(6):
        client.get(url)
