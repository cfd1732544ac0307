"""An import through its pages; matching the columns is in `test_matching`."""

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from banyang.accounts.models import Export
from banyang.foundation.uploads import MAX_UPLOAD_BYTES, was_too_big
from partners.factories import PartnerFactory
from partners.imports import progress
from partners.imports.factories import ImportFactory
from partners.imports.models import ImportRow, PartnerImport
from partners.models import Partner
from tests.partners.imports.conftest import TITLES, code, match_columns, row, workbook

State = PartnerImport.State


def upload_file(client: Client, content: bytes, name: str = "名单.xlsx"):
    return client.post(reverse("import_upload"), {"file": SimpleUploadedFile(name, content)})


def commit_form(client: Client, partner_import: PartnerImport) -> tuple[str, dict[str, str]]:
    """Where the preview's button to import leads, and what its form posts."""
    page = client.get(reverse("import_preview", args=[partner_import.pk])).content.decode()
    url = reverse("import_commit", args=[partner_import.pk])
    form = page.split(f'action="{url}"')[1].split("</form>")[0]
    return url, dict(
        re.findall(r'<input type="hidden" name="(seen|leaves_out)" value="(.*?)"', form)
    )


def test_whole_way_from_upload_to_report(staff_client, community) -> None:
    rows = [row(1), row(2, 联系电话="138"), row(1)]
    response = upload_file(staff_client, workbook([["合伙人名单"], TITLES, *rows]))
    partner_import = PartnerImport.objects.get()
    assert response.status_code == 302
    response = match_columns(staff_client, partner_import)
    assert response.redirect_chain[-1][0] == reverse("import_preview", args=[partner_import.pk])
    page = response.content.decode()
    assert "“联系电话”：“138”不是电话号码" in page
    url, form = commit_form(staff_client, partner_import)
    response = staff_client.post(url, form, follow=True)
    assert response.redirect_chain[-1][0] == reverse("import_detail", args=[partner_import.pk])
    assert Partner.objects.count() == 1
    left_out = staff_client.get(reverse("import_left_out", args=[partner_import.pk]))
    sheet = openpyxl.load_workbook(BytesIO(b"".join(left_out.streaming_content))).active
    assert [str(values[1]) for values in sheet.iter_rows(min_row=4, values_only=True)] == ["4", "5"]
    assert Export.objects.values_list("rows", "phones_shown").get() == (2, True)


def test_preview_says_once_of_which_row_all_its_errors_are(staff_client, preview) -> None:
    wrong = {"联系电话": "138", "签约时间": "2021-13-40", "单位性质": "无名"}
    found = preview(workbook([TITLES, row(1), row(2, **wrong)]))
    response = staff_client.get(reverse("import_preview", args=[found.pk]))
    shown = response.text.split("<tbody>")[1].split("</tr>")[0]
    assert shown.count("<li>") == 3
    assert re.search(r'data-label="行号">\s*3\s*</td>', shown)
    assert "第3行" not in shown


def test_errors_are_said_in_the_language_of_whoever_reads_them(staff_client, preview) -> None:
    wrong = {
        "联系电话": "138",
        "签约时间": "2021-13-40",
        "单位性质": "无名",
        "统一社会信用代码": "91370302MA3C0QXK4P",
    }
    content = workbook([TITLES, row(1), row(2, **wrong), row(3, 编号=1), ["合计"]])
    url = reverse("import_preview", args=[preview(content).pk])
    said = {}
    for language in ("zh-hans", "en"):
        staff_client.cookies["django_language"] = language
        shown = staff_client.get(url).context["rows"]
        said[language] = "\n".join(problem for row in shown for problem in row.problems)
    for chinese, english in (
        ("“138”不是电话号码", "“138” is no phone number"),
        ("“2021-13-40”", "“2021-13-40”"),
        ("企业、事业单位", "enterprise、institution"),
        ("与第2行编号相同", "row 2 has the same number"),
        ("合计行", "a total"),
    ):
        assert chinese in said["zh-hans"]
        assert english in said["en"]
    assert "不是" not in said["en"]


def test_preview_filters_by_kind_of_row(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1), row(2, 联系电话="138")]))
    response = staff_client.get(reverse("import_preview", args=[found.pk]), {"kind": "error"})
    assert [shown.row.line for shown in response.context["rows"]] == [3]


def test_preview_lists_errors_first_and_tells_kinds_by_shape(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1), row(1), row(2, 联系电话="138")]))
    response = staff_client.get(reverse("import_preview", args=[found.pk]))
    assert [shown.row.line for shown in response.context["rows"]] == [4, 2, 3]
    page = response.content.decode()
    shapes = Path("static/banyang.css").read_text()
    for tone in {kind.tone for kind in ImportRow.Kind}:
        assert f'class="state state-{tone}"' in page
        assert f".state-{tone}::before" in shapes
    assert len({kind.tone for kind in ImportRow.Kind}) == len(ImportRow.Kind)


