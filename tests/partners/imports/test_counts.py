"""That the server plans by the lists as an import writes them, not as it last counted them."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from partners.imports.actions import commit_import
from partners.imports.commit import CHUNK
from partners.models import Contact, Partner, StatusChange
from tests.partners.imports.conftest import TITLES, row, workbook

WRITTEN = (Partner, Contact, StatusChange)


def counted() -> dict[str, int]:
    """How many rows the server thinks these tables have."""
    tables = [model._meta.db_table for model in WRITTEN]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s)", [tables])
        return {table: int(rows) for table, rows in cursor.fetchall()}


def test_what_is_written_is_counted_at_once_and_before_the_commit(preview, commit) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in range(1, CHUNK + 2))]))
    there = []

    def watch(execute: Callable, sql: str, *args: Any) -> Any:
        done = execute(sql, *args)
        if sql.startswith("ANALYZE"):
            there.append(counted())
        return done

    with connection.execute_wrapper(watch):
        commit(found)
    assert there == [
        {model._meta.db_table: rows for model in WRITTEN} for rows in (CHUNK, CHUNK + 1)
    ]


def test_counting_waits_as_long_as_the_server_counts_itself(preview, staff) -> None:
    """The server gives way after a second, to whoever has waited that long."""
    found = preview(workbook([TITLES, row(1)]))

    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    before = patience()
    commit_import(partner_import=found, seen=found.preview_key, leaves_out=False, by=staff)
    assert patience() == before
