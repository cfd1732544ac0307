"""Lists that hold names and phone numbers in one column, or several people of a partner."""

import pytest
from django.core.exceptions import ValidationError

from banyang.foundation.phones import numbers_in
from partners.factories import ContactFactory, PartnerFactory
from partners.imports import people
from partners.imports.columns import guess, recognise
from partners.imports.models import ImportRow
from partners.models import Contact, Partner
from tests.partners.imports.conftest import (
    SIMPLE,
    TITLES,
    code,
    everything,
    kinds,
    problems,
    row,
    workbook,
)

TEA = ["般阳茶社", "企业"]


def contacts() -> list[tuple[str, str, bool]]:
    return list(Contact.objects.order_by("pk").values_list("name", "phone", "is_main"))


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("负责人及电话", "contact"),
        ("联系人及电话", "contact"),
        ("联系人及联系方式", "contact"),
        ("联系人及\n联系电话", "contact"),
        ("负责人（电话）", "contact"),
        ("联系人(手机号码)", "contact"),
        ("联系人/电话", "contact"),
        ("法人、联系方式", "contact"),
        ("联系人电话", "phone"),
        ("联系电话（手机）", "phone"),
        ("联系人（必填）", "contact"),
        ("联系人1", "contact"),
        ("联系电话一", "phone"),
        ("联系人2", "more_contacts"),
        ("联系人（2）", "more_contacts"),
        ("第二联系人", "more_contacts"),
        ("备用联系人", "more_contacts"),
        ("其他联系人", "more_contacts"),
        ("其他联系人及电话", "more_contacts"),
        ("联系人3", "more_contacts"),
        ("联系电话2", "more_phones"),
        ("备用电话", "more_phones"),
        ("第二联系人电话", "more_phones"),
        ("联系人2电话", "more_phones"),
        ("其他联系人电话", "more_phones"),
        ("其他", "note"),
        ("说明2", None),
        ("备注/电话", None),
    ],
)
def test_titles_of_contacts_are_recognised(title, field) -> None:
    assert recognise(title) == field


