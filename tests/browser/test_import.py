"""Staff bring their Excel list in, as they would do it."""

import pytest

from partners.imports.models import PartnerImport
from partners.models import Partner
from tests.browser.conftest import DESKTOP, PHONE
from tests.partners.imports.conftest import TITLES, row, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("viewport", "javascript"), [(DESKTOP, True), (PHONE, True), (DESKTOP, False)]
)
def test_staff_import_their_list(visitor, staff, community, viewport, javascript) -> None:
    rows = [row(n) for n in range(1, 6)] + [row(6, 联系电话="138"), row(1)]
    content = workbook([["合伙人名单"], TITLES, *rows])
    clerk = visitor(staff, viewport=viewport, javascript=javascript)
    clerk.open("/partners/imports/")
    clerk.click("导入Excel名单")
    upload = {"name": "合伙人名单.xlsx", "mimeType": XLSX, "buffer": content}
    clerk.page.locator("input[type=file]").set_input_files(upload)
    clerk.click("上传并查看")
    clerk.sees("已自动识别8列")
    clerk.click("与合伙人名单比对")
    clerk.sees("“联系电话”：“138”不是电话号码")
    clerk.click("只导入无误的5行")
    clerk.sees("名单已导入")
    assert Partner.objects.count() == 5
    clerk.open("/partners/imports/")
    clerk.sees("合伙人名单.xlsx")


def test_a_file_that_is_no_list_is_answered_on_the_page(visitor, staff) -> None:
    clerk = visitor(staff, viewport=PHONE)
    clerk.open("/partners/imports/new/")
    upload = {"name": "名单.xlsx", "mimeType": XLSX, "buffer": b"%PDF-1.7 " + bytes(100)}
    clerk.page.locator("input[type=file]").set_input_files(upload)
    clerk.click("上传并查看")
    clerk.sees("这是PDF文件")


def test_progress_page_of_a_step_under_way_and_of_one_that_died(visitor, staff) -> None:
    from partners.imports import progress

    found = PartnerImport.objects.create(
        by=staff, file_name="大名单.xlsx", state=PartnerImport.State.COMMITTING
    )
    clerk = visitor(staff, viewport=PHONE)
    progress.note(found.pk, 30_000, 100_000)
    clerk.open(f"/partners/imports/{found.pk}/")
    clerk.sees("正在写入")
    progress.forget(found.pk)  # the page looks again by itself
    clerk.sees("这一步中断了")
    clerk.click("放弃本次导入")
    clerk.sees("合伙人名单保持不变")


def test_upload_under_way_says_so(visitor, staff) -> None:
    clerk = visitor(staff)
    clerk.open("/partners/imports/new/")
    assert clerk.page.get_by_text("正在上传").is_hidden()

    clerk.page.evaluate(
        "document.querySelector('main form').dispatchEvent(new Event('submit', {bubbles: true}))"
    )
    clerk.sees("正在上传")
    clerk.look()
