"""Who is told of a list's opening, and when; in what words, `notices.py` says."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import (
    add_working_days,
    morning,
)
from banyang.office.models import Office
from banyang.reminders.actions import (
    News,
    forget,
    needed_by,
    remind_all,
    told_of,
)
from banyang.reminders.telling import take_turn
from partners.models import Partner
from projects.lists import notices  # noqa: F401 - registers the kinds
from projects.lists.models import ProjectList


def tell_opening(project_list: ProjectList) -> None:
    """Tell the members of every partner that may claim when a list just published opens.

    That an earlier publication was taken back is no news while this one stands: whoever has not
    been told so hears of this one by the moment at which the earlier was to open.
    """
    needed = needed_by(project_list, "projectlist_recalled")
    remind_all(_of_opening(project_list, members_of_running_partners(), needed))


def _of_opening(
    project_list: ProjectList, people: Iterable[User], needed: Mapping[int, datetime]
) -> list[News]:
    """What tells `people` when a list opens, once for each time that it was published."""
    now, occasion = timezone.now(), str(project_list.published_at)
    return [
        News("projectlist_opens", [person], project_list, now, occasion, needed.get(person.pk))
        for person in people
    ]


def tell_moved(project_list: ProjectList, was_to_open_at: datetime | None) -> None:
    """Tell whoever knows when a list was to open that it opens at another moment.

    Before either comes. Who has not been told yet will be told the new moment, as it is then.
    """
    take_turn()
    _correct("projectlist_moved", project_list, was_to_open_at, project_list.opens_at)


def tell_recalled(project_list: ProjectList) -> None:
    """Tell whoever knows of a list that it is taken back; nobody else hears of it.

    Before it was to open. Expects it to be still published: that says who knows.
    """
    take_turn()
    forget(kind="projectlist_opens", subject=project_list)
    _correct("projectlist_recalled", project_list, project_list.opens_at)


def all_told_by(written_at: datetime) -> datetime:
    """When everybody has been told what is written down at `written_at`, and has had time for it.

    Messages go out in the reminder hours of working days, one a day: who has had today's gets it
    with the next working day's. So that one is left to hear of it, and the next to act on it.
    """
    return morning(add_working_days(timezone.localdate(written_at), 2), Office.current())


def told(project_list: ProjectList) -> "QuerySet[User]":
    """Who has heard when a list opens, since it was published."""
    since = project_list.published_at
    if since is None:
        return User.objects.none()
    return told_of(project_list, "projectlist_opens", "projectlist_moved", since=since)


def _correct(kind_name: str, project_list: ProjectList, *openings: datetime | None) -> None:
    """Tell whoever has heard of a list what has become of it, once if it changes again.

    Before the first of its `openings`; and before the one that they know, if it has been moved
    since without their hearing of it.
    """
    known = needed_by(project_list, "projectlist_moved")
    forget(kind="projectlist_moved", subject=project_list)
    now = timezone.now()
    remind_all(
        News(
            kind_name,
            [person],
            project_list,
            due_at=now,
            occasion=now.isoformat(),
            needed_by=min(filter(None, [*openings, known.get(person.pk)]), default=None),
        )
        for person in told(project_list)
    )


def members_of_running_partners() -> "QuerySet[User]":
    running = Partner.objects.running()
    return User.objects.active().filter(memberships__partner__in=running).distinct()


@transaction.atomic
def write_ahead() -> None:
    """Write down of the openings ahead whatever whoever may claim by now has not been told.

    Leaves out lists that are just being moved or taken back: whoever is told so must be known."""
    coming = ProjectList.objects.opening_soon()
    lists = list(coming.select_for_update(no_key=True, skip_locked=True, of=("self",)))
    people = list(members_of_running_partners()) if lists else []
    remind_all(news for each in lists for news in _of_opening(each, people, {}))
