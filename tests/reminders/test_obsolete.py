"""Reminders that are no longer needed by the time they are due, and are not sent."""

from datetime import datetime

import pytest
from django.core import mail

from banyang.accounts.models import User
from banyang.reminders.models import CLOSED, GONE, NOT_THEIRS, SETTLED, Message
from banyang.reminders.sending import send_batch
from communities.factories import CommunityFactory, SecretaryFactory
from communities.models import Community
from tests.reminders.conftest import Due, states

pytestmark = pytest.mark.django_db


def test_reminder_settled_meanwhile_is_obsolete(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    settled, other = due(member, "test_settled"), due(member)
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert states(settled, other) == ["obsolete", "sent"]
    assert settled.reason == SETTLED
    assert len(Message.objects.get().notices) == 1


def test_obsolete_reminder_alone_sends_no_message(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    due(member, "test_settled")
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert not Message.objects.exists()
    assert mail.outbox == []


def test_reminder_of_something_deleted_is_obsolete(
    member: User, monday: datetime, due: Due
) -> None:
    subject = CommunityFactory()
    reminder = due(member, subject=subject)
    subject.delete()
    send_batch(monday)
    assert (states(reminder), reminder.reason) == (["obsolete"], GONE)


def test_reminder_of_a_closed_account_is_obsolete(member: User, monday: datetime, due: Due) -> None:
    reminder = due(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    send_batch(monday)
    assert (states(reminder), reminder.reason) == (["obsolete"], CLOSED)
    assert mail.outbox == []


def test_reminder_of_whoever_no_longer_acts_for_the_community_is_obsolete(
    secretary: User, other_secretary: User, community: Community, monday: datetime, due: Due
) -> None:
    kept, gone = due(secretary, "test_meant"), due(other_secretary, "test_meant")
    send_batch(monday)
    assert states(kept, gone) == ["sent", "obsolete"]
    assert gone.reason == NOT_THEIRS
    assert [sent.to for sent in mail.outbox] == [[secretary.email]]


def test_reminder_of_whoever_acts_for_the_community_again_waits_again(
    secretary: User, community: Community, monday: datetime, due: Due
) -> None:
    secretary.secretaryships.all().delete()
    reminder = due(secretary, "test_meant")
    send_batch(monday)
    assert states(reminder) == ["obsolete"]

    SecretaryFactory(community=community, user=secretary)
    due(secretary, "test_meant")
    send_batch(monday)
    assert states(reminder) == ["sent"]


def test_remind_after_it_was_settled_is_looked_at_again(
    member: User, community: Community, monday: datetime, due: Due
) -> None:
    settled = Community.objects.filter(pk=community.pk)
    settled.update(brand_summary="暖心驿站，就在身边")
    reminder = due(member, "test_settled")
    send_batch(monday)
    assert states(reminder) == ["obsolete"]

    assert due(member, "test_settled").state == "waiting"
    send_batch(monday)
    assert states(reminder) == ["obsolete"]  # nothing has changed

    settled.update(brand_summary="")  # it was not settled after all
    due(member, "test_settled")
    send_batch(monday)
    assert states(reminder) == ["sent"]
