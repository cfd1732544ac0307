"""What is wrong is said by row and column."""

import pytest

from partners.factories import PartnerFactory
from tests.partners.imports.conftest import SIMPLE, TITLES, code, kinds, problems, row, workbook


@pytest.mark.parametrize(
    ("title", "cell", "said"),
    [
        ("统一社会信用代码", code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1"), "营业执照"),
        ("统一社会信用代码", "9137030", "18"),
        ("统一社会信用代码", 9.13703e17, "丢失"),
        ("统一社会信用代码", "9.13703E+17", "丢失"),
        ("联系电话", "123", "电话"),
        ("联系电话", "1.38E+10", "丢失"),
        ("签约时间", "2021年5月", "2021-05-15"),
        ("签约时间", "2021-02-30", "不是有效的日期"),
        ("签约时间", "2099-01-01", "不能晚于今天"),
        ("所属社区", "月球社区", "东升社区"),
        ("单位性质", "外星人", "企业"),
        ("编号", "甲一", "编号"),
        ("单位名称", None, "没有填写"),
        ("单位名称", "长" * 101, "100"),
        ("签约时间", None, "没有填写"),
    ],
)
def test_wrong_cells_are_named_in_plain_chinese(title, cell, said, preview) -> None:
    found = preview(workbook([TITLES, row(1, **{title: cell}), row(2)]))
    assert kinds(found)[2] == "error"
    (name, sentence), *_others = problems(found, 2)
    assert found.mapping["titles"][name] == title
    assert said in sentence


def test_all_that_is_wrong_with_a_row_is_said_at_once(preview) -> None:
    wrong = row(1, 联系电话="123", 编号=2, 签约时间="2099-01-01")
    PartnerFactory(credit_code=code(1), name="般阳第1便民服务部", signed=True)
    found = preview(workbook([TITLES, wrong, row(3, 联系电话="1", 签约时间="2099-01-01")]))
    assert {name for name, _said in problems(found, 2)} == {"phone", "number"}
    assert {name for name, _said in problems(found, 3)} == {"phone", "signed_on"}


def test_a_long_remark_in_place_of_a_name_is_a_wrong_row_and_no_more(preview) -> None:
    found = preview(workbook([TITLES, row(1), [None, "上表所列：" + "字" * 400]]))
    assert kinds(found) == {2: "new", 3: "error"}
    ((name, said),) = problems(found, 3)
    assert name == "name"
    assert "405" in said


def test_signed_without_a_number_names_the_columns_to_change(preview) -> None:
    titles = ["协议编号", *SIMPLE, "签约状态", "入伙时间"]
    rows = [[None, "甲", "企业", "已签约", None], [None, "乙", "企业", None, "2021-05-15"]]
    found = preview(workbook([titles, *rows]))
    for line in (2, 3):
        ((_name, said),) = problems(found, line)
        for title in ("协议编号", "签约状态", "入伙时间"):
            assert f"“{title}”" in said


def test_one_number_for_two_partners_is_an_error(preview) -> None:
    found = preview(workbook([TITLES, row(1), row(2, 编号=1)]))
    assert problems(found, 3)[0][0] == "number"


def test_agreement_that_ends_on_its_day_of_signing_is_refused_as_on_the_pages(preview) -> None:
    titles = [*TITLES, "到期日期"]
    days = {"签约时间": "2021-05-15", "编号": "1"}
    found = preview(workbook([titles, [*row(1, **days), "2021-05-15"]]))
    assert [name for name, _said in problems(found, 2)] == ["agreement_ends_on"]


@pytest.mark.parametrize("term", ["两年", "2028-05-14"])
def test_day_of_signing_that_cannot_be_read_is_the_only_thing_said(preview, term) -> None:
    titles = [*TITLES, "协议期限", "状态"]
    wrong = [*row(1, 编号="", 签约时间="2021年5月"), term, "已签约"]
    found = preview(workbook([titles, wrong]), gives_numbers=True)
    assert [name for name, _said in problems(found, 2)] == ["signed_on"]
    found = preview(workbook([titles, [*wrong[:-2], "没准", "已签约"]]), gives_numbers=True)
    assert [name for name, _said in problems(found, 2)] == ["signed_on", "agreement_ends_on"]


def test_term_beyond_all_years_is_a_wrong_row_and_no_more(preview) -> None:
    titles = [*TITLES, "协议期限"]
    rows = [[*row(1, 签约时间="9999-01-01"), "三年"], [*row(2, 编号=1), "三年"]]
    found = preview(workbook([titles, *rows]))
    assert kinds(found) == {2: "error", 3: "new"}
    assert [name for name, _said in problems(found, 2)] == ["signed_on"]


@pytest.mark.parametrize(
    ("name", "called"),
    [("长" * 101, "长" * 39 + "…"), ("张三13805331234", "张三138****1234")],
)
def test_row_with_a_wrong_name_is_called_by_its_beginning(name, called, preview) -> None:
    found = preview(workbook([TITLES, row(1, 单位名称=name)]))
    assert found.rows.get().name == called


def test_row_that_says_otherwise_than_an_earlier_one_says_what_to_do(preview) -> None:
    titles = [*TITLES, "地址"]
    rows = [[*row(1), "般阳路 8 号"], [*row(1), "般阳路8号"], [*row(1), "般阳路9号"]]
    found = preview(workbook([titles, *rows]))
    assert kinds(found) == {2: "new", 3: "duplicate", 4: "error"}
    ((name, said),) = problems(found, 4)
    assert name == "address"
    assert "第2行" in said
    assert "删去其中一行" in said


def test_row_with_more_than_a_lone_text_lacks_its_name(preview) -> None:
    titles = ["序号", *SIMPLE, "备注"]
    rows = [
        [1, "般阳茶社", "企业"],
        [2, None, "企业"],
        [None, None, "企业"],
        [4, None, None, "待定"],
    ]
    found = preview(workbook([titles, *rows]))
    assert kinds(found) == {2: "new", 3: "error", 4: "skipped", 5: "skipped"}
    assert problems(found, 3) == [["name", "没有填写"]]
