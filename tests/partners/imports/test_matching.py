"""Matching the columns of a list with what a partner has: what is shown, chosen and refused."""

from io import BytesIO

import openpyxl
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from partners.imports.columns import FIELDS, guess, recognise
from partners.imports.models import PartnerImport
from tests.partners.imports.conftest import (
    SIMPLE,
    TITLES,
    code,
    match_columns,
    row,
    values,
    workbook,
)

State = PartnerImport.State


def test_samples_mask_phone_numbers(staff_client, upload) -> None:
    found = upload(workbook([TITLES, row(1)]))
    page = staff_client.get(reverse("import_match", args=[found.pk])).content.decode()
    assert "139****0001" in page
    assert "13900000001" not in page


def test_samples_mask_phone_numbers_in_full_width_digits(staff_client, upload) -> None:
    wide = "１３９５３３１０００２"
    found = upload(workbook([TITLES, [wide if cell == "13900000001" else cell for cell in row(1)]]))
    page = staff_client.get(reverse("import_match", args=[found.pk])).content.decode()
    assert wide not in page
    assert "139****0002" in page


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("张三13805331234", "张三138****1234"),
        ("张三 138 0533 1234、李四", "张三 138****1234、李四"),
        ("电话+8613805331234", "电话138****1234"),
        ("13805331234 13905331235", "138****1234 139****1235"),
        ("周八：0533-5180000", "周八:0533****0000"),
        ("周八（0533）5180000转8", "周八0533****0000转8"),
        ("91370302MA13812345", "91370302MA13812345"),
    ],
)
def test_samples_mask_numbers_beside_chinese_characters(cell, shown, staff_client, upload) -> None:
    found = upload(workbook([["名称", "类别", "某列"], ["般阳茶社", "企业", cell]]))
    page = staff_client.get(reverse("import_match", args=[found.pk]))
    assert f"<div>{shown}</div>" in page.text


LANGUAGES = list(dict(settings.LANGUAGES))


@pytest.mark.parametrize("read_in", LANGUAGES)
@pytest.mark.parametrize("made_in", LANGUAGES)
def test_columns_of_our_own_lists_are_recognised_in_any_language(
    made_in, read_in, staff_client
) -> None:
    def titles(page: str, line: int) -> list[str]:
        staff_client.cookies[settings.LANGUAGE_COOKIE_NAME] = made_in
        content = b"".join(staff_client.get(reverse(page)).streaming_content)
        return [cell.value for cell in openpyxl.load_workbook(BytesIO(content)).active[line]]

    serial, *exported = titles("partner_export", 3)
    blank = titles("import_template", 1)

    assert ("Name" in exported) == ("name" in blank) == (made_in == "en")
    with translation.override(read_in):
        assert [title for title in exported if not recognise(title)] == []
        assert [recognise(title) for title in blank] == list(FIELDS)
        assert guess([serial, *exported])[:2] == ["", "number"]


def test_columns_recognised_are_not_those_chosen_by_hand(staff_client, upload) -> None:
    found = upload(workbook([["名称", "类别", "甲", "乙"], ["般阳茶社", "企业", "1", "2"]]))
    response = match_columns(staff_client, found, column_2="note", column_3="note")
    assert "column_3" in response.context["form"].errors
    assert "已自动识别2列" in response.text


def test_a_column_taken_twice_is_refused(staff_client, upload) -> None:
    found = upload(workbook([["名称", "店名"], ["般阳茶社", "茶社"]]))
    response = match_columns(staff_client, found, column_1="name")
    (said,) = response.context["form"].errors["column_1"]
    assert "“名称”已对应“名称”列" in said
    assert "另一列选“不导入”" in said


def test_a_second_contact_column_is_advised_to_be_a_further_contact(staff_client, upload) -> None:
    found = upload(workbook([["名称", "联系人", "经理"], ["般阳茶社", "张三", "李四"]]))
    response = match_columns(staff_client, found, column_2="contact", kind="enterprise")
    (said,) = response.context["form"].errors["column_2"]
    assert "“其他联系人”" in said
    response = match_columns(staff_client, found, column_2="more_contacts", kind="enterprise")
    assert response.context["import"].state == State.PREVIEWED


def test_the_name_must_be_matched(staff_client, upload) -> None:
    found = upload(workbook([["名称", "电话"], ["般阳茶社", "13812345678"]]))
    response = match_columns(staff_client, found, column_0="")
    assert response.context["form"].non_field_errors()


