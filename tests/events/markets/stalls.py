"""How partners come to their stalls."""

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from events.markets import actions
from events.markets.models import MarketDay, Stall
from partners.models import Partner


def take(market_day: MarketDay, partner: Partner, by: User | None = None) -> Stall:
    return actions.take_stall(
        market_day=market_day, partner=partner, offer="理发", by=by or UserFactory()
    )
