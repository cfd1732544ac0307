"""Numbers are given in the order of signing, never skipped, never reused."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from partners import actions
from partners.factories import PartnerFactory
from partners.models import NumberBook, Partner
from tests.races import at_once

AT_ONCE = 20


def sign(partner: Partner, by: User) -> Partner:
    today = timezone.localdate()
    return actions.sign_partner(
        partner=partner, signed_on=today, agreement_ends_on=today + timedelta(days=730), by=by
    )


def errors_of(jobs: list[Callable[[], object]]) -> list[object]:
    """What the jobs raised, all done at once."""
    return [result for result in at_once(jobs) if isinstance(result, Exception)]


@pytest.mark.django_db(transaction=True)
def test_twenty_signings_at_once_get_twenty_consecutive_numbers() -> None:
    by = UserFactory(is_staff=True)
    partners = [PartnerFactory(status=Partner.Status.VETTED) for _ in range(AT_ONCE)]
    assert errors_of([lambda p=p: sign(p, by) for p in partners]) == []
    numbers = Partner.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, AT_ONCE + 1))


@pytest.mark.django_db(transaction=True)
def test_reading_the_last_number_without_the_lock_gives_one_number_twice() -> None:
    """The control: what `next_numbers` would do if it did not lock the book."""
    NumberBook.objects.create(pk=1)
    everybody_has_read = Barrier(AT_ONCE)
    taken: list[int] = []

    def take() -> None:
        with transaction.atomic():
            book = NumberBook.objects.get(pk=1)
            everybody_has_read.wait(30)
            book.last += 1
            book.save()
        taken.append(book.last)

    assert errors_of([take] * AT_ONCE) == []
    assert len(taken) == AT_ONCE
    assert len(set(taken)) < AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_partner_signed_twice_at_once_gets_one_number() -> None:
    by = UserFactory(is_staff=True)
    partner = PartnerFactory(status=Partner.Status.VETTED)
    assert errors_of([lambda: sign(partner, by)] * 5) == []
    partner.refresh_from_db()
    assert partner.number == 1
    assert NumberBook.objects.get().last == 1
    assert partner.status_changes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_signing_that_fails_leaves_no_hole(staff: User) -> None:
    first, second, third = (PartnerFactory(status=Partner.Status.VETTED) for _ in range(3))
    sign(first, staff)

    def sign_and_fail() -> None:
        with transaction.atomic():
            sign(second, staff)
            raise RuntimeError("the power goes out before the commit")

    with pytest.raises(RuntimeError):
        sign_and_fail()
    assert sign(third, staff).number == 2
    second.refresh_from_db()
    assert (second.number, second.status) == (None, Partner.Status.VETTED)


@pytest.mark.django_db
def test_partner_signing_again_keeps_its_number(staff: User) -> None:
    today = timezone.localdate()
    first, second = (PartnerFactory(status=Partner.Status.VETTED) for _ in range(2))
    sign(first, staff)
    actions.withdraw_partner(partner=first, on=today, reason="搬离本街道", by=staff)
    assert sign(second, staff).number == 2
    assert sign(first, staff).number == 1
    assert NumberBook.objects.get().last == 2


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2, None])
def test_database_refuses_to_change_a_number(partner: Partner, number: int | None) -> None:
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Partner.objects.filter(pk=partner.pk).update(number=number, status="withdrawn")
    partner.refresh_from_db()
    assert partner.number == 1


@pytest.mark.django_db
def test_database_refuses_to_delete_a_numbered_partner(partner: Partner) -> None:
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        Partner.objects.filter(pk=partner.pk).delete()
    applicant = PartnerFactory()
    Partner.objects.filter(pk=applicant.pk).delete()
    assert list(Partner.objects.all()) == [partner]


@pytest.mark.django_db
def test_database_refuses_one_number_for_two(partner: Partner) -> None:
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        PartnerFactory(signed=True, number=partner.number)