def test_going_back_after_the_commit_shows_no_stale_preview(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    response = staff_client.get(reverse("import_preview", args=[found.pk]))
    assert "no-store" in response["Cache-Control"]


def test_preview_masks_phone_numbers(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    page = staff_client.get(reverse("import_preview", args=[found.pk])).content.decode()
    assert "139****0001" in page
    assert "13900000001" not in page


def test_preview_masks_phone_numbers_in_columns_taken_for_others(staff_client, preview) -> None:
    wrong = row(1, 单位名称="张三13805331234", 单位性质="13905331234", 所属社区="0533-5181234")
    rows = [[*TITLES, "地址"], [*wrong, ""], [*row(2), "13605331234"]]
    found = preview(workbook(rows))
    page = staff_client.get(reverse("import_preview", args=[found.pk])).content.decode()
    for shown in ("张三138****1234", "139****1234", "0533****1234", "136****1234"):
        assert shown in page
    for hidden in ("13805331234", "13905331234", "5181234", "13605331234"):
        assert hidden not in page
    # The download has it in full, and is written down as such.
    left_out = staff_client.get(reverse("import_left_out", args=[found.pk]))
    sheet = openpyxl.load_workbook(BytesIO(b"".join(left_out.streaming_content))).active
    assert "13905331234" in str(list(sheet.values))
    assert Export.objects.get().phones_shown


def test_list_tells_an_import_with_nothing_to_do(staff_client, preview, commit) -> None:
    commit(preview(workbook([TITLES, row(1)])))
    waiting = reverse("import_list")
    assert "没有需要导入的内容" not in staff_client.get(waiting).content.decode()
    preview(workbook([TITLES, row(1)]))
    page = staff_client.get(waiting).content.decode()
    assert "没有需要导入的内容" in page
    assert str(State.PREVIEWED.label) not in page


def test_preview_names_further_contacts_and_masks_their_phones(staff_client, preview) -> None:
    rows = [TITLES, row(1, 联系人="周八、吴九", 联系电话="13900000001/13805338888")]
    page = staff_client.get(
        reverse("import_preview", args=[preview(workbook(rows)).pk])
    ).content.decode()
    assert "吴九 138****8888" in page
    assert "13805338888" not in page


def test_preview_of_a_new_row_shows_all_that_will_be_saved(staff_client, preview) -> None:
    more = {
        "到期时间": "2099-05-14",
        "可提供的资源": "免费理发",
        "备注": "可上门",
        "地址": "般阳路8号",
    }
    found = preview(workbook([[*TITLES, *more], [*row(1), *more.values()]]))
    page = staff_client.get(reverse("import_preview", args=[found.pk])).content.decode()
    for value in ("2099年5月14日", "免费理发", "可上门", "般阳路8号"):
        assert value in page


@pytest.mark.parametrize("count", [1, 30])
def test_preview_costs_the_same_queries(
    count, staff_client, preview, django_assert_num_queries
) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in range(1, count + 1))]))
    staff_client.get(reverse("import_list"))
    with django_assert_num_queries(6):
        staff_client.get(reverse("import_preview", args=[found.pk]))


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_the_same_queries(count, staff_client, staff, django_assert_num_queries) -> None:
    ImportFactory.create_batch(count, by=staff)
    staff_client.get(reverse("import_list"))
    with django_assert_num_queries(4):
        assert staff_client.get(reverse("import_list")).status_code == 200


def test_a_file_too_large_is_refused_on_the_page(staff_client) -> None:
    response = upload_file(staff_client, b"PK" + bytes(MAX_UPLOAD_BYTES))
    assert response.status_code == 200
    assert "20 MB" in str(response.context["form"].errors["file"])
    assert not PartnerImport.objects.exists()


