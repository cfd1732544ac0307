"""What people are notified of about claims, and when. The words are in `notices.py`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import (
    last_working_days,
    mornings,
    working_days_after,
)
from banyang.reminders.actions import (
    News,
    forget,
    forget_all,
    move_to_calendar,
    remind,
    remind_all,
)
from projects.claims import notices  # noqa: F401 - registers the kinds
from projects.claims.models import UNCONFIRMED_AFTER, Claim, Step, StepQuerySet

DAYS_BEFORE = (7, 1)  # a step is due: when its partner is reminded
WRITTEN_AHEAD = timedelta(days=30)  # how far ahead newcomers and holidays are looked at daily
LATE = timedelta(days=7)  # how long after it was due newcomers still get a reminder
STEPS_AT_ONCE = 500


# --- Writing it down: called by the actions, inside their transactions ---------------------
def _tell(kind_name: str, subject: Model, *groups: Iterable[User], occasion: str = "") -> None:
    """Notify everybody in `groups`: in the inbox at once, by e-mail in reminder hours."""
    remind(
        kind=kind_name,
        recipients=_each_once(*groups),
        subject=subject,
        due_at=timezone.now(),
        occasion=occasion,
    )


def ask_to_confirm(claims: Iterable[Claim]) -> None:
    """Remind the secretaries of claims just made that they leave unconfirmed for 3 working days."""
    remind_all(_to_confirm(dict.fromkeys(claims, timezone.localdate())))


def _to_confirm(claims: Mapping[Claim, date]) -> list[News]:
    """What reminds the secretaries of `claims`, held since a day; two queries for however many."""
    people = User.objects.of_communities({claim.project.list.community_id for claim in claims})
    days = working_days_after(set(claims.values()), UNCONFIRMED_AFTER)
    begin = mornings(days.values())
    return [
        News(
            "claim_unconfirmed",
            people[claim.project.list.community_id],
            claim,
            due_at=begin[days[held_on]],
        )
        for claim, held_on in claims.items()
    ]


def tell_places_free(claims: Sequence[Claim]) -> None:
    """Tell the partners and the secretaries that `claims` have moved up to free places."""
    partners = _of_partners(claims)
    communities = User.objects.of_communities({claim.project.list.community_id for claim in claims})
    now = timezone.now()
    remind_all(
        News(
            "claim_place_free",
            _each_once(partners[claim.partner_id], communities[claim.project.list.community_id]),
            claim,
            due_at=now,
        )
        for claim in claims
    )


def _of_partners(claims: Iterable[Claim]) -> dict[int, list[User]]:
    return User.objects.of_partners({claim.partner_id for claim in claims})


def _each_once(*groups: Iterable[User]) -> Iterable[User]:
    """Everybody in `groups`: somebody may act for both sides."""
    return {user.pk: user for group in groups for user in group}.values()


def tell_withdrawn(claim: Claim) -> None:
    _tell("claim_withdrawn", claim, claim.project.community.people())


def tell_released(claims: Sequence[Claim]) -> None:
    people, now = _of_partners(claims), timezone.now()
    remind_all(
        News("claim_released", people[claim.partner_id], claim, due_at=now) for claim in claims
    )


def tell_confirmed(claim: Claim) -> None:
    _tell("claim_confirmed", claim, claim.partner.people())


def tell_completed(claim: Claim) -> None:
    _tell(
        "claim_completed",
        claim,
        claim.partner.people(),
        occasion=f"{claim.ended_at:%Y%m%d%H%M%S}",
    )


def forget_completed(claim: Claim) -> None:
    """Take back the thanks for a claim that is not completed after all."""
    forget(kind="claim_completed", subject=claim)


def plan_steps(claim: Claim, steps: Iterable[Step]) -> None:
    """Remind of `steps`: the partner 7 days and 1 day ahead, both sides when one is overdue.

    What would have been due before now is left out: whoever has just agreed the plan knows it.
    """
    now = timezone.now()
    remind_all(
        news for news in _of_steps(list(steps)) if news.kind == "step_overdue" or news.due_at >= now
    )


def _of_steps(steps: Sequence[Step]) -> list[News]:
    """News of steps that are due soon and of overdue ones, in the same queries for however many."""
    partners = User.objects.of_partners({step.claim.partner_id for step in steps})
    communities = User.objects.of_communities(
        {step.claim.project.list.community_id for step in steps}
    )
    # A weekend's step is announced on the Friday.
    ahead = {
        (step.due_on, days): step.due_on - timedelta(days) for step in steps for days in DAYS_BEFORE
    }
    before = last_working_days(ahead.values())
    after = working_days_after({step.due_on for step in steps}, 1)
    begin = mornings([*before.values(), *after.values()])
    news = []
    for step in steps:
        members = partners[step.claim.partner_id]
        both = _each_once(members, communities[step.claim.project.list.community_id])
        for days in DAYS_BEFORE:
            due_at = begin[before[ahead[step.due_on, days]]]
            occasion = f"{step.due_on}:{days}"
            news.append(News("step_due", members, step, due_at, occasion))
        news.append(
            News(
                "step_overdue",
                both,
                step,
                due_at=begin[after[step.due_on]],
                occasion=str(step.due_on),
            )
        )
    return news


def forget_step(step: Step) -> None:
    """Take back what still waits about `step`: its date changed or it fell away."""
    forget_all("step_due", "step_overdue", subjects=[step])


# --- Writing it down again: daily, for whoever acts by now ---------------------------------
def write_ahead() -> None:
    """Write down the reminders of claims and steps for whoever acts by now. Repeated daily.

    - When somebody acts for a community or a partner only since a claim was made or a plan agreed,
      they are reminded of what is ahead. Of what is overdue they are reminded if its reminder was
      due no more than `LATE` ago; older things they find on their pages.
    - When a day has become a holiday, what was due on it moves to the working day before or after.
    """
    since = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    unconfirmed = Claim.objects.unconfirmed().on_page()
    held = {claim: timezone.localdate(claim.held_at) for claim in unconfirmed if claim.held_at}
    to_confirm = _to_confirm(held)
    remind_all(news for news in to_confirm if news.due_at >= since - LATE)
    move_to_calendar(to_confirm)
    due = Step.objects.pending().due_by(timezone.localdate() + WRITTEN_AHEAD)
    pks = list(due.values_list("pk", flat=True))
    for start in range(0, len(pks), STEPS_AT_ONCE):
        _write_steps(due.filter(pk__in=pks[start : start + STEPS_AT_ONCE]), since)


@transaction.atomic
def _write_steps(steps: StepQuerySet, since: datetime) -> None:
    """Leave out steps whose plan is just being changed: that writes its reminders itself."""
    still = steps.on_page().select_for_update(no_key=True, skip_locked=True, of=("self", "claim"))
    news = _of_steps(list(still))
    remind_all(
        each
        for each in news
        if each.due_at >= (since - LATE if each.kind == "step_overdue" else since)
    )
    move_to_calendar(news)
