"""The plan that community and partner agree on a claim: aim, content, steps, deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.dates import day
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked, move
from projects.claims import reminders
from projects.claims.models import Claim, Step

MOST_STEPS = 60  # of a plan: each is a reminder or three to several people


@dataclass(frozen=True)
class PlannedStep:
    """A step as agreed; `pk` names the step it replaces, if there was one."""

    text: str
    due_on: date
    pk: int | None = None


@action
def confirm_claim(
    *,
    claim: Claim,
    aim: str,
    content: str,
    deadline_on: date,
    steps: Sequence[PlannedStep],
    by: User,
) -> None:
    """Confirm `claim` with the plan both sides have agreed, and remind both of its steps.

    Harmless to repeat with the same plan. Raises `Refused` if the claim holds no place, the plan
    lacks its aim, its content or a step, has too many of these, or a date is past or after the
    deadline.
    """
    # Locked, because a first click may just be confirming it.
    if _is_agreed(Claim.objects.lock(claim.pk), (aim, content, deadline_on), steps):
        return
    _check_complete(aim, content, steps)
    _check_number(steps)
    _check_dates(deadline_on, [step.due_on for step in steps])
    move(
        claim,
        Claim.State.CONFIRMED,
        confirmed_at=timezone.now(),
        aim=aim,
        content=content,
        deadline_on=deadline_on,
    )
    reminders.plan_steps(claim, _write_steps(claim, steps))
    reminders.tell_confirmed(claim)


def _is_agreed(claim: Claim, plan: tuple[str, str, date], steps: Sequence[PlannedStep]) -> bool:
    """Whether `claim` is confirmed with just this plan: its aim, content and deadline, and steps."""
    if claim.state != Claim.State.CONFIRMED:
        return False
    agreed = sorted((step.due_on, step.text) for step in claim.steps.all())
    asked = sorted((step.due_on, step.text) for step in steps)
    return (claim.aim, claim.content, claim.deadline_on) == plan and agreed == asked


@action
def change_plan(
    *,
    claim: Claim,
    aim: str,
    content: str,
    deadline_on: date,
    steps: Sequence[PlannedStep],
    by: User,
) -> None:
    """Replace the plan of a confirmed claim: steps with a `pk` are kept, others added, the
    rest removed. Steps with a new date are reminded of anew.

    Raises `Refused` if the claim is not confirmed, the plan would lack its aim, its content or a
    step, would have too many of these, a step was done that would fall away, or a new date is past
    or after the deadline.
    """
    _check_complete(aim, content, steps)
    claim = Claim.objects.lock(claim.pk)
    if claim.state != Claim.State.CONFIRMED:
        raise Refused(_("Only the plan of a confirmed claim can be changed."))
    before = {step.pk: step for step in claim.steps.all()}
    _check_number(steps, had=len(before))
    if not {step.pk for step in steps} - {None} <= before.keys():
        raise Refused(_("Somebody else has just changed this plan. Look at it again, please."))
    unchanged = {step.pk: step.due_on for step in before.values()}
    new_dates = [step.due_on for step in steps if unchanged.get(step.pk or 0) != step.due_on]
    _check_dates(deadline_on, new_dates, old_deadline_on=claim.deadline_on)
    if any(step.due_on > deadline_on for step in steps):
        raise Refused(_after_deadline(deadline_on))
    claim.aim, claim.content, claim.deadline_on = aim, content, deadline_on
    claim.save(update_fields=["aim", "content", "deadline_on"])
    kept = {step.pk for step in steps}
    for step in before.values():
        if step.pk not in kept:
            _remove_step(step)
    reminders.plan_steps(claim, _write_steps(claim, steps, before=before))


def _check_complete(aim: str, content: str, steps: Sequence[PlannedStep]) -> None:
    if not (aim and content and steps):
        raise Refused(_("A plan needs its aim, its content and at least one step with its date."))


def _check_number(steps: Sequence[PlannedStep], *, had: int = 0) -> None:
    """A plan that had more already may keep as many."""
    if len(steps) > (most := max(MOST_STEPS, had)):
        raise Refused(too_many_steps(most))


def too_many_steps(most: int) -> str:
    return _("A plan has %(most)d steps at most.") % {"most": most}


def _check_dates(
    deadline_on: date, steps_on: Sequence[date], *, old_deadline_on: date | None = None
) -> None:
    today = timezone.localdate()
    if deadline_on < today and deadline_on != old_deadline_on:
        raise Refused(_("The deadline is in the past."))
    for due_on in steps_on:
        if due_on < today:
            raise Refused(_("A step on %(day)s is in the past.") % {"day": day(due_on)})
        if due_on > deadline_on:
            raise Refused(_after_deadline(deadline_on))


def _after_deadline(deadline_on: date) -> str:
    return _("Every step must be due by the deadline, %(day)s.") % {"day": day(deadline_on)}


def _write_steps(
    claim: Claim, steps: Sequence[PlannedStep], *, before: dict[int, Step] | None = None
) -> list[Step]:
    """Write `steps`; returns those whose date is new, which still have to be reminded of."""
    dated: list[Step] = []
    for planned in steps:
        step = (before or {}).get(planned.pk or 0)
        if step is None:
            dated.append(Step.objects.create(claim=claim, text=planned.text, due_on=planned.due_on))
            continue
        moved = step.due_on != planned.due_on
        if moved or step.text != planned.text:
            step.text, step.due_on = planned.text, planned.due_on
            step.save(update_fields=["text", "due_on"])
        if moved:
            reminders.forget_step(step)
            dated.append(step)
    return dated


def _remove_step(step: Step) -> None:
    if step.done_on is not None:
        raise Refused(_("“%(step)s” was done; it stays in the plan.") % {"step": step})
    reminders.forget_step(step)
    step.delete()


@action
def mark_step(*, step: Step, done: bool, by: User) -> None:
    """Say that `step` was done today, or that it was not after all. Harmless to repeat.

    Raises `Refused` if its claim is not confirmed or it fell away with a new plan.
    """
    if Claim.objects.lock(step.claim_id).state != Claim.State.CONFIRMED:
        raise Refused(_("Steps are marked while their claim is confirmed and not completed."))
    step.done_on = locked(Step.objects, step.pk).done_on
    if done == (step.done_on is not None):
        return
    # What is still to be said of the step falls silent by itself: see `Step.is_pending`.
    step.done_on = timezone.localdate() if done else None
    step.save(update_fields=["done_on"])
    if not done:
        reminders.plan_steps(step.claim, [step])
