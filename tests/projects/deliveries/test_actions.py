"""What was delivered on a claim: recorded once, corrected, taken back."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from banyang.foundation.errors import Refused
from projects.claims.actions import claims, plans
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim, Step
from projects.deliveries import actions as deliveries
from projects.deliveries.actions import DeliveryDetails
from projects.deliveries.factories import DeliveryFactory
from projects.deliveries.models import Delivery

pytestmark = pytest.mark.usefixtures("english")

TODAY = date(2026, 11, 18)  # a Wednesday
DONE = DeliveryDetails(delivered_on=TODAY, content="理发 30 人", residents_served=30)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 18, 10, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_delivery_sent_twice_is_recorded_once(confirmed, member) -> None:
    token = uuid.uuid4()
    first, created = deliveries.record_delivery(
        claim=confirmed, details=DONE, form_token=token, by=member
    )
    second, created_again = deliveries.record_delivery(
        claim=confirmed, details=DONE, form_token=token, by=member
    )
    assert (created, created_again) == (True, False)
    assert first == second == Delivery.objects.get()


def test_delivery_form_sent_again_with_something_else_records_that_too(confirmed, member) -> None:
    token, other = uuid.uuid4(), ClaimFactory(confirmed=True)
    said = [
        (confirmed, DONE),
        (confirmed, replace(DONE, content="修脚 12 人", residents_served=12)),
        (other, DONE),
        (confirmed, DONE),
    ]
    recorded = [
        deliveries.record_delivery(claim=claim, details=details, form_token=token, by=member)
        for claim, details in said
    ]
    assert [created for _delivery, created in recorded] == [True, True, True, False]
    assert [delivery.claim for delivery, _created in recorded] == [claim for claim, _ in said]
    assert recorded[0][0] == recorded[-1][0]


def test_delivery_in_the_future_is_refused(confirmed, member) -> None:
    tomorrow = DeliveryDetails(
        delivered_on=TODAY + timedelta(days=1), content="理发", residents_served=1
    )
    with pytest.raises(Refused, match="not come yet"):
        deliveries.record_delivery(
            claim=confirmed, details=tomorrow, form_token=uuid.uuid4(), by=member
        )


def test_delivery_before_the_claim_is_refused(confirmed, member) -> None:
    before = replace(DONE, delivered_on=TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="claimed on"):
        deliveries.record_delivery(
            claim=confirmed, details=before, form_token=uuid.uuid4(), by=member
        )


def test_same_delivery_said_again_on_a_new_form_is_not_said_to_be_recorded(
    confirmed, member, secretary
) -> None:
    def record(details: DeliveryDetails, by) -> None:
        deliveries.record_delivery(claim=confirmed, details=details, form_token=uuid.uuid4(), by=by)

    record(DONE, member)
    with pytest.raises(Refused, match="If there was another session, say what sets it apart"):
        record(DONE, member)
    record(replace(DONE, location="上午，活动室"), member)
    record(DONE, secretary)
    assert Delivery.objects.count() == 3


def test_delivery_to_more_residents_than_there_are_breaks_its_rule(confirmed) -> None:
    with pytest.raises(IntegrityError, match="residents_limited"):
        DeliveryFactory(claim=confirmed, residents_served=900_000_000)


def test_delivery_on_unconfirmed_claim_is_refused(claimed, member) -> None:
    with pytest.raises(Refused, match="while a claim is confirmed"):
        deliveries.record_delivery(claim=claimed, details=DONE, form_token=uuid.uuid4(), by=member)


def test_delivery_is_corrected_and_removed(confirmed, member) -> None:
    delivery = DeliveryFactory(claim=confirmed, recorded_by=member)
    deliveries.edit_delivery(delivery=delivery, details=DONE, by=member)
    delivery.refresh_from_db()
    assert delivery.residents_served == 30
    deliveries.remove_delivery(delivery=delivery, by=member)
    assert not Delivery.objects.exists()


def test_delivery_of_completed_claim_stays(confirmed, member, secretary) -> None:
    delivery = DeliveryFactory(claim=confirmed, recorded_by=member)
    deliveries.complete_claim(claim=confirmed, by=secretary)
    with pytest.raises(Refused, match="completed"):
        deliveries.remove_delivery(delivery=delivery, by=member)


def test_claim_released_since_the_page_was_opened_takes_nothing_more(
    confirmed, member, secretary
) -> None:
    step = Step.objects.create(claim=confirmed, text="上门", due_on=TODAY)
    opened_before = Claim.objects.get(pk=confirmed.pk)
    claims.release_claim(claim=confirmed, reason="换了项目", by=secretary)

    step.claim = opened_before
    with pytest.raises(Refused, match="while their claim is confirmed"):
        plans.mark_step(step=step, done=True, by=member)
    with pytest.raises(Refused, match="while a claim is confirmed"):
        deliveries.record_delivery(
            claim=opened_before, details=DONE, form_token=uuid.uuid4(), by=member
        )
    assert not Delivery.objects.exists()
