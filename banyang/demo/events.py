"""The demo office's year of market days: half of it past, half to come."""

import random
from datetime import date, timedelta

from communities.models import Community
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.models import Partner

WEEKS_BACK, WEEKS_AHEAD = 26, 26


def make_market_days(
    communities: list[Community], partners: list[Partner], today: date, rng: random.Random
) -> None:
    """A market every Saturday, hosted in turn; the next ones already have stalls."""
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    days, stalls = [], []
    for week in range(-WEEKS_BACK, WEEKS_AHEAD):
        held_on = saturday + timedelta(weeks=week)
        host = communities[week % len(communities)]
        rained_off = week == -7
        day = MarketDayFactory.build(
            host=host,
            held_on=held_on,
            capacity=12,
            location=f"{host.short_name}文化广场",
            state=MarketDay.State.CANCELLED if rained_off else MarketDay.State.PLANNED,
            cancel_reason="有雨，改期举办" if rained_off else "",
        )
        days.append(day)
        if not rained_off:
            stalls += _stalls(day, week, partners, rng)
    MarketDay.objects.bulk_create(days)
    Stall.objects.bulk_create(stalls)


def _stalls(day: MarketDay, week: int, partners: list[Partner], rng: random.Random) -> list[Stall]:
    """Past markets were nearly full, the next one has a waiting list, later ones fill slowly."""
    taken = 10 if week < 0 else max(0, 12 - 4 * week)
    waiting = 2 if week == 0 else 0
    return [
        StallFactory.build(
            market_day=day,
            partner=partner,
            offer=partner.offers.split("、")[0],
            needs_power=rng.random() < 0.3,
            state=Stall.State.TAKEN if index < taken else Stall.State.WAITING,
        )
        for index, partner in enumerate(rng.sample(partners, taken + waiting))
    ]
