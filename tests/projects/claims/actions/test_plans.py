"""Plans with their steps, and the reminders of both sides."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.foundation.errors import Refused
from banyang.office.models import Office
from banyang.reminders.kinds import KINDS
from banyang.reminders.models import SETTLED, Reminder
from projects.claims.actions import claims, plans, projects
from projects.claims.actions.plans import PlannedStep
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim, Step
from projects.deliveries import actions as deliveries
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory

pytestmark = pytest.mark.usefixtures("english")


TODAY = date(2026, 11, 18)  # a Wednesday


DEADLINE = date(2026, 12, 31)


PLAN = {"aim": "方便老年人理发", "content": "每月一次", "deadline_on": DEADLINE}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 18, 10, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)


def confirm(claim: Claim, by, *steps: PlannedStep, **changes) -> None:
    plans.confirm_claim(claim=claim, steps=steps, by=by, **(PLAN | changes))


def due_days(kind: str, recipient) -> list[date]:
    waiting = Reminder.objects.filter(kind=kind, recipient=recipient, state="waiting")
    return sorted(timezone.localtime(reminder.due_at).date() for reminder in waiting)


def say(kind: str, subject, recipient) -> str | None:
    notice = KINDS[kind].render(KINDS[kind].queryset().get(pk=subject.pk), recipient)
    return notice and notice.text


def test_confirmation_writes_plan_and_reminders(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("首次进社区", date(2026, 12, 7)))  # a Monday
    claimed.refresh_from_db()
    assert (claimed.state, claimed.aim) == (Claim.State.CONFIRMED, PLAN["aim"])
    assert claimed.steps.get().due_on == date(2026, 12, 7)
    # A week ahead, and on the working day before, not on the Sunday.
    assert due_days("step_due", member) == [date(2026, 11, 30), date(2026, 12, 4)]
    assert due_days("step_due", secretary) == []
    assert due_days("step_overdue", member) == [date(2026, 12, 8)]
    assert due_days("step_overdue", secretary) == [date(2026, 12, 8)]
    assert due_days("claim_confirmed", member) == [TODAY]


def test_confirmation_leaves_out_reminders_of_the_past(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("首次进社区", TODAY + timedelta(days=2)))
    assert due_days("step_due", member) == [TODAY + timedelta(days=1)]


@pytest.mark.parametrize(
    ("step_on", "deadline_on", "message"),
    [
        (TODAY - timedelta(days=1), DEADLINE, "in the past"),
        (DEADLINE + timedelta(days=1), DEADLINE, "by the deadline"),
        (TODAY, TODAY - timedelta(days=1), "deadline is in the past"),
    ],
)
def test_confirmation_with_wrong_dates_is_refused(
    claimed, secretary, step_on, deadline_on, message
) -> None:
    with pytest.raises(Refused, match=message):
        confirm(claimed, secretary, PlannedStep("服务", step_on), deadline_on=deadline_on)
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CLAIMED
    assert not Step.objects.exists()


def test_confirmation_of_waiting_claim_is_refused(project, secretary) -> None:
    with pytest.raises(Refused, match="can't be done now"):
        confirm(
            ClaimFactory(project=project, waiting=True), secretary, PlannedStep("服务", DEADLINE)
        )


INCOMPLETE = [{"aim": ""}, {"content": ""}, {"steps": []}]


@pytest.mark.parametrize("missing", INCOMPLETE)
def test_confirmation_with_an_incomplete_plan_is_refused(claimed, secretary, missing) -> None:
    whole = PLAN | {"steps": [PlannedStep("服务", DEADLINE)]}
    with pytest.raises(Refused, match="its content and at least one step"):
        plans.confirm_claim(claim=claimed, by=secretary, **(whole | missing))
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CLAIMED


@pytest.mark.parametrize("missing", INCOMPLETE)
def test_plan_is_not_changed_to_an_incomplete_one(claimed, secretary, missing) -> None:
    confirm(claimed, secretary, PlannedStep("服务", DEADLINE))
    whole = PLAN | {"steps": [PlannedStep("服务", DEADLINE, claimed.steps.get().pk)]}
    with pytest.raises(Refused, match="its content and at least one step"):
        plans.change_plan(claim=claimed, by=secretary, **(whole | missing))
    claimed.refresh_from_db()
    assert claimed.content == PLAN["content"]
    assert claimed.steps.exists()


def test_changed_plan_reminds_of_new_dates_and_forgets_old_ones(claimed, secretary, member) -> None:
    confirm(
        claimed,
        secretary,
        PlannedStep("踏勘", date(2026, 12, 2)),
        PlannedStep("服务", date(2026, 12, 16)),
        PlannedStep("回访", date(2026, 12, 30)),
    )
    kept, moved, _dropped = claimed.steps.all()
    later = date(2026, 12, 23)
    plans.change_plan(
        claim=claimed,
        steps=[
            PlannedStep("现场踏勘", kept.due_on, kept.pk),
            PlannedStep("服务", later, moved.pk),
            PlannedStep("总结", date(2026, 12, 31)),
        ],
        by=secretary,
        **PLAN,
    )
    assert list(claimed.steps.values_list("text", "due_on")) == [
        ("现场踏勘", date(2026, 12, 2)),
        ("服务", later),
        ("总结", date(2026, 12, 31)),
    ]
    assert due_days("step_overdue", secretary) == [
        date(2026, 12, 3),
        date(2026, 12, 24),
        date(2027, 1, 1),
    ]
    assert len(due_days("step_due", member)) == 6


def test_plan_changed_back_reminds_again(claimed, secretary, member) -> None:
    first, second = date(2026, 12, 16), date(2026, 12, 23)
    confirm(claimed, secretary, PlannedStep("服务", first))
    step = claimed.steps.get()
    for due_on in (second, first):
        plans.change_plan(
            claim=claimed, steps=[PlannedStep("服务", due_on, step.pk)], by=secretary, **PLAN
        )
    assert due_days("step_overdue", member) == [date(2026, 12, 17)]


def test_step_that_was_done_is_not_dropped(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("踏勘", date(2026, 12, 2)))
    plans.mark_step(step=claimed.steps.get(), done=True, by=member)
    with pytest.raises(Refused, match="stays in the plan"):
        plans.change_plan(
            claim=claimed, steps=[PlannedStep("服务", DEADLINE)], by=secretary, **PLAN
        )


def test_step_done_falls_silent_and_speaks_again_when_undone(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("踏勘", date(2026, 12, 2)))
    step = claimed.steps.get()
    assert "踏勘" in (say("step_due", step, member) or "")
    plans.mark_step(step=step, done=True, by=member)
    assert say("step_due", step, member) is None
    assert say("step_overdue", step, secretary) is None
    plans.mark_step(step=step, done=False, by=member)
    assert say("step_overdue", step, secretary) is not None


def test_steps_of_withdrawn_claim_fall_silent(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("踏勘", date(2026, 12, 2)))
    claims.withdraw_claim(claim=claimed, reason="人手不足", by=member)
    assert say("step_due", claimed.steps.get(), member) is None
    assert "人手不足" in (say("claim_withdrawn", claimed, secretary) or "")


def test_unconfirmed_claim_is_reminded_of_until_confirmed(
    project, partner, member, secretary
) -> None:
    claim, _created = claims.claim_project(project=project, partner=partner, by=member)
    assert due_days("claim_unconfirmed", secretary) == [date(2026, 11, 23)]  # 3 working days on
    assert partner.name in (say("claim_unconfirmed", claim, secretary) or "")
    confirm(claim, secretary, PlannedStep("服务", DEADLINE))
    assert say("claim_unconfirmed", claim, secretary) is None


def test_free_place_is_told_to_each_side_in_its_words(
    project, partner, member, secretary, confirmed, other_partner, other_member
) -> None:
    waiting = ClaimFactory(project=project, partner=other_partner, waiting=True)
    claims.release_claim(claim=confirmed, reason="联系不上", by=secretary)
    assert "now holds it" in (say("claim_place_free", waiting, other_member) or "")
    assert "agree the plan" in (say("claim_place_free", waiting, secretary) or "")


def settle(step: Step) -> None:
    """The worker comes to the reminders of `step`, and finds nothing left to say."""
    Reminder.objects.filter(subject_pk=step.pk, kind__startswith="step_").update(
        state=Reminder.State.OBSOLETE, reason=SETTLED
    )


def test_step_open_again_is_reminded_of_again(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("服务", date(2026, 12, 16)))
    step = claimed.steps.get()
    ahead, late = due_days("step_due", member), due_days("step_overdue", secretary)
    plans.mark_step(step=step, done=True, by=member)
    settle(step)
    assert due_days("step_due", member) == due_days("step_overdue", secretary) == []

    plans.mark_step(step=step, done=False, by=member)
    assert (due_days("step_due", member), due_days("step_overdue", secretary)) == (ahead, late)
    assert Reminder.objects.filter(subject_pk=step.pk, kind="step_due").count() == len(ahead)


def test_step_that_was_told_of_is_not_told_of_twice(claimed, secretary, member) -> None:
    confirm(claimed, secretary, PlannedStep("服务", date(2026, 12, 16)))
    step = claimed.steps.get()
    told = Reminder.objects.filter(subject_pk=step.pk, kind="step_due")
    told.update(state=Reminder.State.SENT, sent_at=timezone.now())
    for done in (True, False):
        plans.mark_step(step=step, done=done, by=member)
    assert due_days("step_due", member) == []


def test_claim_open_again_reminds_of_the_steps_still_to_do(
    claimed, project, secretary, member
) -> None:
    confirm(
        claimed,
        secretary,
        PlannedStep("踏勘", date(2026, 12, 2)),
        PlannedStep("服务", date(2026, 12, 16)),
    )
    done, pending = claimed.steps.all()
    plans.mark_step(step=done, done=True, by=member)
    DeliveryFactory(claim=claimed)
    deliveries.complete_claim(claim=claimed, by=secretary)
    projects.complete_project(project=project, by=secretary)
    settle(done)
    settle(pending)

    projects.reopen_project(project=project, by=secretary)
    deliveries.reopen_claim(claim=claimed, by=secretary)
    waiting = Reminder.objects.waiting().filter(kind__startswith="step_")
    assert {reminder.subject_pk for reminder in waiting} == {pending.pk}
    assert due_days("step_overdue", member) == [date(2026, 12, 17)]
    assert len(due_days("step_due", member)) == 2


def test_overdue_step_reads_naturally_before_it_is(claimed, secretary, monkeypatch) -> None:
    confirm(claimed, secretary, PlannedStep("服务", date(2026, 12, 16)))
    step = claimed.steps.get()
    assert "if it is not done by then" in (say("step_overdue", step, secretary) or "")
    late = timezone.now() + timedelta(days=60)
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert "was due on" in (say("step_overdue", step, secretary) or "")


def test_office_is_asked_as_often_for_one_step_as_for_thirty(
    project, partner, other_partner, secretary, settings
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    Office.current()  # which makes it the first time
    asked = []
    for claimant, count in ((partner, 1), (other_partner, 30)):
        claim = ClaimFactory(project=ProjectFactory(list=project.list), partner=claimant)
        steps = [PlannedStep(f"第{n}次", TODAY + timedelta(days=n + 10)) for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            confirm(claim, secretary, *steps)
        asked.append(sum("office_office" in query["sql"] for query in queries))
    assert asked[0] == asked[1]
