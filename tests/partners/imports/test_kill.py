"""A worker is really killed in the middle of a commit: nothing is half-saved, and a retry commits.

The worker and its Redis are the test's own, the database is the tests'. A partner that somebody
else is just storing, with the credit code of a row in the second thousand, holds the commit up
there, so that it is killed in the middle on any machine.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse
from pghistory.models import Events

from banyang.celery import app
from partners.factories import PartnerFactory
from partners.imports import actions, progress
from partners.imports.commit import CHUNK
from partners.imports.models import PartnerImport
from partners.imports.tasks import run_import
from partners.models import Contact, NumberBook, Partner, StatusChange
from tests.partners.imports.conftest import TITLES, code, row, workbook
from tests.reminders.processes import (
    PrivateRedis,
    environment,
    private_redis,
    running,
    wait_until,
    worker,
)

ROWS = CHUNK + 200
HELD_UP_AT = CHUNK + 100
PATIENCE = 90  # seconds, on a busy machine

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis(settings: Any) -> Iterator[PrivateRedis]:
    """The worker's Redis, in which the pages look as well."""
    with private_redis() as server:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": server.url}}
        yield server


def ask_worker(redis: PrivateRedis, partner_import: PartnerImport) -> None:
    """Leave the step that is due to the worker, as the page does for a long list."""
    progress.queued(partner_import.pk)
    url = redis.url.replace("unix://", "redis+socket://", 1)
    with app.connection_for_write(url) as broker:
        run_import.apply_async([partner_import.pk], connection=broker)


def others_at_work(wait: str = "") -> int:
    """How many of the worker's connections are in a transaction, and wait for `wait`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees its first look
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid != pg_backend_pid() AND state != 'idle'"
            " AND (%s = '' OR wait_event_type = %s)",
            [wait, wait],
        )
        return cursor.fetchone()[0]


def saved() -> list[int]:
    """How much there is of all that an import writes."""
    models = (Partner, Contact, StatusChange, Partner.pgh_event_model, Contact.pgh_event_model)
    return [model.objects.count() for model in (*models, StatusChange.pgh_event_model)]


def test_commit_killed_in_the_middle_saves_nothing_and_commits_once_when_retried(
    preview: Any, staff: Any, sign_in: Any, redis: PrivateRedis, tmp_path: Path
) -> None:
    found = preview(workbook([TITLES, *(row(serial) for serial in range(1, ROWS + 1))]))
    actions.commit_import(partner_import=found, seen=found.preview_key, leaves_out=False, by=staff)
    staff_client, page = sign_in(staff), reverse("import_detail", args=[found.pk])
    log = tmp_path / "log"
    with (
        running(worker(), environment(redis.url, smtp_port=0), log) as process,
        transaction.atomic(),
    ):
        PartnerFactory(credit_code=code(HELD_UP_AT))
        ask_worker(redis, found)
        wait_until(lambda: others_at_work("Lock") == 1, PATIENCE)
        assert progress.read(found.pk) == {"done": CHUNK, "total": ROWS}
        assert f'max="{ROWS}" value="{CHUNK}"' in staff_client.get(page).content.decode()
        process.kill()
        transaction.set_rollback(True)
    wait_until(lambda: others_at_work() == 0, PATIENCE)

    assert saved() == [0] * 6
    assert not NumberBook.objects.filter(last__gt=0).exists()
    found.refresh_from_db()
    assert found.state == PartnerImport.State.COMMITTING
    assert found.rows.count() == ROWS

    # The note of a step that is dead is taken for what it says until it runs out.
    progress.forget(found.pk)
    assert reverse("import_resume", args=[found.pk]) in staff_client.get(page).content.decode()
    for _click in range(2):
        staff_client.post(reverse("import_resume", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == PartnerImport.State.COMMITTED
    assert saved() == [ROWS] * 6
    assert list(Partner.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, ROWS + 1)
    )
    history = Events.objects.filter(pgh_model=Partner.pgh_event_model._meta.label)
    assert {event.pgh_context["reason"] for event in history} == {f"import #{found.pk}"}
