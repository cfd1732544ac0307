"""What is left of an import that is committed, discarded or given up."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from banyang.foundation.errors import Refused
from partners.imports import actions
from partners.imports.models import ImportRow, PartnerImport
from partners.models import Partner
from tests.partners.imports.conftest import TITLES, row, workbook

State = PartnerImport.State


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


def test_files_that_no_import_names_go_after_a_day(preview) -> None:
    actions.tidy_imports()  # with no folder yet
    named = Path(preview(workbook([TITLES, row(1)])).file.path)
    lost, new = named.with_name("lost.xlsx"), named.with_name("new.xlsx")
    elsewhere = named.parent.parent.parent / "photo.jpg"
    for path in (lost, new, elsewhere):
        path.write_bytes(b"x")
    now = timezone.now()
    for path in (named, lost, new, elsewhere):  # by the clock of the test, not by the kernel's
        written = (now if path == new else now - timedelta(hours=25)).timestamp()
        os.utime(path, (written, written))
    actions.tidy_imports()
    assert [path.exists() for path in (named, lost, new, elsewhere)] == [True, False, True, True]
