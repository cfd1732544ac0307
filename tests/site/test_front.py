"""The public front page: open to everybody, telling nothing that is not public."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.office.models import Office
from communities.factories import CommunityFactory
from communities.models import Community
from events.markets.factories import MarketDayFactory
from partners.factories import ContactFactory, PartnerFactory
from partners.models import Partner
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.needs.factories import NeedFactory
from projects.needs.models import Need


def test_front_page_shows_figures_projects_market_and_communities(
    client: Client, community: Community, partner: Partner
) -> None:
    DeliveryFactory(claim__partner=partner, residents_served=1234)
    ProjectFactory(title="可以认领的项目")
    MarketDayFactory(host=community, location="文化广场")

    page = client.get(reverse("front")).content.decode()

    for text in ("1,234", "可以认领的项目", "文化广场", "东升社区", "暖心驿站"):
        assert text in page


def test_front_page_introduces_the_programme_and_counts_what_it_did(
    client: Client, partner: Partner
) -> None:
    words = "街坊的事，大家一起办。\n欢迎入伙。"
    Office.objects.update_or_create(pk=1, defaults={"introduction": words})
    PartnerFactory.create_batch(2, signed=True)
    PartnerFactory(signed=True, status=Partner.Status.SUSPENDED)
    PartnerFactory()
    claims = ClaimFactory.create_batch(4, partner=partner, confirmed=True)
    ClaimFactory(partner=partner, confirmed=True, state=Claim.State.COMPLETED)
    ClaimFactory(partner=partner)
    for residents in (1200, 34):
        DeliveryFactory(claim=claims[0], residents_served=residents)
    for state in (*Need.OUTCOMES, *Need.OUTCOMES, Need.State.REJECTED):
        NeedFactory(on_board=True, state=state, answer="已回访", answered_at=timezone.now())
    NeedFactory(on_board=True)

    page = client.get(reverse("front")).content.decode()

    assert "街坊的事，大家一起办。<br>欢迎入伙。" in page
    assert re.findall(r"<li><strong>([\d,]+)</strong>\s*(\S+)</li>", page) == [
        ("3", "签约合伙人"),
        ("5", "认领项目"),
        ("1,234", "受益人次"),
        ("6", "回应居民需求"),
    ]


def test_front_page_tells_nothing_private(client: Client, community: Community) -> None:
    contact = ContactFactory(phone="19712345678")
    ProjectFactory(draft=True, title="还没发布的项目")
    full = ProjectFactory(title="已认领满的项目")
    ClaimFactory(project=full, partner=contact.partner)
    NeedFactory(community=community, text="没审核的需求")

    page = client.get(reverse("front")).content.decode()

    for text in ("19712345678", "还没发布的项目", "已认领满的项目", "没审核的需求"):
        assert text not in page


def test_front_page_announces_lists_that_open_soon(client: Client, community: Community) -> None:
    ProjectListFactory(community=community, year=2031, opens_at=timezone.now() + timedelta(days=2))

    assert "2031" in client.get(reverse("front")).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_front_page_costs_the_same_queries(
    rows: int, db: None, client: Client, django_assert_num_queries
) -> None:
    ProjectFactory.create_batch(rows, list__community=CommunityFactory())
    client.get(reverse("front"))  # the figures are cached from here on

    with django_assert_num_queries(4):
        client.get(reverse("front"))
