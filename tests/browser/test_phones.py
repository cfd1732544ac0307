"""Masked phone numbers: one press shows one of them, and is written down."""

from collections.abc import Callable

import pytest

from banyang.accounts.models import Disclosure, User
from partners.factories import ContactFactory, PartnerFactory
from partners.models import Partner
from tests.browser.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def partner() -> Partner:
    partner = PartnerFactory(signed=True)
    ContactFactory(partner=partner, name="周小满", phone="13805331234", is_main=True)
    return partner


@pytest.mark.parametrize("javascript", [True, False])
def test_a_press_shows_the_number(
    staff: User, partner: Partner, visitor: Callable[..., Visitor], javascript: bool
) -> None:
    clerk = visitor(staff, viewport=PHONE, javascript=javascript)
    clerk.open(partner.get_absolute_url())
    clerk.sees("138****1234")

    clerk.named("显示").click()
    clerk.sees("13805331234")
    clerk.look()
    assert Disclosure.objects.filter(user=staff).count() == 1


def test_a_press_after_the_session_has_ended_leads_to_signing_in(
    staff: User, partner: Partner, visitor: Callable[..., Visitor]
) -> None:
    clerk = visitor(staff)
    clerk.open(partner.get_absolute_url())
    clerk.page.context.clear_cookies(name="sessionid")

    clerk.named("显示").click()
    clerk.page.wait_for_url("**/sign-in/**")
    clerk.sees("登录")
    assert not Disclosure.objects.exists()
