"""What a commit writes, and that it writes all or nothing."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pghistory.models import Events

from banyang.errors import Refused
from partners.actions import update_contact, update_partner
from partners.factories import ContactFactory, PartnerFactory
from partners.imports import actions
from partners.imports.models import ImportRow, PartnerImport
from partners.models import Contact, NumberBook, Partner, StatusChange
from tests.partners.imports.conftest import TITLES, code, kinds, problems, row, workbook

State = PartnerImport.State


class FullDisk(Exception):
    """Something that nobody foresaw."""


def everything() -> list:
    """Every row that an import may touch, with its history."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (
            Partner,
            Contact,
            StatusChange,
            NumberBook,
            Partner.pgh_event_model,
            Contact.pgh_event_model,
            StatusChange.pgh_event_model,
        )
    ]


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


def test_way_of_a_partner_says_in_words_that_an_import_entered_it(preview, commit) -> None:
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


def test_leaving_out_a_row_may_not_leave_a_gap(preview, commit) -> None:
    rows = [row(1), row(2, 联系电话="12345"), row(3)]
    found = preview(workbook([TITLES, *rows]))
    with pytest.raises(Refused, match="2"):
        commit(found, leaves_out=True)
    assert not Partner.objects.exists()


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


def test_a_gap_in_the_numbers_is_refused_and_named(preview, commit) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in (1, 2, 4, 7))]))
    with pytest.raises(Refused, match="3、5–6"):
        commit(found)


def test_numbers_go_on_where_the_book_stands(preview, commit) -> None:
    PartnerFactory(signed=True)
    commit(preview(workbook([TITLES, row(2), row(3)])))
    assert NumberBook.objects.get().last == 3


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


DATED = ["单位名称", "单位性质", "联系电话", "签约时间"]


def people(partner: Partner) -> list[tuple]:
    return list(partner.contacts.values_list("name", "phone", "is_main"))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("周八\n吴九", ["周八", "吴九"]),
        ("周八、吴九", ["周八", "吴九"]),
        ("周 八", ["周八", "周八"]),
        (None, ["般阳第1便民服务部", "般阳第1便民服务部"]),
    ],
)
def test_several_phones_in_a_cell_become_several_contacts(preview, commit, names, expected) -> None:
    content = workbook([TITLES, row(1, 联系人=names, 联系电话="13805339999/13805338888")])
    commit(preview(content))
    partner = Partner.objects.get()
    assert people(partner) == [
        (expected[0], "13805339999", True),
        (expected[1], "13805338888", False),
    ]
    assert Partner.objects.matching("13805338888").get() == partner
    before = everything()
    assert kinds(preview(content)) == {2: "unchanged"}
    assert everything() == before


def test_several_phones_are_added_to_those_the_list_has(preview, commit) -> None:
    partner = PartnerFactory(name="般阳第1便民服务部", credit_code=code(1))
    ContactFactory(partner=partner, name="吴九", phone="13805338888", is_main=True)
    content = workbook([TITLES, row(1, 联系人="周八\n吴九", 联系电话="13805339999/13805338888")])
    commit(preview(content))
    assert people(partner) == [("吴九", "13805338888", True), ("周八", "13805339999", False)]
    assert kinds(preview(content)) == {2: "unchanged"}


def test_rows_of_one_partner_with_other_further_phones_differ(preview) -> None:
    rows = [row(1, 联系电话=f"13805339999/1380533888{digit}") for digit in (7, 8)]
    found = preview(workbook([TITLES, *rows]))
    assert kinds(found) == {2: "new", 3: "error"}


def test_phones_that_nobody_can_tell_whose_they_are(preview) -> None:
    content = [TITLES, row(1, 联系人="周八、吴九、郑十", 联系电话="13805339999/13805338888")]
    ((name, said),) = problems(preview(workbook(content)), 2)
    assert name == "phone"
    assert "一格里有2个电话，联系人却有3位" in said


def dated(name: str, day: str | None, phone: str = "13900000001") -> list:
    return [name, "企业", phone, day]


def test_numbers_are_given_in_the_order_of_signing(preview, commit) -> None:
    PartnerFactory(signed=True, name="甲")
    PartnerFactory(name="丁", kind="enterprise")
    rows = [
        dated("乙", "2023-02-01"),
        dated("丙", "2022-01-01"),
        dated("丁", "2023-02-01"),
        dated("戊", None),
        dated("己", "2021-01-01", phone="138"),
        dated("甲", None),
    ]
    content = workbook([DATED, *rows])
    done = commit(preview(content, gives_numbers=True), leaves_out=True)
    assert done.state == State.COMMITTED
    assert dict(Partner.objects.values_list("name", "number")) == {
        "甲": 1,
        "丙": 2,
        "乙": 3,
        "丁": 4,
        "戊": None,
    }
    assert Partner.objects.get(name="丁").status == "signed"
    assert NumberBook.objects.get().last == 4
    before = everything()
    again = preview(content, gives_numbers=True)
    assert set(kinds(again).values()) == {"unchanged", "error"}
    assert everything() == before


def test_numbers_given_follow_those_that_the_list_has(preview, commit) -> None:
    rows = [row(1), row(2, 编号=None, 签约时间="2020-01-01"), row(3, 编号=2)]
    commit(preview(workbook([TITLES, *rows]), gives_numbers=True))
    assert Partner.objects.get(credit_code=code(2)).number == 3


def test_numbers_given_move_on_with_a_signing_since_the_preview(preview, commit) -> None:
    found = preview(workbook([DATED, dated("乙", "2023-02-01")]), gives_numbers=True)
    PartnerFactory(signed=True, name="捷足者")
    found = commit(found)
    assert (found.state, found.report["first_number"]) == (State.PREVIEWED, 2)
    commit(found)
    assert Partner.objects.get(name="乙").number == 2


