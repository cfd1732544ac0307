"""Everybody's worklist: what is late first, and only what is theirs."""

from datetime import timedelta
from itertools import chain

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from communities.models import Community
from events.factories import MarketDayFactory, StallFactory
from partners.factories import PartnerFactory
from partners.models import Partner
from projects.factories import (
    ClaimFactory,
    NeedFactory,
    ProjectFactory,
    ProjectListFactory,
    StepFactory,
)


def tasks(client: Client) -> dict[str, list[str]]:
    """The texts on the home page by urgency."""
    worklist = client.get(reverse("home")).context["worklist"]
    return {
        name: [task.text for task in getattr(worklist, name)]
        for name in ("overdue", "today", "later")
    }


def test_staff_vet_sign_and_renew(sign_in, staff: User) -> None:
    today = timezone.localdate()
    PartnerFactory(name="新申请的店")
    PartnerFactory(name="待签约的店", status=Partner.Status.VETTED)
    PartnerFactory(name="快到期的店", signed=True, agreement_ends_on=today + timedelta(days=60))
    PartnerFactory(name="还早的店", signed=True, agreement_ends_on=today + timedelta(days=61))

    assert sorted(tasks(sign_in(staff))["later"]) == ["待签约的店", "快到期的店", "新申请的店"]


def test_secretary_sees_their_own_community_alone(
    sign_in, secretary: User, community: Community, other_community: Community
) -> None:
    NeedFactory(community=community, text="这里的需求")
    NeedFactory(community=other_community, text="别处的需求")
    on = ProjectListFactory(community=community)
    ClaimFactory(project=ProjectFactory(list=on, title="这里的项目"))
    ClaimFactory(project__title="别处的项目")

    shown = " ".join(chain.from_iterable(tasks(sign_in(secretary)).values()))

    assert "这里的需求" in shown
    assert "这里的项目" in shown
    assert "别处" not in shown


def test_staff_see_what_is_late_anywhere_and_not_what_is_fresh(sign_in, staff: User) -> None:
    NeedFactory(text="没人管的需求", created_at=timezone.now() - timedelta(days=40))
    NeedFactory(text="刚提的需求")
    ClaimFactory(project__title="拖着没确认", held_at=timezone.now() - timedelta(days=9))
    ClaimFactory(project__title="刚认领的")

    shown = tasks(sign_in(staff))

    late = " ".join(shown["overdue"])
    assert "没人管的需求" in late
    assert "拖着没确认" in late
    assert not shown["today"] + shown["later"]


def test_partner_sees_the_week_ahead_of_their_own_plans(
    sign_in, member: User, partner: Partner, other_partner: Partner
) -> None:
    today = timezone.localdate()
    claim = ClaimFactory(partner=partner, confirmed=True)
    for text, days in (("逾期的步骤", -1), ("今天的步骤", 0), ("下周的步骤", 7), ("以后的", 8)):
        StepFactory(claim=claim, text=text, due_on=today + timedelta(days=days))
    StepFactory(claim=claim, text="做完的", due_on=today, done_on=today)
    StepFactory(claim__partner=other_partner, text="别家的步骤", due_on=today)

    shown = tasks(sign_in(member))

    assert ["逾期的步骤" in text for text in shown["overdue"]] == [True]
    assert ["今天的步骤" in text for text in shown["today"]] == [True]
    assert ["下周的步骤" in text for text in shown["later"]] == [True]


def test_hosts_and_stall_holders_see_the_next_market(
    sign_in, secretary: User, member: User, community: Community, partner: Partner
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    market_day = MarketDayFactory(host=community, held_on=day)
    StallFactory(market_day=market_day, partner=partner, offer="免费理发")
    StallFactory(market_day=market_day, offer="别家的摊位")

    assert len(tasks(sign_in(secretary))["later"]) == 1
    assert ["免费理发" in text for text in tasks(sign_in(member))["later"]] == [True]


def test_more_than_six_of_a_kind_are_a_link_away(sign_in, staff: User) -> None:
    PartnerFactory.create_batch(7)

    worklist = sign_in(staff).get(reverse("home")).context["worklist"]

    assert len(worklist) == 6
    assert [more.url for more in worklist.more] == [reverse("partner_list") + "?status=applied"]


def test_person_without_role_is_told_what_to_do(sign_in, stranger: User, staff: User) -> None:
    assert "还没有分配角色" in sign_in(stranger).get(reverse("home")).content.decode()
    assert "还没有分配角色" not in sign_in(staff).get(reverse("home")).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_home_costs_the_same_queries(
    rows: int, sign_in, staff: User, secretary: User, community, django_assert_num_queries
) -> None:
    long_ago = timezone.now() - timedelta(days=40)
    NeedFactory.create_batch(rows, community=community, created_at=long_ago)
    claims = ClaimFactory.create_batch(
        rows, project__list__community=community, confirmed=True, held_at=long_ago
    )
    for claim in claims:
        StepFactory(claim=claim, due_on=long_ago.date())
    PartnerFactory.create_batch(rows)

    for user, queries in ((staff, 12), (secretary, 10)):
        client = sign_in(user)
        client.get(reverse("home"))
        with django_assert_num_queries(queries):
            client.get(reverse("home"))
