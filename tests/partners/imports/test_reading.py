"""Lists as people send them: read in spite of their looks."""

from io import BytesIO

import openpyxl
import pytest
import xlwt

from tests.partners.imports.conftest import SIMPLE, TITLES, kinds, row, saved, values, workbook


def test_title_rows_above_the_header(preview) -> None:
    rows = [
        ["般阳路街道合伙人名单"],
        [],
        ["填报单位：街道办事处", None, "2021年5月"],
        TITLES,
        row(1),
    ]
    assert kinds(preview(workbook(rows))) == {5: "new"}


def test_blank_lines_and_repeated_headers(preview) -> None:
    rows = [TITLES, row(1), [], [" ", "\u00a0"], TITLES, row(2)]
    assert kinds(preview(workbook(rows))) == {2: "new", 5: "skipped", 6: "new"}


def test_remarks_below_the_list_are_no_partners(preview) -> None:
    rows = [TITLES, row(1), ["合计：1家"], [None, None, None, None, "审核人：某某"]]
    assert kinds(preview(workbook(rows))) == {2: "new", 3: "skipped", 4: "skipped"}


def test_totals_are_no_partners_though_their_row_is_full(preview) -> None:
    rows = [
        TITLES,
        row(1, 单位名称="总计算机房"),
        row(2, 编号=None, 单位名称="合 计", 签约时间=None),
        ["总计：", "37家", None, None, "王小明"],
    ]
    assert kinds(preview(workbook(rows))) == {2: "new", 3: "skipped", 4: "skipped"}


def test_title_of_two_words_for_(preview) -> None:
    rows = [["单位全称", "法人/负责人", "类别", "备注/电话"], ["般阳茶社", "王小明", "企业", "x"]]
    found = preview(workbook(rows))
    assert values(found, 2)["contact"] == "王小明"
    assert "3" not in found.mapping["columns"]


def test_titles_with_spaces_line_breaks_brackets_and_full_width(preview) -> None:
    titles = ["编 号", "单位\n名称", "单位性质（必填）", "统一社会信用代码\n（18位）", "联系人 ",
              "联系电话(手机)", "\u3000所属社区", "签约时间【年月日】"]  # fmt: skip
    found = preview(workbook([titles, row(1)]))
    assert set(found.mapping["columns"].values()) == {
        "number",
        "name",
        "kind",
        "credit_code",
        "contact",
        "phone",
        "community",
        "signed_on",
    }


def test_serial_column_is_no_number_unless_said(preview) -> None:
    rows = [["序号", *SIMPLE], [7, "般阳茶社", "企业"]]
    assert "number" not in values(preview(workbook(rows)), 2)
    assert values(preview(workbook(rows), columns={"序号": "number"}), 2)["number"] == 7


def test_merged_cells_hold_for_all_their_rows(preview, community) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["所属社区", *SIMPLE],
        ["东升社区", "甲", "企业"],
        [None, "乙", "企业"],
        [None, "丙", "企业"],
    ):
        sheet.append(line)
    sheet.merge_cells("A2:A3")
    found = preview(saved(book))
    assert values(found, 2)["community"] == values(found, 3)["community"] == community.pk
    assert "community" not in values(found, 4)


def test_header_of_two_rows_under_merged_titles(preview) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["单位名称", "单位性质", "联系人", None])
    sheet.append([None, None, "姓名", "电话"])
    sheet.append(["般阳茶社", "企业", "王小明", "13812345678"])
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(cells)
    found = preview(saved(book))
    assert kinds(found) == {3: "new"}
    assert (values(found, 3)["contact"], values(found, 3)["phone"]) == ("王小明", "13812345678")


def test_the_sheet_with_a_header_is_taken(preview) -> None:
    book = openpyxl.Workbook()
    book.active.append(["填表说明", "请勿修改"])
    book.create_sheet("空表")
    hidden = book.create_sheet("旧名单")
    hidden.append(TITLES)
    hidden.append(row(9))
    hidden.sheet_state = "hidden"
    listed = book.create_sheet("名单")
    listed.append(TITLES)
    listed.append(row(1))
    found = preview(saved(book))
    assert values(found, 2)["number"] == 1


def test_old_excel_and_wps_files(preview) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for line, cells in enumerate([TITLES, row(1)]):
        for column, value in enumerate(cells):
            sheet.write(line, column, value)
    buffer = BytesIO()
    book.save(buffer)
    assert kinds(preview(buffer.getvalue())) == {2: "new"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_in_the_usual_encodings(encoding, delimiter, preview) -> None:
    text = "\r\n".join(delimiter.join(map(str, cells)) for cells in (TITLES, row(1)))
    assert kinds(preview(text.encode(encoding))) == {2: "new"}


def test_a_list_without_a_known_header_can_be_matched_by_hand(preview) -> None:
    rows = [["甲", "乙"], ["般阳茶社", "企业"]]
    found = preview(workbook(rows), columns={"甲": "name", "乙": "kind"})
    assert kinds(found) == {2: "new"}
