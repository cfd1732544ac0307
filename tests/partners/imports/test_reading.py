"""Files as people send them: awkward ones are read, hopeless ones answered."""

import datetime
import zipfile
from io import BytesIO

import openpyxl
import pytest
import xlwt

from partners.factories import ContactFactory, PartnerFactory
from partners.imports import reading
from partners.imports.models import ImportRow, PartnerImport
from partners.models import Partner
from tests.partners.imports.conftest import TITLES, code, kinds, problems, row, saved, workbook

State = PartnerImport.State
SIMPLE = ["名称", "类别"]


def sheet_of(book: openpyxl.Workbook) -> openpyxl.worksheet.worksheet.Worksheet:
    return book.active


def values(partner_import: PartnerImport, line: int) -> dict:
    return ImportRow.objects.get(partner_import=partner_import, line=line).values


# --- What is read in spite of its looks -------------------------------------------------------


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


def test_a_long_remark_in_place_of_a_name_is_a_wrong_row_and_no_more(preview) -> None:
    found = preview(workbook([TITLES, row(1), [None, "上表所列：" + "字" * 400]]))
    assert kinds(found) == {2: "new", 3: "error"}
    ((name, said),) = problems(found, 3)
    assert name == "name"
    assert "405" in said


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


def test_spaces_and_invisible_characters_around_values(preview) -> None:
    found = preview(workbook([SIMPLE, ["\u00a0般阳 茶社\u200b \n", " 企 业 "]]))
    assert values(found, 2) == {"name": "般阳茶社", "kind": "enterprise", "status": "applied"}


def test_full_width_digits(preview) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    written = {
        "编号": "１",
        "统一社会信用代码": code(1).translate(wide),
        "联系电话": "13900000001".translate(wide),
        "签约时间": "２０２１年５月１５日",
    }
    stored = values(preview(workbook([TITLES, row(1, **written)])), 2)
    assert stored["number"] == 1
    assert stored["credit_code"] == code(1)
    assert stored["phone"] == "13900000001"
    assert stored["signed_on"] == "2021-05-15"


def test_numbers_stored_as_numbers(preview) -> None:
    found = preview(workbook([TITLES, row(1, 联系电话=13812345678, 编号=1.0)]))
    assert values(found, 2)["phone"] == "13812345678"


@pytest.mark.parametrize(
    "day",
    [
        "2021年5月15日",
        "2021.5.15",
        "2021-05-15",
        "2021/5/15",
        "20210515",
        20210515,
        44331,
        "44331",
        "2021 年 5 月 15 日",
        "2021-05-15 00:00:00",
        datetime.date(2021, 5, 15),
        datetime.datetime(2021, 5, 15, 9, 30),  # noqa: DTZ001 (as openpyxl wants it)
    ],
    ids=str,
)
def test_days_in_every_usual_form(day, preview) -> None:
    assert values(preview(workbook([TITLES, row(1, 签约时间=day)])), 2)["signed_on"] == "2021-05-15"


@pytest.mark.parametrize(
    ("term", "last_day"),
    [
        ("3年", "2024-05-14"),
        ("三年", "2024-05-14"),
        ("2021年5月15日至2024年5月31日", "2024-05-31"),
        ("2021.5.15-2024.5.14", "2024-05-14"),
        (datetime.date(2024, 5, 14), "2024-05-14"),
        ("长期", None),
    ],
)
def test_terms_in_every_usual_form(term, last_day, preview) -> None:
    found = preview(workbook([[*TITLES, "协议期限"], [*row(1), term]]))
    assert values(found, 2).get("agreement_ends_on") == last_day


def test_merged_cells_hold_for_all_their_rows(preview, community) -> None:
    book = openpyxl.Workbook()
    sheet = sheet_of(book)
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
    sheet = sheet_of(book)
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
    sheet_of(book).append(["填表说明", "请勿修改"])
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


