"""Taking stalls, waiting for them, giving them back: the rules."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import Stall
from partners.factories import PartnerFactory
from partners.models import Partner
from tests.events.markets.stalls import take

TAKEN, WAITING = Stall.State.TAKEN, Stall.State.WAITING


def test_second_click_gives_the_first_stall_back(partner: Partner, member: User) -> None:
    market_day = MarketDayFactory()

    assert take(market_day, partner, member) == take(market_day, partner, member)
    market_day.refresh_from_db()
    assert market_day.taken == 1


def test_full_market_has_a_waiting_list_in_order(partner: Partner, other_partner: Partner) -> None:
    market_day = MarketDayFactory(capacity=1)
    third = PartnerFactory(signed=True)

    assert [take(market_day, p).state for p in (partner, other_partner, third)] == [
        TAKEN,
        WAITING,
        WAITING,
    ]
    assert [s.partner for s in market_day.stalls.waiting().in_line()] == [other_partner, third]


@pytest.mark.parametrize("status", ["suspended", "withdrawn"])
def test_partner_without_running_agreement_is_refused(status: str, partner: Partner) -> None:
    Partner.objects.filter(pk=partner.pk).update(status=status)

    with pytest.raises(Refused):
        take(MarketDayFactory(), partner)


def test_past_market_takes_no_stalls(partner: Partner) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)

    with pytest.raises(Refused):
        take(MarketDayFactory(held_on=yesterday), partner)


def test_turn_that_became_a_stall_meanwhile_is_given_back_as_a_stall(
    member: User, partner: Partner, other_partner: Partner
) -> None:
    market_day = MarketDayFactory(capacity=1)
    first, turn = take(market_day, other_partner), take(market_day, partner)
    actions.withdraw_stall(stall=first, by=UserFactory())

    assert turn.held_at is None
    assert actions.withdraw_stall(stall=turn, by=member).held_at is not None


def test_stall_changed_while_it_is_passed_on_keeps_its_new_state(partner: Partner) -> None:
    stall = StallFactory(partner=partner, state=WAITING)
    loaded_before = Stall.objects.get(pk=stall.pk)
    Stall.objects.filter(pk=stall.pk).update(state=TAKEN, held_at=timezone.now())

    actions.update_stall(stall=loaded_before, offer="磨剪子", by=UserFactory())

    stall.refresh_from_db()
    assert (stall.state, stall.offer) == (TAKEN, "磨剪子")
    stall.market_day.refresh_from_db()
    assert stall.market_day.taken == 1


def test_stall_of_too_many_tables_is_refused(sign_in, member: User, partner: Partner) -> None:
    stall = StallFactory(partner=partner)
    data = {"offer": "理发", "tables": 21}
    answer = sign_in(member).post(reverse("stall_edit", args=[stall.pk]), data)
    assert answer.context["form"].errors == {"tables": ["最多20张桌子。"]}

    with pytest.raises(ValidationError, match="用不了这么多桌子"):
        Stall(tables=21).validate_constraints()
    with pytest.raises(IntegrityError, match="stall_tables_limited"), transaction.atomic():
        StallFactory(tables=21)


def test_one_stall_too_many_violates_the_database(db: None) -> None:
    market_day = MarketDayFactory(capacity=1)
    StallFactory(market_day=market_day)

    with pytest.raises(IntegrityError, match="places_not_exceeded"), transaction.atomic():
        StallFactory(market_day=market_day)


def test_turn_with_a_stall_violates_the_database(db: None) -> None:
    stall = StallFactory(state=WAITING)
    stall.held_at = timezone.now()

    with pytest.raises(ValidationError, match="还没有摊位"):
        stall.validate_constraints()
    with pytest.raises(IntegrityError, match="stall_waiting_has_none"), transaction.atomic():
        stall.save()


def test_two_stalls_of_a_partner_violate_the_database(partner: Partner) -> None:
    stall = StallFactory(partner=partner)

    with pytest.raises(IntegrityError, match="stall_once_per_partner"), transaction.atomic():
        StallFactory(partner=partner, market_day=stall.market_day, state=WAITING)
