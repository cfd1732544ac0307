"""Later lists that name the people of a partner again, with more of their numbers or with fewer."""

import pytest

from partners.factories import ContactFactory, PartnerFactory
from partners.models import Contact, Partner
from tests.partners.imports.conftest import everything, kinds, workbook

TITLES = ["名称", "类别", "负责人及电话"]
Person = tuple[str, str]


@pytest.fixture
def tea(db: None) -> Partner:
    return PartnerFactory(name="般阳茶社", kind="enterprise")


@pytest.fixture
def listed(tea: Partner):
    """Have the list know these people, the first one as main contact."""

    def _listed(*people: Person) -> None:
        for index, (name, phone) in enumerate(people):
            ContactFactory(partner=tea, name=name, phone=phone, is_main=index == 0)

    return _listed


def contacts() -> list[Person]:
    """The main contact first."""
    return list(Contact.objects.values_list("name", "phone"))


def a_list(cell: str) -> bytes:
    return workbook([TITLES, ["般阳茶社", "企业", cell]])


def test_later_list_with_the_numbers_makes_nobody_two(preview, commit) -> None:
    numbers = a_list("张三 13805331234、李四 13905331234")
    names = workbook([[*TITLES[:2], "联系人", "联系人2"], ["般阳茶社", "企业", "张三", "李四"]])
    commit(preview(names))
    assert contacts() == [("张三", ""), ("李四", "")]
    found = preview(numbers)
    assert found.rows.get().changes == [
        ["phone", None, "13805331234"],
        ["others", [["李四", ""]], [["李四", "13905331234"]]],
    ]
    commit(found)
    assert contacts() == [("张三", "13805331234"), ("李四", "13905331234")]
    assert Contact.objects.get(is_main=True).name == "张三"
    for number in ("13805331234", "13905331234"):
        assert Partner.objects.matching(number).exists()
    before = everything()
    assert kinds(preview(numbers)) == {2: "unchanged"}
    assert kinds(preview(names)) == {2: "unchanged"}
    assert everything() == before


@pytest.mark.parametrize(
    ("known", "cell", "expected"),
    [
        # In another order, the main contact stays it.
        (
            [("李四", ""), ("张三", "")],
            "张三 13805331234、李四 13905331234",
            [("李四", "13905331234"), ("张三", "13805331234")],
        ),
        # Who has a number keeps it; of several nobody replaces another.
        (
            [("张三", "13805331234"), ("李四", "")],
            "王五 13605331234、李四 13905331234",
            [("张三", "13805331234"), ("李四", "13905331234"), ("王五", "13605331234")],
        ),
        (
            [("张三", "13805331234"), ("李四", "13905331234")],
            "张三 13605331234、李四 13905331234",
            [("张三", "13805331234"), ("李四", "13905331234"), ("张三", "13605331234")],
        ),
        # One number for the one contact without, and another besides.
        (
            [("张三", "")],
            "张三 13805331234/0533-5180000",
            [("张三", "13805331234"), ("张三", "05335180000")],
        ),
        # Nobody listed has a number: the main contact is whom the list names.
        (
            [("张三", ""), ("李四", "")],
            "王五 13605331234、李四 13905331234",
            [("王五", "13605331234"), ("李四", "13905331234")],
        ),
        # But nobody goes whom the list names as well.
        (
            [("张三", ""), ("李四", "")],
            "王五 13605331234、张三",
            [("张三", ""), ("李四", ""), ("王五", "13605331234")],
        ),
        # A further contact named alone is no second main one.
        (
            [("张三", ""), ("李四", "")],
            "李四 13905331234",
            [("张三", ""), ("李四", "13905331234")],
        ),
        (
            [("张三", "13805331234"), ("李四", "13905331234")],
            "李四",
            [("张三", "13805331234"), ("李四", "13905331234")],
        ),
        # One person alone replaces the main contact.
        ([("张三", ""), ("李四", "")], "王五 13605331234", [("王五", "13605331234"), ("李四", "")]),
        ([("张三", "13805331234")], "王五 13605331234", [("王五", "13605331234")]),
        ([("张三", "")], "张三 13605331234", [("张三", "13605331234")]),
        ([], "张三 13805331234、李四", [("张三", "13805331234"), ("李四", "")]),
    ],
)
def test_later_list_adds_whom_the_list_lacks_and_what_they_lack(
    known, cell, expected, listed, preview, commit
) -> None:
    listed(*known)
    content = a_list(cell)
    found = preview(content)
    if found.rows.get().kind == "changed":
        commit(found)
    assert contacts() == expected
    assert kinds(preview(content)) == {2: "unchanged"}
