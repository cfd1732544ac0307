"""Partners take stalls, give them back and change them at the same moment."""

from collections.abc import Callable
from threading import Barrier

import pgtrigger
import pytest
from django.db import transaction

from banyang.accounts.factories import UserFactory
from banyang.foundation.errors import Refused
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall
from partners.factories import PartnerFactory
from partners.models import Partner
from tests.races import at_once, once_all_wait

PARTNERS, PLACES = 12, 3

TAKEN, WAITING, WITHDRAWN = Stall.State.TAKEN, Stall.State.WAITING, Stall.State.WITHDRAWN

# Rushes want so many connections that they run one after another.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("rush")]


@pytest.fixture
def market_day() -> MarketDay:
    return MarketDayFactory(capacity=PLACES)


@pytest.fixture
def partners() -> list[Partner]:
    return PartnerFactory.create_batch(PARTNERS, signed=True)


@pytest.mark.parametrize("clicks", [1, 2], ids=["one click", "double click"])
def test_rush_for_stalls_fills_the_market_and_then_the_line(
    market_day: MarketDay, partners: list[Partner], clicks: int
) -> None:
    def take(partner: Partner) -> Stall:
        # Each with a row of its own, as requests have.
        day, partner = MarketDay.objects.get(), Partner.objects.get(pk=partner.pk)
        return actions.take_stall(market_day=day, partner=partner, offer="理发", by=UserFactory())

    results = at_once([lambda p=partner: take(p) for partner in partners * clicks])

    assert all(isinstance(result, Stall) for result in results), results
    line = list(market_day.stalls.in_line().values_list("state", flat=True))
    assert line == [TAKEN] * PLACES + [WAITING] * (PARTNERS - PLACES)
    market_day.refresh_from_db()
    assert market_day.taken == PLACES


def test_rush_without_the_lock_gives_too_many_stalls(
    market_day: MarketDay, partners: list[Partner]
) -> None:
    """The control: read, then write, with nothing that holds the number of stalls."""

    def read_then_write(partner: Partner) -> None:
        with transaction.atomic(), pgtrigger.ignore("markets.Stall:counts_taken"):
            state = TAKEN if market_day.stalls.taken().count() < PLACES else WAITING
            rush.wait()
            StallFactory(market_day=market_day, partner=partner, state=state)

    rush = Barrier(PARTNERS)
    results = at_once([lambda p=partner: read_then_write(p) for partner in partners])

    assert not any(results), results
    assert market_day.stalls.taken().count() > PLACES


def changed_while_given_back(change: Callable[[Stall], object]) -> tuple[object, Stall]:
    """What becomes of a stall that is changed while another member gives it back."""
    stall = StallFactory()
    loaded_before = Stall.objects.get(pk=stall.pk)
    [result] = once_all_wait(
        [lambda: change(loaded_before)],
        behind=lambda: actions.withdraw_stall(stall=stall, by=UserFactory()),
    )
    stall.refresh_from_db()
    assert stall.state == WITHDRAWN
    return result, stall


def test_stall_changed_while_it_is_given_back_is_refused() -> None:
    result, stall = changed_while_given_back(
        lambda stall: actions.update_stall(stall=stall, offer="磨剪子", by=UserFactory())
    )

    assert isinstance(result, Refused)
    assert stall.offer == "免费理发"


def test_stall_changed_without_the_lock_is_saved_though_it_is_given_back() -> None:
    """The control: the look at its state is over before it is given back."""

    def look_then_save(stall: Stall) -> None:
        stall.refresh_from_db(fields=["state"])
        assert stall.state == TAKEN
        stall.offer = "磨剪子"
        stall.save(update_fields=["offer"])

    result, stall = changed_while_given_back(look_then_save)

    assert result is None
    assert stall.offer == "磨剪子"
