"""What a commit writes, and that it writes all or nothing."""

from datetime import date

import pytest
from pghistory.models import Events

from banyang.foundation.errors import Refused
from partners.factories import PartnerFactory
from partners.imports import actions
from partners.imports.models import ImportRow, PartnerImport
from partners.models import NumberBook, Partner
from tests.partners.imports.conftest import TITLES, code, everything, kinds, problems, row, workbook

State = PartnerImport.State


class FullDisk(Exception):
    """Something that nobody foresaw."""


def test_new_partners_come_in_signed_with_their_numbers(preview, commit, staff, community) -> None:
    done = commit(preview(workbook([TITLES, *(row(n) for n in range(1, 152))])))
    assert done.state == State.COMMITTED
    assert list(Partner.objects.values_list("number", flat=True)) == list(range(1, 152))
    partner = Partner.objects.get(number=151)
    assert (partner.name, partner.kind, partner.credit_code) == (
        "般阳第151便民服务部",
        "enterprise",
        code(151),
    )
    assert (partner.status, partner.signed_on, partner.community) == (
        "signed",
        date(2021, 5, 15),
        community,
    )
    contact = partner.contacts.get()
    assert (contact.name, contact.phone, contact.is_main) == ("王小明", "13900000151", True)
    step = partner.status_changes.get()
    assert (step.before, step.after, step.on, step.by) == (
        "",
        "signed",
        date(2021, 5, 15),
        staff,
    )
    assert NumberBook.objects.get().last == 151
    assert Partner.objects.matching("byd151").get() == partner


def test_history_names_the_import_and_who_committed_it(preview, commit, staff) -> None:
    done = commit(preview(workbook([TITLES, row(1)])))
    event = Events.objects.tracks(Partner.objects.get()).get()
    assert event.pgh_context["reason"] == f"import #{done.pk}"
    assert event.pgh_context["user"] == staff.pk


def test_status_change_says_in_words_that_an_import_entered_it(preview, commit, staff) -> None:
    staff.language = "en"  # whatever the clerk reads, others read the office's language
    staff.save()
    done = commit(preview(workbook([TITLES, row(1)])))

    assert Partner.objects.get().status_changes.get().reason == f"第{done.pk}号导入"


def test_importing_the_same_file_again_changes_nothing(preview, commit) -> None:
    content = workbook([TITLES, *(row(n) for n in range(1, 31))])
    commit(preview(content))
    before = everything()
    again = preview(content)
    assert set(kinds(again).values()) == {ImportRow.Kind.UNCHANGED}
    with pytest.raises(Refused):
        commit(again)
    assert everything() == before


def test_changed_fields_show_old_and_new_and_are_written(preview, commit) -> None:
    commit(preview(workbook([TITLES, row(1), row(2)])))
    changed = row(2, 联系电话="13811112222", 单位性质="事业单位")
    second = preview(workbook([TITLES, row(1), changed]))
    assert kinds(second) == {2: "unchanged", 3: "changed"}
    assert second.rows.get(line=3).changes == [
        ["kind", "enterprise", "institution"],
        ["phone", "13900000002", "13811112222"],
    ]
    commit(second)
    partner = Partner.objects.get(number=2)
    assert partner.kind == "institution"
    assert partner.contacts.get().phone == "13811112222"
    assert Partner.objects.matching("13811112222").get() == partner


def test_blank_cells_erase_nothing(preview, commit) -> None:
    commit(preview(workbook([TITLES, row(1)])))
    before = everything()
    again = preview(workbook([TITLES, row(1, 联系人=None, 联系电话=None, 所属社区="")]))
    assert kinds(again) == {2: "unchanged"}
    assert everything() == before


def test_rows_without_a_number_come_in_as_applied(preview, commit) -> None:
    commit(preview(workbook([["单位名称", "单位性质"], ["般阳养老驿站", "社会组织"]])))
    partner = Partner.objects.get()
    assert (partner.status, partner.number, partner.kind) == ("applied", None, "social")
    assert partner.status_changes.get().after == "applied"


def test_an_application_that_comes_with_a_number_has_signed(preview, commit) -> None:
    partner = PartnerFactory(name="般阳第1便民服务部", kind="enterprise")
    commit(preview(workbook([TITLES, row(1)])))
    partner.refresh_from_db()
    assert (partner.status, partner.number) == ("signed", 1)
    assert partner.status_changes.get().before == "applied"


def test_withdrawn_partners_keep_their_numbers_in_the_row(preview, commit) -> None:
    titles = [*TITLES, "状态"]
    rows = [[*row(1), "正常"], [*row(2), "已退出"], [*row(3), "暂停"]]
    commit(preview(workbook([titles, *rows])))
    assert list(Partner.objects.values_list("status", flat=True)) == [
        "signed",
        "withdrawn",
        "suspended",
    ]


def test_error_in_the_last_row_keeps_every_row_out(preview, commit) -> None:
    rows = [row(n) for n in range(1, 30)] + [row(30, 统一社会信用代码=code(30)[:-1] + "0")]
    before = everything()
    found = preview(workbook([TITLES, *rows]))
    assert problems(found, 31)[0][0] == "credit_code"
    with pytest.raises(Refused):
        commit(found)
    assert everything() == before
    assert PartnerImport.objects.get().state == State.PREVIEWED


def test_rows_with_errors_are_left_out_when_asked(preview, commit) -> None:
    rows = [row(n) for n in range(1, 30)] + [row(30, 统一社会信用代码=code(30)[:-1] + "0")]
    done = commit(preview(workbook([TITLES, *rows])), leaves_out=True)
    assert Partner.objects.count() == NumberBook.objects.get().last == 29
    assert kinds(done) == {31: "error"}


def test_a_failure_while_writing_undoes_all(preview, staff, monkeypatch) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in range(1, 6))]))
    before = everything()
    actions.commit_import(partner_import=found, seen=found.preview_key, leaves_out=False, by=staff)
    with monkeypatch.context() as patched:
        # The last thing a commit does.
        def fail(*args: object, **kwargs: object) -> None:
            raise FullDisk

        patched.setattr(actions, "_end", fail)
        with pytest.raises(FullDisk):
            actions.run_import(found.pk)
    found.refresh_from_db()
    assert found.state == State.COMMITTING
    assert everything() == before
    actions.run_import(found.pk)
    assert Partner.objects.count() == 5
