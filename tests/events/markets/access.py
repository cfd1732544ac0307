from types import SimpleNamespace

from events.markets.factories import MarketDayFactory, StallFactory
from tests.access import PUBLIC, STAFF_ONLY, Page


def market_day(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": MarketDayFactory(host=cast.community).pk}


def stall(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": StallFactory(market_day__host=cast.community, partner=cast.partner).pk}


HOST = "302 200 200 403 403 403"
STALL_HOLDER = "302 404 404 404 200 404"

PAGES: dict[str, Page] = {
    "marketday_list": Page(PUBLIC),
    "marketday_plan": Page(STAFF_ONLY),
    "marketday_detail": Page(PUBLIC, market_day),
    "marketday_edit": Page(HOST, market_day),
    "marketday_postpone": Page(HOST, market_day),
    "marketday_cancel": Page(HOST, market_day),
    "stall_take": Page("302 403 403 403 200 200", market_day),
    "stall_edit": Page(STALL_HOLDER, stall),
    "stall_withdraw": Page(STALL_HOLDER, stall),
    "stall_release": Page("302 200 200 404 403 403", stall),
}
