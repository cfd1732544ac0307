"""What there is to do about needs: check, answer, say what became of them."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.worklist import Task, TaskGroup, sources, task_group
from banyang.office.calendar import working_days_after
from projects.needs.models import ANSWER_WITHIN, CHECK_WITHIN, Need, NeedQuerySet


@sources.register
def tasks(user: User, today: date) -> Iterator[TaskGroup]:
    """For a secretary what waits in their communities, for staff what is late in any of them."""
    if not (user.is_staff or user.is_secretary):
        return
    needs = Need.objects.manageable_by(user)
    late = needs.overdue(timezone.now())
    if user.is_staff:
        needs = late
    yield _to_check(needs)
    yield _to_answer(late)
    yield _to_wind_up(needs)


def _to_check(needs: NeedQuerySet) -> TaskGroup:
    kind = _("Need to check")

    def make(rows: list[Need]) -> list[Task]:
        due = working_days_after(
            {timezone.localdate(need.created_at) for need in rows}, CHECK_WITHIN
        )
        return [
            _need(kind, need, _("Check"), due[timezone.localdate(need.created_at)]) for need in rows
        ]

    return task_group(
        kind,
        needs.unchecked().longest_waiting(),
        make,
        url=reverse("need_list") + "?state=new",
        late_url=reverse("need_list") + "?state=new&overdue=on",
    )


def _to_answer(late: NeedQuerySet) -> TaskGroup:
    kind = _("Need to answer")
    within = timedelta(days=ANSWER_WITHIN)
    return task_group(
        kind,
        late.unanswered().longest_waiting(),
        lambda rows: [
            _need(kind, need, _("Answer"), timezone.localdate(need.checked_at) + within)
            for need in rows
        ],
        url=reverse("need_list") + "?state=open&overdue=on",
    )


def _to_wind_up(needs: NeedQuerySet) -> TaskGroup:
    kind = _("Need whose project has ended")
    return task_group(
        kind,
        needs.awaiting_outcome().longest_waiting(),
        lambda rows: [_need(kind, need, _("Say what became of it")) for need in rows],
        url=reverse("need_list") + "?state=ended",
    )


def _need(kind: str, need: Need, verb: str, due_on: date | None = None) -> Task:
    return Task(kind, f"{need.community} · {need}", need.get_absolute_url(), verb, due_on)