@pytest.mark.parametrize("checks_csrf", [True, False])  # who reads the files: middleware or a view
def test_more_files_than_any_page_asks_for_are_refused_and_leave_nothing(
    checks_csrf: bool, db: None, settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    visitor = Client(enforce_csrf_checks=checks_csrf)
    visitor.get(reverse("sign_in"))  # whose cookie is all that it takes
    large = 3 * 2**20  # kept on disk
    files = {f"file{n}": SimpleUploadedFile("a.bin", bytes(large)) for n in range(2)}

    answer = visitor.post(reverse("sign_in"), files)

    assert answer.status_code == 400
    assert "没有办理" in answer.text
    assert list(tmp_path.iterdir()) == []


def test_files_of_one_request_are_no_larger_together_than_one_may_be(settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    half = MAX_UPLOAD_BYTES // 2
    files = {f"file{n}": SimpleUploadedFile("a.bin", bytes(half)) for n in range(3)}
    request = RequestFactory().post("/", files)
    assert list(request.FILES) == ["file0", "file1"]
    assert was_too_big(request)
    request.close()


@pytest.mark.parametrize(
    ("rows", "said", "unsaid"),
    [
        ([row(1, 联系电话="138")], "每一行都有错误", "已在册"),
        ([row(1), row(2, 联系电话="138")], "其余各行的情况都已在册", "每一行都有错误"),
        ([["合计：1家"]], "没有合伙人", "已在册"),
        ([row(1)], "都已在册", "错误"),
    ],
)
def test_preview_says_why_there_is_nothing_to_import(
    rows, said, unsaid, staff_client, preview, commit
) -> None:
    if len(rows) > 1 or said == "都已在册":
        commit(preview(workbook([TITLES, row(1)])))
    found = preview(workbook([TITLES, *rows]))
    page = staff_client.get(reverse("import_preview", args=[found.pk]))
    notices = " ".join(str(page.context[name] or "") for name in ("obstacle", "obstacle_without"))
    assert said in notices
    assert unsaid not in notices.replace("表中有错误行", "")


def test_a_rename_is_written_once_somebody_ticked_that_it_is_one(staff_client, preview) -> None:
    partner = PartnerFactory(name="旧名字", credit_code=code(1), signed=True)
    found = preview(workbook([TITLES, row(1, 单位名称="新名字", 签约时间=None)]))
    url = reverse("import_preview", args=[found.pk])
    assert "这些更名属实" in staff_client.get(url).content.decode()
    rename = reverse("import_rename", args=[found.pk])
    commit = reverse("import_commit", args=[found.pk])
    for refused in (rename, commit):
        staff_client.post(refused, {"seen": found.preview_key})
        partner.refresh_from_db()
        assert partner.name == "旧名字"
    tick = {"renamed": "yes", "seen": found.renames_key}
    page = staff_client.post(rename, tick, follow=True).content.decode()
    assert 'name="renamed"' not in page
    assert "<del>旧名字</del>" in page
    staff_client.post(*commit_form(staff_client, found))
    partner.refresh_from_db()
    assert partner.name == "新名字"


def test_a_preview_that_was_not_seen_is_not_committed(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    url, form = commit_form(staff_client, found)
    match_columns(staff_client, found, column_4="")  # a colleague leaves the contacts out
    for unseen in (form, {}):
        page = staff_client.post(url, unseen, follow=True)
        assert "请再核对一遍预览" in page.text
        assert not Partner.objects.exists()
    staff_client.post(*commit_form(staff_client, found))
    assert Partner.objects.get().contacts.get().name == "般阳第1便民服务部"


def test_a_preview_compared_again_with_a_changed_list_is_another_one(staff_client, preview) -> None:
    partner = PartnerFactory(
        signed=True, name="般阳第1便民服务部", credit_code=code(1), address="甲"
    )
    found = preview(workbook([[*TITLES, "地址"], [*row(1), "乙"]]))
    url, form = commit_form(staff_client, found)
    Partner.objects.filter(pk=partner.pk).update(address="丙")
    match_columns(staff_client, found)
    staff_client.post(url, form)
    partner.refresh_from_db()
    assert partner.address == "丙"
    staff_client.post(*commit_form(staff_client, found))
    partner.refresh_from_db()
    assert partner.address == "乙"


def test_a_long_list_is_left_to_a_worker(staff_client, upload, monkeypatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr("partners.imports.views.run_import.delay", queued.append)
    monkeypatch.setattr("partners.imports.models.QUICK_ROWS", 2)
    found = upload(workbook([TITLES, row(1), row(2)]))
    response = match_columns(staff_client, found)
    assert queued == [found.pk]
    assert response.headers["Refresh"] == "2"


def test_a_step_that_died_can_be_started_again(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    PartnerImport.objects.filter(pk=found.pk).update(state=State.CHECKING)
    url = reverse("import_detail", args=[found.pk])
    response = staff_client.get(url)
    assert reverse("import_resume", args=[found.pk]) in response.content.decode()
    assert "Refresh" not in response.headers
    staff_client.post(reverse("import_resume", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == State.PREVIEWED


def test_a_running_step_is_not_started_twice(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    PartnerImport.objects.filter(pk=found.pk).update(state=State.CHECKING)
    progress.note(found.pk, 1, 2)
    staff_client.post(reverse("import_resume", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == State.CHECKING


def test_discarding_asks_first(staff_client, preview) -> None:
    found = preview(workbook([TITLES, row(1)]))
    url = reverse("import_discard", args=[found.pk])
    assert staff_client.get(url).status_code == 200
    assert ImportRow.objects.exists()
    staff_client.post(url)
    found.refresh_from_db()
    assert found.state == State.DISCARDED
    assert not ImportRow.objects.exists()
