"""What the search box finds, and what it does not."""

import pytest
from django.db import connection

from banyang.foundation.phones import mask
from partners.factories import ContactFactory, PartnerFactory
from partners.models import Partner

pytestmark = pytest.mark.django_db

CODE = "91370302MA3C0QXK4P"  # made up


@pytest.fixture(autouse=True)
def listed() -> None:
    """A partner to find, and others that look like it."""
    found = PartnerFactory(name="重庆路银行便民服务站", credit_code=CODE)
    ContactFactory(partner=found, phone="13900005678", is_main=True)
    PartnerFactory(name="庆重商行", credit_code=None)
    ContactFactory(partner=PartnerFactory(name="Green 绿色社区 (淄川)"), phone="13956780000")


def names(text: str) -> set[str]:
    return set(Partner.objects.matching(text).values_list("name", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "重庆路银行便民服务站",
        "银行",
        "站",
        "chongqing",  # the reading that the word asks for, not zhong
        "yinhang",  # 行 as hang, not xing
        "cqlyh",
        "CQLYH",
        "ＣＱＬＹＨ",
        "银行 便民",  # every word, in any order
        "服务站 重庆",
        "MA3C0QXK",
        "ma3c0qxk4p",
        "９１３７０３０２",
        "5678",
        "678",
        "13900005678",
        "139-0000-5678",
        "139 0000 5678",
        "银行 139-0000-5678",
        "cq 5678",
    ],
)
def test_search_finds_the_partner_by(text: str) -> None:
    assert names(text) == {"重庆路银行便民服务站"}


@pytest.mark.parametrize(
    "text", ["重路", "银行 理发", "xyzzy", "99", "行便服", "%", "_", "站y", "'; drop table"]
)
def test_search_finds_nobody_by(text: str) -> None:
    assert names(text) == set()


def test_search_word_does_not_span_name_and_code() -> None:
    assert names("站chong") == set()


def test_search_by_what_several_share_finds_all_of_them() -> None:
    assert names("重") == {"重庆路银行便民服务站", "庆重商行"}


@pytest.mark.parametrize(
    "text", ["05335551234", "0533-5551234", "5551234", "1234", "0533-5551234-8"]
)
def test_search_finds_a_landline_by_its_tail_or_as_a_whole(text: str) -> None:
    ContactFactory(partner=PartnerFactory(name="淄川剧院"), phone="05335551234-8")
    assert names(text) == {"淄川剧院"}


@pytest.mark.parametrize("part", ["005678", "05678", "1390", "0000567", "3900005678", "1390000567"])
def test_search_does_not_tell_what_the_mask_hides(part: str) -> None:
    assert names(part) == set()


def test_search_for_nothing_finds_everybody() -> None:
    assert len(names("  ")) == 3


def test_search_takes_brackets_and_capitals_as_typed() -> None:
    assert names("GREEN") == names("（淄川）") == {"Green 绿色社区 (淄川)"}


@pytest.mark.parametrize("phone", ["13800005679", "05335551239-8", "4008001237-12"])
def test_search_finds_by_the_tail_that_the_mask_shows(phone: str) -> None:
    ContactFactory(partner=PartnerFactory(name="淄川剧院"), phone=phone)
    shown = mask(phone).rpartition("*")[2]
    assert names(shown) == {"淄川剧院"}
    assert names(phone.partition("-")[0][-5:]) == set()


@pytest.mark.parametrize(
    "text",
    ["152", "第152号", "152号", "第 152 号", "No.152", "№152", "１５２", "0152", "剧院 152号"],
)
def test_search_finds_a_partner_by_its_number(text: str) -> None:
    PartnerFactory(name="淄川剧院", signed=True, number=152)
    PartnerFactory(name="淄川大剧院", signed=True, number=15)
    PartnerFactory(name="淄川小剧院", signed=True, number=1520)
    assert names(text) == {"淄川剧院"}


def test_search_by_a_number_finds_the_phone_tail_as_well() -> None:
    PartnerFactory(name="淄川剧院", signed=True, number=678)
    assert names("678") == {"淄川剧院", "重庆路银行便民服务站"}


def test_search_for_a_number_is_served_by_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Partner.objects.order_by().matching("152").explain()
    assert "partner_search" in plan
    assert "number" in plan.split("BitmapOr")[1]
