"""The steps of an import: upload, read, match columns, compare, commit or discard.

What a person decides moves the import to a state in which the server has something to do
(`PartnerImport.WORKING`); `run_import` then does it, in the request or in a worker. Every step is
one transaction that locks the import, so a step that dies leaves the state from before it, and
can be started again.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, Program, acting, action
from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from partners.imports import progress, reading
from partners.imports.commit import RegisterChanged, chunks, write
from partners.imports.compare import Comparison, missing_numbers
from partners.imports.models import UPLOADS, ImportRow, PartnerImport
from partners.imports.rows import parse
from partners.imports.sheets import Unreadable
from partners.models import NumberBook

State = PartnerImport.State
ROWS_KEPT = timedelta(days=30)  # how long the rows that were left out can be fetched
IDLE = timedelta(days=7)  # how long an import waits for somebody to go on with it
UNNAMED = timedelta(days=1)  # how long a file stays that no import names
IMPORTS_LOCK = 0x62797069  # advisory lock: imports are committed one after the other

# --- What a person decides -----------------------------------------------------------------


@action
def upload_import(*, file: UploadedFile, by: User) -> PartnerImport:
    """Keep an uploaded list, to be read next."""
    return PartnerImport.objects.create(file=file, file_name=(file.name or "")[-200:], by=by)


@action
def match_import(*, partner_import: PartnerImport, mapping: dict[str, Any], by: User) -> None:
    """Say which column holds what; the rows are to be compared next.

    `mapping` is described at `PartnerImport.mapping`. Raises `Refused` unless the file has been
    read, and nothing is being done with it.
    """
    _go_on(partner_import, State.CHECKING, mapping=mapping, report={})


@action
def commit_import(*, partner_import: PartnerImport, seen: str, leaves_out: bool, by: User) -> None:
    """Say that the preview is right; its rows are to be written next, all of them or none.

    `seen` is the `preview_key` of the preview that the person looked at. With `leaves_out` rows
    with errors are left out; without, none may have any. A second click finds the commit of the
    first one under way. Raises `Refused` unless there is a preview that can be committed, and it is
    the one that was seen.
    """
    partner_import.refresh_from_db()
    if partner_import.state not in (State.COMMITTING, State.COMMITTED):
        _lock(partner_import)
    if partner_import.state in (State.COMMITTING, State.COMMITTED):
        return
    if seen != partner_import.preview_key:
        raise Refused(_("The rows have been compared again since. Look at the preview once more."))
    if obstacle := partner_import.obstacle(leaves_out=leaves_out):
        raise obstacle
    _go_on(partner_import, State.COMMITTING, leaves_out=leaves_out, committed_by=by)


@action
def confirm_renames(*, partner_import: PartnerImport, seen: str, by: User) -> None:
    """Say that the partners whose names differ are the same ones, renamed; the rows are to be
    compared next, with these names. Changes nothing where nothing waits to be confirmed.

    `seen` is the `renames_key` of the preview that the person looked at. Raises `Refused` unless
    there is a preview, and it asks about the same names.
    """
    _lock(partner_import)
    if renames := partner_import.report.get("renames"):
        if seen != partner_import.renames_key:
            raise Refused(
                _(
                    "The rows have been compared again since. Look at the renamed partners once more."
                )
            )
        mapping = partner_import.mapping
        mapping = mapping | {"renames": mapping.get("renames", {}) | renames}
        _go_on(partner_import, State.CHECKING, mapping=mapping, report={})


@action
def discard_import(*, partner_import: PartnerImport, by: Actor) -> None:
    """Give an import up, and delete what was uploaded. A second click changes nothing.

    Raises `Refused` if it has been committed, or while a step of it runs.
    """
    _lock(partner_import)
    if partner_import.state not in (State.DISCARDED, State.FAILED):
        _end(partner_import, State.DISCARDED)
        partner_import.rows.all().delete()


# --- What the server does ------------------------------------------------------------------


def run_import(pk: int) -> None:
    """Do the step that is due, if nobody else is at it; does nothing where none is due.

    A step that fails changes nothing, so that it can be run again.
    """
    runs = False
    try:
        with transaction.atomic():
            due = PartnerImport.objects.filter(pk=pk, state__in=PartnerImport.WORKING)
            locked = due.select_for_update(skip_locked=True, of=("self",))
            if partner_import := locked.select_related("by", "committed_by").first():
                runs = True
                who = partner_import.committed_by or partner_import.by
                with acting(who, reason=f"import #{pk}"):
                    STEPS[partner_import.state](partner_import)
    finally:
        # Before its transaction has ended, others would see a step neither noted nor done.
        if runs:
            progress.forget(pk)


def _read(partner_import: PartnerImport) -> None:
    progress.note(partner_import.pk, 0)
    try:
        sheets = reading.peek(partner_import.file)
    except Unreadable as unreadable:
        _end(partner_import, State.FAILED, report={"reason": unreadable.reason})
    else:
        _go_on(partner_import, State.READ, sheets=sheets)


def _check(partner_import: PartnerImport) -> None:
    """Compare the rows with the register and store the preview."""
    partner_import.rows.all().delete()
    comparison = Comparison(partner_import.mapping)
    counts = dict.fromkeys(ImportRow.Kind.values, 0)
    try:
        for rows in chunks(parse(partner_import)):
            comparison.compare(rows)
            ImportRow.objects.bulk_create(rows)
            for row in rows:
                counts[row.kind] += 1
            progress.note(partner_import.pk, rows[-1].line, partner_import.expected_rows)
    except Unreadable as unreadable:
        partner_import.rows.all().delete()
        _end(partner_import, State.FAILED, report={"reason": unreadable.reason})
        return
    report = {"counts": counts, "renames": comparison.renames, "compared_at": str(timezone.now())}
    if partner_import.report.get("list_changed"):
        report["list_changed"] = True
    report |= _give_numbers(partner_import, comparison)
    _go_on(partner_import, State.PREVIEWED, report=report)


def _give_numbers(partner_import: PartnerImport, comparison: Comparison) -> dict[str, Any]:
    """Give those that are due the next numbers, by the day of signing and then as they are listed.

    They are the preview's until the commit takes them from the number book. Returns what the
    report says of numbers: which the import gives, and which would be missing.
    """
    last = NumberBook.objects.filter(pk=1).values_list("last", flat=True).first() or 0
    numbers, good = comparison.numbers, comparison.good_numbers
    due = enumerate(sorted(comparison.due), start=max([last, *good]) + 1)
    given = {line: number for number, (_day, line) in due}
    for lines in chunks(given):
        rows = list(partner_import.rows.filter(line__in=lines))
        for row in rows:
            row.values["number"] = number = given[row.line]
            row.changes = [
                [name, old, number if name == "number" else new] for name, old, new in row.changes
            ]
        ImportRow.objects.bulk_update(rows, ["values", "changes"])
    good = [*good, *given.values()]
    return {
        "first_number": last + 1 if good else None,
        "last_number": max(good, default=None),
        "missing": missing_numbers([*numbers, *given.values()], last)[:20],
        "good_missing": missing_numbers(good, last)[:20],
    }


def _commit(partner_import: PartnerImport) -> None:
    """Write the preview, or compare the rows again if the register is no longer as it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS_LOCK])
    counts = partner_import.report["counts"]
    total = sum(counts[kind] for kind in ImportRow.GOOD)
    try:
        with transaction.atomic():
            write(partner_import, lambda done: progress.note(partner_import.pk, done, total))
    except (RegisterChanged, IntegrityError):
        report = {"list_changed": True}
        _go_on(partner_import, State.CHECKING, report=report, committed_by=None)
        _check(partner_import)
    else:
        partner_import.rows.written().delete()
        _end(partner_import, State.COMMITTED, committed_at=timezone.now())


