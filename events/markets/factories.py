"""Makes market days and stalls, for tests and for the demo office."""

from datetime import date, time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from communities.factories import CommunityFactory
from events.markets.models import MarketDay, Stall
from partners.factories import PartnerFactory


def _saturday(n: int) -> date:
    """The n-th Saturday from next week on, beginning again before a year is over."""
    n %= 48  # markets are planned within a year, and a long test run makes hundreds
    today = timezone.localdate()
    return today + timedelta(days=(5 - today.weekday()) % 7 + 7 * (n + 1))


class MarketDayFactory(DjangoModelFactory):
    class Meta:
        model = MarketDay

    host = factory.SubFactory(CommunityFactory)
    held_on = factory.Sequence(_saturday)
    starts_at = time(8, 30)
    ends_at = time(11, 30)
    capacity = 20


class StallFactory(DjangoModelFactory):
    class Meta:
        model = Stall

    market_day = factory.SubFactory(MarketDayFactory)
    partner = factory.SubFactory(PartnerFactory, signed=True)
    state = Stall.State.TAKEN
    offer = "免费理发"
    held_at = factory.LazyAttribute(
        lambda stall: None if stall.state == Stall.State.WAITING else timezone.now()
    )
    ended_at = factory.LazyAttribute(
        lambda stall: None if stall.state in Stall.ACTIVE else timezone.now()
    )
    end_reason = factory.LazyAttribute(
        lambda stall: "场地维修" if stall.state == Stall.State.RELEASED else ""
    )
