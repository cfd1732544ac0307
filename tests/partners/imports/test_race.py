"""Two people commit at once, and a person signs while a list is committed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from banyang.foundation.errors import Refused
from partners.actions import sign_partner
from partners.factories import PartnerFactory
from partners.imports import actions, progress
from partners.imports.models import PartnerImport
from partners.models import NumberBook, Partner
from tests import races
from tests.partners.imports.conftest import TITLES, code, row, workbook
from tests.races import once_all_wait

pytestmark = pytest.mark.django_db(transaction=True)
State = PartnerImport.State


def at_once(*jobs: Callable[[], object]) -> None:
    """Run the jobs all together; raise what any of them raised."""
    for result in races.at_once(jobs):
        if isinstance(result, Exception):
            raise result


def committed(partner_import: PartnerImport, staff) -> Callable[[], object]:
    actions.commit_import(
        partner_import=partner_import, seen=partner_import.preview_key, leaves_out=False, by=staff
    )
    return lambda: actions.run_import(partner_import.pk)


def test_one_import_run_by_two_workers_is_written_once(preview, staff) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in range(1, 51))]))
    job = committed(found, staff)
    at_once(job, job, job)
    found.refresh_from_db()
    assert found.state == State.COMMITTED
    assert Partner.objects.count() == NumberBook.objects.get().last == 50


def test_two_imports_of_the_same_list_are_written_once(preview, staff) -> None:
    content = workbook([TITLES, *(row(n) for n in range(1, 51))])
    first, second = preview(content), preview(content)
    at_once(committed(first, staff), committed(second, staff))
    assert Partner.objects.count() == NumberBook.objects.get().last == 50
    states = {PartnerImport.objects.get(pk=found.pk).state for found in (first, second)}
    assert states == {State.COMMITTED, State.PREVIEWED}


def test_a_signing_during_a_commit_leaves_no_gap(preview, staff) -> None:
    applicant = PartnerFactory(status=Partner.Status.VETTED, name="当场签约的")
    found = preview(workbook([TITLES, *(row(n) for n in range(1, 51))]))
    at_once(
        committed(found, staff),
        lambda: sign_partner(
            partner=applicant,
            signed_on=date(2021, 5, 15),
            agreement_ends_on=date(2024, 5, 14),
            by=staff,
        ),
    )
    numbers = list(Partner.objects.signed().values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert NumberBook.objects.get().last == len(numbers)
    assert len(numbers) in (1, 51)


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_step_that_is_just_finishing_is_not_shown_as_dead(
    is_changed, preview, staff, sign_in, monkeypatch
) -> None:
    found = preview(workbook([TITLES, row(1)]))
    job = committed(found, staff)
    if is_changed:
        PartnerFactory(signed=True)  # the rows are compared again, in a transaction of its own
    client, page, shown = sign_in(staff), reverse("import_detail", args=[found.pk]), []
    progress.queued(found.pk)
    with monkeypatch.context() as patched:
        commit = connection.commit

        def look_and_commit() -> None:
            shown.extend(races.at_once([lambda: client.get(page)]))
            commit()

        patched.setattr(connection, "commit", look_and_commit)
        job()
    assert shown
    assert {answer.headers.get("Refresh") for answer in shown} == {"2"}
    assert progress.read(found.pk) is None


def test_discarding_during_a_step_is_refused_at_once(preview, staff) -> None:
    found, idle = preview(workbook([TITLES, row(1)])), preview(workbook([TITLES, row(2)]))
    PartnerImport.objects.update(stepped_at=timezone.now() - timedelta(days=30))

    def without_waiting(job: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return job()

        return run

    jobs = [
        lambda: actions.discard_import(partner_import=found, by=staff),
        actions.tidy_imports,
    ]
    with transaction.atomic():  # as a step does
        PartnerImport.objects.select_for_update().get(pk=found.pk)
        refused, tidied = races.at_once([without_waiting(job) for job in jobs])
    assert isinstance(refused, Refused)
    assert tidied is None
    for each, state in ((found, State.PREVIEWED), (idle, State.DISCARDED)):
        each.refresh_from_db()
        assert each.state == state
    actions.discard_import(partner_import=found, by=staff)
    found.refresh_from_db()
    assert found.state == State.DISCARDED


def test_a_partner_entered_during_a_commit_sends_back_to_the_preview(preview, staff) -> None:
    found = preview(workbook([TITLES, row(1)]))
    job = committed(found, staff)
    assert once_all_wait([job], behind=lambda: PartnerFactory(credit_code=code(1))) == [None]
    found.refresh_from_db()
    assert found.state == State.PREVIEWED
    assert found.report["list_changed"]
    assert Partner.objects.count() == 1


def test_two_clicks_on_import_at_the_same_moment_commit_once(preview, staff) -> None:
    found = preview(workbook([TITLES, row(1)]))
    click = {"seen": found.preview_key, "leaves_out": False, "by": staff}

    [second] = once_all_wait(
        [lambda: actions.commit_import(partner_import=found, **click)],
        behind=lambda: actions.commit_import(
            partner_import=PartnerImport.objects.get(pk=found.pk), **click
        ),
    )
    assert second is None
    found.refresh_from_db()
    assert found.state == State.COMMITTING