def test_a_rename_confirmed_is_not_one_to_another_name(preview, commit, staff) -> None:
    commit(preview(workbook([TITLES, row(1)])))
    renamed = workbook([TITLES, row(1, 单位名称="新名字", 联系电话="13811112222")])
    found = preview(renamed)
    assert problems(found, 2)[0][0] == "name"
    seen = found.renames_key
    actions.confirm_renames(partner_import=found, seen=seen, by=staff)
    actions.run_import(found.pk)
    found.refresh_from_db()
    assert kinds(found) == {2: "changed"}
    # What was confirmed is this change of name, and no other.
    update_partner(partner=Partner.objects.get(), by=staff, name="别的名字")
    found = commit(found)
    assert kinds(found) == {2: "error"}
    with pytest.raises(Refused):  # from a page that showed the old name
        actions.confirm_renames(partner_import=found, seen=seen, by=staff)
    actions.confirm_renames(partner_import=found, seen=found.renames_key, by=staff)
    actions.run_import(found.pk)
    found.refresh_from_db()
    commit(found)
    assert Partner.objects.get().name == "新名字"
    assert kinds(preview(renamed)) == {2: "unchanged"}


def test_one_person_stays_one_contact_though_nobody_is_said_to_be_main(
    preview, commit, staff
) -> None:
    content = workbook([TITLES, row(1)])
    commit(preview(content))
    contact = Contact.objects.get()
    update_contact(contact=contact, is_main=False, by=staff)
    assert kinds(preview(content)) == {2: "unchanged"}
    commit(preview(workbook([TITLES, row(1, 联系电话="13811112222")])))
    assert Contact.objects.get().phone == "13811112222"


def test_withdrawn_partners_keep_their_numbers_in_the_row(preview, commit) -> None:
    titles = [*TITLES, "状态"]
    rows = [[*row(1), "正常"], [*row(2), "已退出"], [*row(3), "暂停"]]
    commit(preview(workbook([titles, *rows])))
    assert list(Partner.objects.values_list("status", flat=True)) == [
        "signed",
        "withdrawn",
        "suspended",
    ]


def test_contacts_beside_the_main_one_stay_findable(preview, commit) -> None:
    partner = PartnerFactory(name="般阳理发店", kind="enterprise")
    ContactFactory(partner=partner, phone="19700000001", is_main=True)
    ContactFactory(partner=partner, phone="19700000002")
    commit(preview(workbook([["名称", "联系电话"], ["般阳理发店", "19700000003"]])))
    assert Partner.objects.matching("19700000002").get() == partner
    assert Partner.objects.matching("19700000003").get() == partner
    assert not Partner.objects.matching("19700000001").exists()


def test_a_change_since_the_preview_sends_back_to_the_preview(preview, commit, staff) -> None:
    commit(preview(workbook([TITLES, row(1)])))
    found = preview(workbook([TITLES, row(1, 单位性质="事业单位"), row(2)]))
    update_partner(partner=Partner.objects.get(), by=staff, kind="institution")
    found = commit(found)
    assert found.state == State.PREVIEWED
    assert found.report["list_changed"]
    assert Partner.objects.count() == 1
    assert kinds(found) == {2: "unchanged", 3: "new"}
    assert commit(found).state == State.COMMITTED


def test_a_number_signed_since_the_preview_sends_back_to_the_preview(preview, commit) -> None:
    found = preview(workbook([TITLES, row(1)]))
    PartnerFactory(signed=True, name="捷足者")
    found = commit(found)
    assert found.state == State.PREVIEWED
    assert kinds(found) == {2: "error"}
    assert Partner.objects.get().name == "捷足者"


def test_second_click_on_commit_is_harmless(preview, commit, staff) -> None:
    done = commit(preview(workbook([TITLES, row(1)])))
    before = everything()
    actions.commit_import(partner_import=done, seen=done.preview_key, leaves_out=False, by=staff)
    actions.run_import(done.pk)
    assert everything() == before


def test_the_file_is_deleted_when_the_import_ends(
    preview, commit, django_capture_on_commit_callbacks
) -> None:
    found = preview(workbook([TITLES, row(1)]))
    path = Path(found.file.path)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        done = commit(found)
    assert not path.exists()
    assert (done.file.name, done.sheets) == ("", [])
    assert not done.rows.exists()


def test_discarding_leaves_nothing(preview, staff, django_capture_on_commit_callbacks) -> None:
    found = preview(workbook([TITLES, row(1)]))
    path = Path(found.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard_import(partner_import=found, by=staff)
    assert not path.exists()
    assert not ImportRow.objects.exists()
    assert not Partner.objects.exists()
    with pytest.raises(Refused):
        actions.commit_import(
            partner_import=found, seen=found.preview_key, leaves_out=False, by=staff
        )


def test_import_is_given_up_a_week_after_its_last_step(preview, staff, monkeypatch) -> None:
    found, uploaded = preview(workbook([TITLES, row(1)])), timezone.now()

    def on_day(number: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: uploaded + timedelta(days=number))

    on_day(5)
    actions.match_import(partner_import=found, mapping=found.mapping, by=staff)
    actions.run_import(found.pk)
    on_day(10)
    actions.tidy_imports()
    found.refresh_from_db()
    assert found.state == State.PREVIEWED

    on_day(13)
    actions.tidy_imports()
    found.refresh_from_db()
    assert found.state == State.DISCARDED
