"""Whoever comes to act for a community or a partner is reminded; whoever leaves is not."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.models import NOT_THEIRS, Reminder
from communities.factories import SecretaryFactory
from communities.models import Community
from partners.factories import MemberFactory
from partners.models import Partner
from projects.claims.actions import plans
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim, Step
from projects.claims.reminders import ask_to_confirm
from projects.claims.tasks import write_reminders
from projects.deliveries import actions as deliveries
from projects.deliveries.factories import DeliveryFactory
from projects.lists.models import Project
from tests.projects.conftest import TODAY, reminder_days
from tests.races import at_once
from tests.reminders.inbox import news

DUE = date(2026, 12, 9)  # a Wednesday, three weeks on

Days = list[date]


@pytest.fixture
def step(planned: Callable[[date], Step]) -> Step:
    return planned(DUE)


@pytest.fixture
def new_member(step: Step, partner: Partner) -> User:
    return MemberFactory(partner=partner).user


@pytest.fixture
def new_secretary(step: Step, community: Community) -> User:
    return SecretaryFactory(community=community).user


def test_newcomers_are_reminded_of_the_steps_ahead(
    step, new_member, new_secretary, member, secretary
) -> None:
    before = Reminder.objects.count()
    write_reminders()
    assert reminder_days("step_due", new_member) == [date(2026, 12, 2), date(2026, 12, 8)]
    assert reminder_days("step_overdue", new_member) == [date(2026, 12, 10)]
    assert reminder_days("step_overdue", new_secretary) == [date(2026, 12, 10)]
    assert reminder_days("step_due", new_secretary) == []
    write_reminders()
    assert Reminder.objects.count() == before + 4  # everybody else has theirs


@pytest.mark.parametrize(
    ("joined_on", "ahead", "late"),
    [
        (date(2026, 12, 2), [date(2026, 12, 2), date(2026, 12, 8)], 1),  # due this morning
        (date(2026, 12, 3), [date(2026, 12, 8)], 1),
        (date(2026, 12, 9), [], 1),
        (date(2026, 12, 17), [], 1),  # a week late
        (date(2026, 12, 18), [], 0),
    ],
)
def test_newcomers_are_not_reminded_of_what_is_past(
    joined_on: date, ahead: Days, late: int, step, partner, go_to
) -> None:
    go_to(joined_on)
    person = MemberFactory(partner=partner).user
    write_reminders()
    assert reminder_days("step_due", person) == ahead
    assert len(reminder_days("step_overdue", person)) == late


def test_step_done_or_far_ahead_is_left_alone(step, new_member, secretary, member) -> None:
    plans.mark_step(step=step, done=True, by=member)
    far = StepFactory(claim=step.claim, due_on=TODAY + timedelta(days=60))
    write_reminders()
    assert not Reminder.objects.filter(recipient=new_member).exists()
    assert not Reminder.objects.filter(subject_pk=far.pk, kind="step_overdue").exists()


@pytest.mark.parametrize("state", ["sent", "stopped", "failed"])
def test_step_that_was_told_of_or_stopped_stays_so(state: str, step, member, go_to) -> None:
    Reminder.objects.filter(kind__startswith="step_").update(state=state, sent_at=timezone.now())
    for day in (TODAY, DUE):
        go_to(day)
        write_reminders()
    assert reminder_days("step_due", member) == reminder_days("step_overdue", member) == []


def test_claim_of_a_community_without_a_secretary_is_reminded_of_once_it_has_one(
    go_to, project: Project, partner: Partner, community: Community
) -> None:
    claim = ClaimFactory(project=project, partner=partner, held_at=timezone.now())
    ask_to_confirm([claim])
    assert not Reminder.objects.filter(kind="claim_unconfirmed").exists()
    secretary = SecretaryFactory(community=community).user
    go_to(date(2026, 11, 25))
    write_reminders()
    assert reminder_days("claim_unconfirmed", secretary) == [date(2026, 11, 23)]
    [told] = news(secretary)
    assert partner.name in told


def test_claim_left_unconfirmed_for_long_is_not_told_to_newcomers(
    go_to, project: Project, partner: Partner, secretary: User
) -> None:
    ClaimFactory(project=project, partner=partner, held_at=timezone.now())
    go_to(date(2026, 12, 1))  # it was due on 23 November
    write_reminders()
    assert not Reminder.objects.filter(kind="claim_unconfirmed").exists()


def test_claim_written_down_again_keeps_its_one_reminder(
    go_to, project: Project, partner: Partner, secretary: User
) -> None:
    ask_to_confirm([ClaimFactory(project=project, partner=partner, held_at=timezone.now())])
    write_reminders()
    assert reminder_days("claim_unconfirmed", secretary) == [date(2026, 11, 23)]


def test_whoever_has_left_is_told_nothing_more(step, member, secretary, community, go_to) -> None:
    other = SecretaryFactory(community=community).user
    write_reminders()
    member.memberships.all().delete()
    secretary.secretaryships.all().delete()
    go_to(date(2026, 12, 10) + timedelta(days=1))
    fresh = User.objects.in_bulk([member.pk, secretary.pk])
    assert news(fresh[member.pk]) == news(fresh[secretary.pk]) == []
    assert len(news(other)) == 1
    reasons = Reminder.objects.filter(recipient__in=fresh).values_list("reason", flat=True)
    assert set(reasons) == {NOT_THEIRS}


def test_whoever_comes_back_is_reminded_again(step, member, partner, go_to) -> None:
    member.memberships.all().delete()
    go_to(date(2026, 12, 10) + timedelta(days=1))
    assert news(User.objects.get(pk=member.pk)) == []
    MemberFactory(partner=partner, user=member)
    write_reminders()
    [told] = news(User.objects.get(pk=member.pk))
    assert "首次进社区" in told


def test_writing_ahead_costs_the_same_queries(go_to, db) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for count in (1, 30):
        for number in range(count):
            step = StepFactory(due_on=DUE + timedelta(days=number % 7))
            unconfirmed = ClaimFactory(held_at=timezone.now() - timedelta(days=number % 3))
            MemberFactory(partner=step.claim.partner)
            for claim in (step.claim, unconfirmed):
                SecretaryFactory(community=claim.project.community)
        with CaptureQueriesContext(connection) as queries:
            write_reminders()
        counts.append(len(queries))
        assert Reminder.objects.waiting().count() >= 5 * count
        Reminder.objects.all().delete()
        Claim.objects.all().delete()
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_step_whose_plan_is_just_being_changed_is_left_alone(
    project: Project, partner: Partner, member: User
) -> None:
    step = StepFactory(
        claim=ClaimFactory(project=project, partner=partner, confirmed=True),
        due_on=timezone.localdate() + timedelta(days=20),
    )
    with transaction.atomic():
        Claim.objects.lock(step.claim_id)
        assert at_once([write_reminders]) == [None]
        assert not Reminder.objects.exists()
    assert at_once([write_reminders]) == [None]  # the control
    assert Reminder.objects.filter(recipient=member).count() == 3


def test_claim_completed_reopened_and_completed_again_is_thanked_for_once(
    confirmed: Claim, secretary: User, member: User, go_to: Callable[[date], None]
) -> None:
    DeliveryFactory(claim=confirmed)
    actions = (deliveries.complete_claim, deliveries.reopen_claim, deliveries.complete_claim)
    for day, action in enumerate(actions, start=20):
        go_to(date(2026, 11, day))
        action(claim=confirmed, by=secretary)
    assert len([text for text in news(member) if "感谢" in text]) == 1
