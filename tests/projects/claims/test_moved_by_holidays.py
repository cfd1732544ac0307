"""Reminders of steps and claims whose day becomes a holiday are said on a working day."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.models import CalendarDay
from banyang.reminders.actions import reschedule_reminder, resend_reminder
from banyang.reminders.models import Reminder
from partners.models import Partner
from projects.claims.factories import ClaimFactory
from projects.claims.models import Step
from projects.claims.reminders import ask_to_confirm
from projects.claims.tasks import write_reminders
from projects.lists.models import Project
from tests.projects.conftest import reminder_days

DUE = date(2026, 12, 12)  # a Saturday, so that the Friday tells of it
FRIDAY, MONDAY = date(2026, 12, 11), date(2026, 12, 14)


@pytest.fixture
def step(planned: Callable[[date], Step]) -> Step:
    return planned(DUE)


def close_on(*closed: date) -> None:
    for day in closed:
        CalendarDay.objects.create(falls_on=day, is_working=False, name="放假")


def test_step_is_announced_before_and_missed_after_the_holiday(step, member, go_to) -> None:
    assert reminder_days("step_due", member) == [date(2026, 12, 4), FRIDAY]
    assert reminder_days("step_overdue", member) == [MONDAY]
    close_on(FRIDAY, MONDAY)
    write_reminders()
    assert reminder_days("step_due", member) == [date(2026, 12, 4), date(2026, 12, 10)]
    assert reminder_days("step_overdue", member) == [date(2026, 12, 15)]


def test_step_whose_moment_has_passed_by_the_new_calendar_is_due_at_once(
    step, member, go_to
) -> None:
    go_to(FRIDAY)
    close_on(FRIDAY)
    write_reminders()
    due = Reminder.objects.due(timezone.now()).filter(kind="step_due", recipient=member)
    assert timezone.localtime(due.latest("due_at").due_at).date() == date(2026, 12, 10)


def test_step_that_is_due_already_stays_so(step, member, go_to) -> None:
    go_to(date(2026, 12, 15))
    close_on(MONDAY, date(2026, 12, 15))
    write_reminders()
    assert reminder_days("step_overdue", member) == [MONDAY]


def test_claim_is_asked_about_after_the_holiday(
    go_to, project: Project, partner: Partner, secretary: User
) -> None:
    ask_to_confirm([ClaimFactory(project=project, partner=partner, held_at=timezone.now())])
    assert reminder_days("claim_unconfirmed", secretary) == [date(2026, 11, 23)]
    close_on(date(2026, 11, 20))
    write_reminders()
    assert reminder_days("claim_unconfirmed", secretary) == [date(2026, 11, 24)]


def test_time_that_staff_chose_is_kept(step, member, staff, go_to) -> None:
    announced, missed = (
        Reminder.objects.filter(recipient=member, kind=kind).latest("due_at")
        for kind in ("step_due", "step_overdue")
    )
    chosen = timezone.make_aware(datetime.combine(FRIDAY, time(15)))
    reschedule_reminder(reminder=announced, due_at=chosen, by=staff)
    Reminder.objects.filter(pk=missed.pk).update(state="stopped")
    missed.refresh_from_db()
    go_to(date(2026, 12, 7))
    resend_reminder(reminder=missed, by=staff)
    sent_again = timezone.now()
    close_on(FRIDAY, MONDAY)
    write_reminders()
    announced.refresh_from_db()
    missed.refresh_from_db()
    assert (announced.due_at, missed.due_at) == (chosen, sent_again)