# --- What is wrong is said by row and column --------------------------------------------------


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
        ("签约时间", "2999-01-01", "将来"),
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
    wrong = row(1, 联系电话="123", 编号=2, 签约时间="2999-01-01")
    PartnerFactory(credit_code=code(1), name="般阳第1便民服务部", signed=True)
    found = preview(workbook([TITLES, wrong, row(3, 联系电话="1", 签约时间="2999-01-01")]))
    assert {name for name, _said in problems(found, 2)} == {"phone", "number"}
    assert {name for name, _said in problems(found, 3)} == {"phone", "signed_on"}


def test_signed_without_a_number_names_the_columns_to_change(preview) -> None:
    titles = ["协议编号", *SIMPLE, "签约状态", "入伙时间"]
    rows = [[None, "甲", "企业", "已签约", None], [None, "乙", "企业", None, "2021-05-15"]]
    found = preview(workbook([titles, *rows]))
    for line in (2, 3):
        ((_name, said),) = problems(found, line)
        for title in ("协议编号", "签约状态", "入伙时间"):
            assert f"“{title}”" in said


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


def test_one_number_for_two_partners_is_an_error(preview) -> None:
    found = preview(workbook([TITLES, row(1), row(2, 编号=1)]))
    assert problems(found, 3)[0][0] == "number"


def test_kind_is_told_by_the_credit_code(preview) -> None:
    found = preview(workbook([TITLES, row(1, 单位性质=None)]))
    assert values(found, 2)["kind"] == "enterprise"


def test_kind_can_be_said_for_all_rows_that_say_none(preview) -> None:
    content = workbook([["名称", "电话"], ["般阳茶社", None]])
    assert kinds(preview(content)) == {2: "error"}
    assert values(preview(content, kind="sole_trader"), 2)["kind"] == "sole_trader"


# --- What can't be read gets a clear answer ---------------------------------------------------


def zipped(**members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def far_corner() -> bytes:
    """A small file with a cell in the last corner: a reader would ask for 100 GB."""
    book = openpyxl.Workbook()
    sheet_of(book)["A1"] = "名称"
    sheet_of(book)["XFD1048576"] = "x"
    return saved(book)


def bomb() -> bytes:
    """A megabyte that unpacks to 500 MB."""
    return zipped(xl__workbook_xml=b"<workbook/>", xl__sheet_xml=bytes(500 * 1024 * 1024))


HOPELESS = {
    "picture": (lambda: b"\xff\xd8\xff\xe0" + bytes(1000), "picture"),
    "word": (lambda: zipped(word__document_xml=b"<document/>"), "word"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(1000), "pdf"),
    "archive": (lambda: zipped(list_xml=b"x"), "archive"),
    "web page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
    "text": ("随便写的一段话".encode, "no_excel"),
    "noise": (lambda: bytes(range(256)) * 20, "no_excel"),
    "empty": (lambda: b"", "empty"),
    "blank book": (lambda: workbook([]), "no_rows"),
    "cut off": (lambda: workbook([TITLES, *(row(n) for n in range(1, 50))])[:3000], "damaged"),
    "broken inside": (lambda: zipped(xl__workbook_xml=b"<work"), "damaged"),
    "password": (
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le")
        ),
        "password",
    ),
    "old word": (
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")
        ),
        "word",
    ),
    "bomb": (bomb, "too_big"),
    "far corner": (far_corner, "too_big"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_files_get_a_clear_answer(
    name, upload, django_capture_on_commit_callbacks, settings
) -> None:
    make, reason = HOPELESS[name]
    with django_capture_on_commit_callbacks(execute=True):
        found = upload(make())
    assert (found.state, found.report["reason"]) == (State.FAILED, reason)
    assert reason in reading.PROBLEMS
    # Nothing half-saved, and no file left behind.
    assert not found.file
    assert not ImportRow.objects.exists()
    assert not Partner.objects.exists()


def test_more_rows_than_allowed_are_refused(preview, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    found = preview(workbook([TITLES, *(row(n) for n in range(1, 10))]))
    assert (found.state, found.report["reason"]) == (State.FAILED, "too_many_rows")
    assert not ImportRow.objects.exists()


def test_a_reader_that_hangs_is_killed(upload, monkeypatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0)
    found = upload(workbook([TITLES, row(1)]))
    assert found.state == State.FAILED


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
