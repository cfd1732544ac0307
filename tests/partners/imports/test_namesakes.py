"""Rows of one name: one partner twice, or two who are called the same."""

from partners.factories import ContactFactory, PartnerFactory
from partners.models import Partner
from tests.partners.imports.conftest import SIMPLE, TITLES, kinds, problems, row, workbook


def test_same_partner_twice_says_which_row(preview) -> None:
    found = preview(workbook([TITLES, row(1), row(2), row(1), row(2, 联系人="李小红")]))
    assert kinds(found) == {2: "new", 3: "new", 4: "duplicate", 5: "error"}
    assert "2" in problems(found, 4)[0][1]
    assert problems(found, 5)[0][0] == "contact"


def test_two_residents_of_one_name_have_two_numbers(preview) -> None:
    titles = ["编号", *SIMPLE, "签约时间"]
    rows = [[1, "王小明", "居民", "2021-05-15"], [2, "王小明", "居民", "2021-05-15"]]
    assert kinds(preview(workbook([titles, *rows]))) == {2: "new", 3: "new"}


def test_residents_of_one_name_are_told_apart_by_phone(preview, commit) -> None:
    listed = PartnerFactory(name="王小明", kind="resident")
    ContactFactory(partner=listed, is_main=True, phone="13900000001")
    titles = [*SIMPLE, "电话"]
    rows = [
        ["王小明", "居民", "13900000001"],
        ["王小明", "居民", "13900000002"],
        ["王小明", "居民", "13900000003"],
        ["王小明", "居民", "13900000002"],
        ["般阳茶社", "企业", "13900000004"],
        ["般阳茶社", "企业", "13900000005"],
    ]
    found = preview(workbook([titles, *rows]))
    assert kinds(found) == {
        2: "unchanged", 3: "new", 4: "new", 5: "duplicate", 6: "new", 7: "error",
    }  # fmt: skip
    commit(found, leaves_out=True)
    assert Partner.objects.filter(name="王小明").count() == 3
    again = preview(workbook([titles, *rows[:5]]))
    assert set(kinds(again).values()) == {"unchanged", "duplicate"}


def test_residents_of_one_name_whose_listed_phone_is_not_known(preview, commit) -> None:
    listed = PartnerFactory(name="王小明", kind="resident")
    rows = [["王小明", "居民", "13900000001"], ["王小明", "居民", "13900000002"]]
    found = preview(workbook([[*SIMPLE, "电话"], *rows]))
    assert kinds(found) == {2: "changed", 3: "new"}
    assert Partner.objects.without_contact().get() == listed
    commit(found)
    assert listed.contacts.get().phone == "13900000001"
    assert not Partner.objects.without_contact().exists()
    assert Partner.objects.filter(name="王小明").count() == 2