def test_second_pair_of_contact_columns_is_a_further_contact() -> None:
    assert guess(["名称", "负责人", "电话", "联系人", "联系人电话"]) == [
        "name", "contact", "phone", "more_contacts", "more_phones"
    ]  # fmt: skip
    # Whose the one phone is cannot be said.
    assert guess(["名称", "法人", "联系人", "电话"]) == ["name", "contact", "", "phone"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("张三 13805331234", [["张三", "13805331234"]]),
        ("张三13805331234", [["张三", "13805331234"]]),
        ("张三１３８０５３３１２３４", [["张三", "13805331234"]]),
        ("张三（13805331234）", [["张三", "13805331234"]]),
        ("张三（书记）138 0533 1234", [["张三（书记）", "13805331234"]]),
        ("联系人：张三，电话：13805331234", [["张三", "13805331234"]]),
        ("张三 +86 13805331234", [["张三", "13805331234"]]),
        ("张三8613805331234", [["张三", "13805331234"]]),
        ("张三 （0533）5180000转8", [["张三", "05335180000-8"]]),
        ("张三 400-800-1234", [["张三", "4008001234"]]),
        ("王转 13805331234", [["王转", "13805331234"]]),
        ("张三 138.0533.1234", [["张三", "13805331234"]]),
        ("张三 138 - 0533 - 1234", [["张三", "13805331234"]]),
        ("张三 138——0533——1234", [["张三", "13805331234"]]),
        ("张三 138\n0000\n0000", [["张三", "13800000000"]]),
        ("张三（0533）518－0000", [["张三", "05335180000"]]),
        ("张三 0533-5180000转13805331234", [["张三", "05335180000"], ["张三", "13805331234"]]),
        ("13805331234", [["", "13805331234"]]),
        ("13805331234（张三）", [["张三", "13805331234"]]),
        ("张三13805331234（微信同号）", [["张三", "13805331234"]]),
        ("张三 13805331234 办公0533-5180000", [["张三", "13805331234"], ["张三", "05335180000"]]),
        ("13805331234 张三", [["张三", "13805331234"]]),
        ("13805331234张三、13905331234李四", [["张三", "13805331234"], ["李四", "13905331234"]]),
        ("王五 13905334444、赵六 13905339999", [["王五", "13905334444"], ["赵六", "13905339999"]]),
        ("王五13905334444赵六13905339999", [["王五", "13905334444"], ["赵六", "13905339999"]]),
        ("周八：0533-5180000 / 吴九：13605330002", [["周八", "05335180000"], ["吴九", "13605330002"]]),
        ("赵一 13605330001、钱二", [["赵一", "13605330001"], ["钱二", ""]]),
        ("赵一\n13605330001\n钱二\n13605330002", [["赵一", "13605330001"], ["钱二", "13605330002"]]),
        ("赵一、钱二 13605330001、13605330002", [["赵一", "13605330001"], ["钱二", "13605330002"]]),
        ("赵一 13605330001/0533-5180000", [["赵一", "13605330001"], ["赵一", "05335180000"]]),
        ("3号楼张三 13805331234", [["3号楼张三", "13805331234"]]),
        ("张三", []),
        ("张三、李四", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_and_numbers_of_one_cell_are_told_apart(cell, expected) -> None:
    assert people.in_cell(cell) == expected


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("张三 1380533", "不是电话号码"),
        ("张三 138053312345", "不是电话号码"),
        ("张三 370302198001011234", "不是电话号码"),
        ("赵一、钱二 13605330001", "每个姓名后面"),
        ("13605330001、赵一 13605330002", "每个姓名后面"),
        ("张三 138\n\n\n0000\n0000", "含有电话号码"),
        ("赵一、张三 138\n\n\n0000\n0000", "含有电话号码"),
    ],
)
def test_cell_that_cannot_be_told_apart_says_what_to_do(cell, said, preview) -> None:
    found = preview(workbook([[*SIMPLE, "负责人及电话"], [*TEA, cell]]))
    ((name, sentence),) = problems(found, 2)
    assert found.mapping["titles"][name] == "负责人及电话"
    assert said in sentence


def test_people_of_one_column_are_contacts_with_numbers(preview, commit) -> None:
    cells = {
        "甲": "张三13805331234",
        "乙": "王五 13905334444、赵六 13905339999",
        "丙": "赵一 13605330001、钱二",
        "丁": "13605330009",
        "戊": "孙七",
    }
    content = workbook(
        [[*SIMPLE, "负责人及电话"], *([name, "企业", cell] for name, cell in cells.items())]
    )
    commit(preview(content))
    assert contacts() == [
        ("张三", "13805331234", True),
        ("王五", "13905334444", True),
        ("赵六", "13905339999", False),
        ("赵一", "13605330001", True),
        ("钱二", "", False),
        ("丁", "13605330009", True),
        ("孙七", "", True),
    ]
    before = everything()
    assert set(kinds(preview(content)).values()) == {ImportRow.Kind.UNCHANGED}
    assert everything() == before


@pytest.mark.parametrize("field", ["contact", "phone", "more_contacts", "more_phones"])
def test_no_name_holds_a_number_however_the_column_is_matched(field, preview, commit) -> None:
    content = workbook([[*SIMPLE, "某列"], [*TEA, "张三 13805331234"]])
    commit(preview(content, columns={"某列": field}))
    assert contacts() == [("张三", "13805331234", True)]
    assert kinds(preview(content, columns={"某列": field})) == {2: "unchanged"}