def test_samples_show_days_as_days_and_no_second_header(staff_client, upload) -> None:
    found = upload(workbook([TITLES, row(1, 签约时间=44331), TITLES, row(2, 签约时间=44331)]))
    page = staff_client.get(reverse("import_match", args=[found.pk]))
    samples = {field.label: shown for field, shown in page.context["form"].columns}
    assert samples["签约时间"] == ["2021-05-15"]
    assert samples["单位名称"] == ["般阳第1便民服务部", "般阳第2便民服务部"]


def test_numbers_can_be_given_where_no_column_holds_them(staff_client, upload) -> None:
    found = upload(workbook([["名称", "签约时间"], ["般阳茶社", "2021-05-15"]]))
    response = match_columns(staff_client, found, gives_numbers="on", column_1="")
    assert "gives_numbers" in response.context["form"].errors
    response = match_columns(staff_client, found, gives_numbers="on", kind="enterprise")
    assert response.context["numbers"] == "1"


def test_a_signing_day_needs_a_number_column(staff_client, upload) -> None:
    found = upload(workbook([["序号", "名称", "签约时间"], [1, "般阳茶社", "2021-05-15"]]))
    response = match_columns(staff_client, found)
    assert "column_2" in response.context["form"].errors
    response = match_columns(staff_client, found, column_0="number", kind="enterprise")
    assert response.context["import"].state == State.PREVIEWED


def test_another_sheet_and_header_can_be_chosen(staff_client, upload) -> None:
    book = openpyxl.Workbook()
    book.active.append(["随便", "写写"])
    other = book.create_sheet("二")
    other.append(["甲", "乙"])
    other.append(["店", "话"])
    other.append(["般阳茶社", "13812345678"])
    buffer = BytesIO()
    book.save(buffer)
    found = upload(buffer.getvalue())
    page = staff_client.get(reverse("import_match", args=[found.pk]), {"sheet": "1", "header": "2"})
    assert page.context["form"].titles == ["店", "话"]


def test_blank_template_is_recognised_whole(staff_client, upload) -> None:
    response = staff_client.get(reverse("import_template"))
    content = b"".join(response.streaming_content)
    book = openpyxl.load_workbook(BytesIO(content))
    book.active.append([1, "般阳茶社", "企业", code(1)])
    buffer = BytesIO()
    book.save(buffer)
    found = upload(buffer.getvalue())
    page = staff_client.get(reverse("import_match", args=[found.pk]))
    assert all(field.value() for field, _samples in page.context["form"].columns)


@pytest.mark.parametrize(
    ("field", "titles"),
    [
        ("name", "店名 门店名称 商家名称 合伙单位名称"),
        ("number", "合伙人编码"),
        ("credit_code", "营业执照号码"),
        ("contact", "法人代表 法人姓名 法定代表人姓名"),
        ("phone", "固定电话 办公电话 座机 单位电话 联系号码"),
        ("community", "所属居委会"),
        ("address", "经营场所"),
        ("signed_on", "签约日 加入日期"),
        ("agreement_ends_on", "有效期限 签约期限 合同期限 起止时间 协议起止时间 协议起止日期"),
        ("offers", "提供服务内容 能提供的服务"),
        ("note", "备注信息"),
    ],
)
def test_title_that_offices_write_is_recognised(field: str, titles: str) -> None:
    assert [recognise(title) for title in titles.split()] == [field] * len(titles.split())


def test_term_under_a_title_of_beginning_and_end_is_read(preview) -> None:
    titles = ["编号", "名称", "类别", "签约日", "协议起止日期"]
    found = preview(
        workbook([titles, [1, "般阳茶社", "企业", "2021-05-15", "2021.5.15-2024.5.14"]])
    )
    assert values(found, 2)["agreement_ends_on"] == "2024-05-14"


def test_filled_columns_that_are_left_out_are_told_before_and_after(
    staff_client, preview, commit
) -> None:
    titles = ["名称", "类别", "法人代表", "会员等级", "年检情况", "空列"]
    found = preview(
        workbook([titles, ["般阳茶社", "企业", "张三", "甲", "已年检", ""]]),
        columns={"年检情况": "note"},
    )
    said = "以下列未导入：会员等级。"
    assert said in staff_client.get(reverse("import_preview", args=[found.pk])).text
    commit(found)
    assert said in staff_client.get(reverse("import_detail", args=[found.pk])).text
    whole = preview(workbook([SIMPLE, ["般阳书屋", "企业"]]))
    assert "未导入：" not in staff_client.get(reverse("import_preview", args=[whole.pk])).text
