"""What everybody reads of a market: a phone number stays in it only on purpose."""

from datetime import timedelta

import pytest
from django.urls import reverse

from banyang.accounts.models import User
from communities.models import Community
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import MemberFactory
from partners.models import Partner
from tests.conftest import SignIn
from tests.public_words import NUMBER, WIDE, is_held_back

WORDS = f"找李师傅{WIDE}"


@pytest.fixture
def market_day(community: Community) -> MarketDay:
    return MarketDayFactory(host=community)


@pytest.mark.parametrize("field", ["location", "note"])
def test_market_gives_a_number_away_only_on_purpose(
    field: str, market_day: MarketDay, secretary: User, sign_in: SignIn
) -> None:
    url = reverse("marketday_edit", args=[market_day.pk])
    data = {"starts_at": "08:30", "ends_at": "11:30", "capacity": 20, field: WORDS}
    is_held_back(sign_in(secretary), url, data, field, NUMBER)
    market_day.refresh_from_db()
    assert getattr(market_day, field) == WORDS


def test_market_is_moved_with_a_number_only_on_purpose(
    market_day: MarketDay, secretary: User, sign_in: SignIn
) -> None:
    url = reverse("marketday_postpone", args=[market_day.pk])
    held_on = market_day.held_on + timedelta(days=1)
    data = {"held_on": held_on.isoformat(), "reason": WORDS}
    is_held_back(sign_in(secretary), url, data, "reason", NUMBER)
    market_day.refresh_from_db()
    assert (market_day.held_on, market_day.move_reason) == (held_on, WORDS)


def test_market_is_called_off_with_a_number_only_on_purpose(
    market_day: MarketDay, secretary: User, sign_in: SignIn
) -> None:
    url = reverse("marketday_cancel", args=[market_day.pk])
    is_held_back(sign_in(secretary), url, {"reason": WORDS}, "reason", NUMBER)
    market_day.refresh_from_db()
    assert market_day.cancel_reason == WORDS


def test_stall_offers_a_number_only_on_purpose(
    market_day: MarketDay, partner: Partner, member: User, sign_in: SignIn
) -> None:
    client = sign_in(member)
    taken = {"offer": WORDS, "tables": 1}
    is_held_back(client, reverse("stall_take", args=[market_day.pk]), taken, "offer", NUMBER)
    stall = Stall.objects.get()
    changed = {"offer": f"{WORDS}理发", "tables": 1}
    is_held_back(client, reverse("stall_edit", args=[stall.pk]), changed, "offer", NUMBER)
    stall.refresh_from_db()
    assert stall.offer == changed["offer"]


def test_stall_that_offers_a_number_keeps_its_chosen_partner(
    market_day: MarketDay, partner: Partner, member: User, sign_in: SignIn
) -> None:
    second = MemberFactory(user=member).partner
    url = reverse("stall_take", args=[market_day.pk])
    data = {"partner": second.pk, "offer": WORDS, "tables": 1}
    refused = sign_in(member).post(url, data).context["form"]
    assert list(refused.fields)[:3] == ["partner", "offer", "keeps_private"]
    is_held_back(sign_in(member), url, data, "offer", NUMBER)
    assert Stall.objects.get().partner == second


def test_reason_that_only_the_partner_reads_may_hold_a_number(
    market_day: MarketDay, secretary: User, sign_in: SignIn
) -> None:
    stall = StallFactory(market_day=market_day)
    url = reverse("stall_release", args=[stall.pk])
    assert sign_in(secretary).post(url, {"reason": WORDS}).status_code == 302
    stall.refresh_from_db()
    assert stall.end_reason == WORDS
