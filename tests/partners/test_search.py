"""What the search box finds, and what it does not."""

import pytest

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
    other = PartnerFactory(name="Green 绿色社区 (淄川)")
    ContactFactory(partner=other, phone="13956780000")


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
        "005678",
        "13900005678",
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
    assert names("5678") == {"重庆路银行便民服务站", "Green 绿色社区 (淄川)"}


def test_search_for_nothing_finds_everybody() -> None:
    assert len(names("  ")) == 3


def test_search_takes_brackets_and_capitals_as_typed() -> None:
    assert names("GREEN") == names("（淄川）") == {"Green 绿色社区 (淄川)"}
