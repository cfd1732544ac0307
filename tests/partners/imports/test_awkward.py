"""A list with all that offices do to one, and the report of what became of it."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from banyang.foundation.errors import Refused
from partners.imports.columns import FIELDS
from partners.imports.models import ImportRow
from partners.models import Contact, Partner
from tests.partners.imports.conftest import TITLES, code, everything, kinds, row, saved, workbook

HEAD = [
    "合伙人编号", "单 位 名 称", "单位性质（必填）", "统一社会信用代码\n（18位）", "所属社区", "地址", "负责人",
    "联系电话", "签约状态", "签约时间", "协议期限", "党支部", "可提供资源", "备注", "联系人2", "备用电话",
]  # fmt: skip
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
def awkward(community) -> bytes:
    """Titles above, merged cells, full width, days as text, several phones, remarks below."""
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ["般阳路街道合伙人名单（2021年）"],
        ["填报单位：街道办事处", None, "截至2021年5月"],
        HEAD,
        ["１", "般阳 茶社\u200b", " 企 业 ", code(1).translate(WIDE), community.short_name,
         "般阳路８号", "王小明", "13900000001".translate(WIDE), "已签约", "2021年5月15日",
         "至2099年5月14日", "茶社党支部", "免费喝茶\n每月一次", "可上门，\n周末不行",
         "李红", "0533-5180001"],
        [2, "淄川绘本馆", "社会组织", None, None, None, "李芳", 13900000002, "已签约",
         "2021.5.16", date(2099, 5, 15), None, "绘本借阅", "   "],
        [],
        HEAD,
        ["3", "张师傅修鞋", "个体工商户", "", community.short_name, "", "张强",
         "13900000003、0533-5180003", "已签约", 44333, "", "", "修鞋", "2021年6月起在东门"],
        ["合计：3家"],
        [None, None, None, None, None, None, "审核人：某某"],
    ]  # fmt: skip
    for line in rows:
        sheet.append(line)
    sheet.merge_cells("A1:P1")
    sheet.merge_cells("E4:E5")
    return saved(book)


def test_importing_an_awkward_list_again_changes_nothing(preview, commit, awkward) -> None:
    first = preview(awkward)
    assert set(first.mapping["columns"].values()) == set(FIELDS)
    assert kinds(first) == {
        4: "new", 5: "new", 7: "skipped", 8: "new", 9: "skipped", 10: "skipped"
    }  # fmt: skip
    commit(first)
    assert list(Partner.objects.order_by("number").values_list("name", "signed_on")) == [
        ("般阳茶社", date(2021, 5, 15)),
        ("淄川绘本馆", date(2021, 5, 16)),
        ("张师傅修鞋", date(2021, 5, 17)),
    ]
    assert Contact.objects.filter(phone="13900000003").exists()

    before = everything()
    again = preview(awkward)
    assert set(kinds(again).values()) == {ImportRow.Kind.UNCHANGED, ImportRow.Kind.SKIPPED}
    with pytest.raises(Refused):
        commit(again)
    assert everything() == before


def test_report_tells_what_was_written_given_and_left_out(preview, commit, sign_in, staff) -> None:
    rows = [row(1), row(2), row(1), row(3, 统一社会信用代码=code(3)[:-1] + "0"), ["合计：3家"]]
    done = commit(preview(workbook([TITLES, *rows])), leaves_out=True)
    client = sign_in(staff)
    response = client.get(reverse("import_detail", args=[done.pk]))

    page = " ".join(response.content.decode().split())
    figures = {"new": 2, "changed": 0, "unchanged": 0, "duplicate": 1, "skipped": 1, "error": 1}
    for kind, count in figures.items():
        assert f"<li><strong>{count}</strong>{ImportRow.Kind(kind).label}</li>" in page
    assert "名单已导入" in page
    assert "<dd>1–2</dd>" in page
    assert f"<dd>{done.file_name}</dd>" in page
    assert str(staff) in page
    left_out = reverse("import_left_out", args=[done.pk])
    assert f'href="{left_out}"' in page
    sheet = openpyxl.load_workbook(BytesIO(b"".join(client.get(left_out).streaming_content)))
    lines = [[str(cell) for cell in line] for line in sheet.active.values]
    assert [line[1] for line in lines[3:]] == ["4", "5", "6"]
    assert "统一社会信用代码" in lines[4][4]


def test_report_of_a_list_taken_whole_offers_nothing_left_out(
    preview, commit, sign_in, staff
) -> None:
    done = commit(preview(workbook([TITLES, row(1)])))
    page = sign_in(staff).get(reverse("import_detail", args=[done.pk])).content.decode()

    assert reverse("import_left_out", args=[done.pk]) not in page
    assert "<dd>1</dd>" in page


@pytest.mark.parametrize(
    "foot",
    [
        ["备注：以上为截至2021年5月的名单"],
        [None, "备 注：", "以上为截至2021年5月的名单"],
        ["填表人：张三", "审核人：李四", None, None, "联系电话：0533-5180003"],
        [None, "制表人：张三", None, None, "审核人：李四"],
        [None, "填报单位（盖章）", None, None, "填报日期：2021年5月20日"],
        ["联系电话：13900000003", None, "企业"],
    ],
)
def test_signatures_below_the_list_are_no_partners(preview, foot) -> None:
    assert kinds(preview(workbook([TITLES, row(1), foot]))) == {2: "new", 3: "skipped"}


@pytest.mark.parametrize("remark", ["说明 已全部签约", "以上合伙人均已签约"])
def test_a_remark_merged_across_the_columns_is_no_partner(preview, remark) -> None:
    book = openpyxl.Workbook()
    for cells in (TITLES, row(1), [remark]):
        book.active.append(cells)
    book.active.merge_cells("A3:H3")
    assert kinds(preview(saved(book))) == {2: "new", 3: "skipped"}


def test_partners_that_read_like_a_remark_stay_partners(preview) -> None:
    rows = [
        ["备注", *TITLES],
        ["备注：可上门", *row(1)],
        ["", *row(2, 单位名称="联系电话亭维修部")],
        ["", None, "说明书印刷厂"],
    ]
    assert kinds(preview(workbook(rows))) == {2: "new", 3: "new", 4: "error"}
