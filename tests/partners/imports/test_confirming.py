"""A commit writes what was seen: whatever has changed since goes back to the preview."""

import pytest
from django.db import connection

from banyang.foundation.errors import Refused
from partners.actions import update_partner
from partners.factories import PartnerFactory
from partners.imports import actions
from partners.imports.models import PartnerImport
from partners.models import Partner
from tests.partners.imports.conftest import TITLES, everything, kinds, problems, row, workbook

State = PartnerImport.State


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


def test_second_click_on_commit_is_harmless(preview, commit, staff) -> None:
    done = commit(preview(workbook([TITLES, row(1)])))
    before = everything()
    actions.commit_import(partner_import=done, seen=done.preview_key, leaves_out=False, by=staff)
    actions.run_import(done.pk)
    assert everything() == before


def test_waiting_for_another_click_leaves_no_shorter_patience_behind(preview, staff) -> None:
    found = preview(workbook([TITLES, row(1)]))

    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    before = patience()
    actions.commit_import(partner_import=found, seen=found.preview_key, leaves_out=False, by=staff)
    assert patience() == before