@pytest.mark.parametrize(
    ("name_cell", "phone_cell", "expected"),
    [
        ("张三 13805331234", "13805331234", [["张三", "13805331234"]]),
        ("张三 13805331234", "0533-5180000", [["张三", "13805331234"], ["张三", "05335180000"]]),
        ("赵一 13605330001、钱二", "13605330002", [["赵一", "13605330001"], ["钱二", "13605330002"]]),
        ("", "张三 13805331234", [["张三", "13805331234"]]),
        ("张三", "办公室：0533-5180000", None),
    ],
)  # fmt: skip
def test_numbers_in_both_columns_belong_together(name_cell, phone_cell, expected) -> None:
    if expected is None:
        with pytest.raises(ValidationError):
            people.of_cells(name_cell, phone_cell)
    else:
        assert people.of_cells(name_cell, phone_cell) == expected


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\n\n", "\n \n", "\u3000"])
def test_number_spread_over_lines_is_no_part_of_a_name(blank, preview, commit) -> None:
    cell = blank.join(["张三 138", "0000", "0000"])
    commit(preview(workbook([[*SIMPLE, "负责人及电话"], [*TEA, cell]])))
    assert contacts() == [("张三", "13800000000", True)]


def test_partner_whose_name_holds_a_number_is_an_error(preview) -> None:
    found = preview(workbook([SIMPLE, ["般阳茶社13805331234", "企业"]]))
    assert problems(found, 2)[0][0] == "name"


SECOND = ["联系人", "联系电话", "联系人2", "联系电话2"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["张三", "13805331234", "李四", "13905331234"],
            [("张三", "13805331234", True), ("李四", "13905331234", False)],
        ),
        (
            ["张三", "13805331234", "", "13905331234"],
            [("张三", "13805331234", True), ("张三", "13905331234", False)],
        ),
        (
            ["张三", "13805331234", "李四", ""],
            [("张三", "13805331234", True), ("李四", "", False)],
        ),
        (
            ["张三", "13805331234", "李四 13905331234、王五", ""],
            [("张三", "13805331234", True), ("李四", "13905331234", False), ("王五", "", False)],
        ),
        (["张三", "13805331234", "", "13805331234"], [("张三", "13805331234", True)]),
        (["", "", "李四", "13905331234"], [("李四", "13905331234", True)]),
        (["张三", "13805331234", "", ""], [("张三", "13805331234", True)]),
    ],
)
def test_second_contact_columns_are_further_contacts(cells, expected, preview, commit) -> None:
    content = workbook([[*SIMPLE, *SECOND], [*TEA, *cells]])
    commit(preview(content))
    assert contacts() == expected
    before = everything()
    assert kinds(preview(content)) == {2: "unchanged"}
    assert everything() == before


def test_further_contacts_may_have_several_columns(preview, commit) -> None:
    titles = ["联系人1", "电话1", "联系人2", "电话2", "联系人3", "电话3"]
    cells = ["张三", "13805331234", "李四", "", "王五", "13905331234"]
    commit(preview(workbook([[*SIMPLE, *titles], [*TEA, *cells]])))
    assert contacts() == [
        ("张三", "13805331234", True),
        ("李四", "", False),
        ("王五", "13905331234", False),
    ]


def test_further_contact_is_added_to_those_the_list_has(preview, commit) -> None:
    partner = PartnerFactory(name="般阳茶社", kind="enterprise")
    ContactFactory(partner=partner, name="张三", phone="13805331234", is_main=True)
    commit(preview(workbook([[*SIMPLE, "备用联系人", "备用电话"], [*TEA, "李四", "13905331234"]])))
    assert contacts() == [("张三", "13805331234", True), ("李四", "13905331234", False)]
    assert Partner.objects.matching("13905331234").get() == partner


def test_wrong_cell_of_a_further_contact_is_named(preview) -> None:
    found = preview(
        workbook([[*TITLES, "联系人2", "备用电话"], [*row(1), "李四 138053", ""], [*row(2), "李四", "138"]])
    )  # fmt: skip
    assert [problems(found, line)[0][0] for line in (2, 3)] == ["more_contacts", "more_phones"]
    assert found.mapping["titles"]["more_phones"] == "备用电话"


def test_names_shown_in_a_preview_hold_no_number(preview) -> None:
    rows = [row(1, 联系人="张三 13805331234"), row(2, 联系人="李四13905331234", 统一社会信用代码=code(2))]  # fmt: skip
    found = preview(workbook([TITLES, *rows]))
    for stored in found.rows.all():
        assert not numbers_in(stored.values["contact"])