STEPS: dict[str, Callable[[PartnerImport], None]] = {
    State.UPLOADED: _read,
    State.CHECKING: _check,
    State.COMMITTING: _commit,
}


# --- Ending --------------------------------------------------------------------------------


def tidy_imports() -> None:
    """Give up imports that nobody went on with, forget rows left out long ago and lost files.

    Uploaded lists hold personal data: none stays longer than it is needed.
    """
    now, by = timezone.now(), Program("tidy_imports")
    for partner_import in PartnerImport.objects.idle_since(now - IDLE):
        with suppress(Refused):  # a step of it runs: somebody has gone on with it after all
            discard_import(partner_import=partner_import, by=by)
    ImportRow.objects.filter(
        partner_import__state=State.COMMITTED, partner_import__committed_at__lt=now - ROWS_KEPT
    ).delete()
    _delete_unnamed(now - UNNAMED)


def _delete_unnamed(before: datetime) -> None:
    """Delete the files from before that moment that no import names.

    One is left when a process dies after saving it and before the import stands, or after an
    import has ended and before its file is gone. A younger one may belong to an upload under way.
    """
    storage = PartnerImport._meta.get_field("file").storage
    years = storage.listdir(UPLOADS)[0] if storage.exists(UPLOADS) else []
    for folder in (f"{UPLOADS}/{year}" for year in years):
        for name in (f"{folder}/{file}" for file in storage.listdir(folder)[1]):
            is_old = storage.get_modified_time(name) < before
            if is_old and not PartnerImport.objects.filter(file=name).exists():
                storage.delete(name)


def _lock(partner_import: PartnerImport) -> None:
    """Bring an import up to date, locked until the transaction ends.

    Waits for another click, and raises `Refused` while a step of it runs, which can take minutes.
    Nothing that the transaction does afterwards waits any shorter for it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            partner_import.refresh_from_db(from_queryset=PartnerImport.objects.select_for_update())
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Refused(
            _("This import is being worked on at this moment. Wait a little and look at it again.")
        ) from error


def _go_on(partner_import: PartnerImport, to: str, **changes: Any) -> None:
    """Move on, and keep when: an import waits for the next step so long and no longer."""
    move(partner_import, to, stepped_at=timezone.now(), **changes)


def _end(partner_import: PartnerImport, to: str, **changes: Any) -> None:
    """Move to a last state; the uploaded file goes when the transaction stands."""
    storage, name = partner_import.file.storage, partner_import.file.name
    _go_on(partner_import, to, file="", sheets=[], **changes)
    if name:
        transaction.on_commit(lambda: storage.delete(name))
