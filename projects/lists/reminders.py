"""Who is notified of a list's opening, and when. The words are in `notices.py`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.calendar import add_working_days, morning
from banyang.office.models import Office
from banyang.reminders.actions import News, is_announced, notified_of, remind_all, supersede
from partners.models import Partner
from projects.lists.models import ProjectList
from projects.lists.notices import MOVED, OPENS, RECALLED


def tell_opening(project_list: ProjectList) -> None:
    """Tell the members of every partner that may claim when a list just published opens.

    When a list was taken back and is published again, whoever has not been notified of the first
    is notified of the second alone, before the opening that they know. Example: it was to open on
    Saturday, and on Friday evening it was taken back and published for Wednesday.
    """
    news = _of_opening(project_list, members_of_running_partners())
    if is_announced(project_list, RECALLED):
        supersede(news, covers={RECALLED: [project_list]})
    else:  # nothing to set right, so nobody's inbox has to wait until all this is written
        remind_all(news)


def _of_opening(project_list: ProjectList, people: Iterable[User]) -> list[News]:
    """News for `people` of when a list opens, once for each time that it is published."""
    return [News(OPENS, people, project_list, timezone.now(), _publication(project_list))]


def _publication(project_list: ProjectList) -> str:
    """Tells one publication of a list from the next after it was taken back."""
    return str(project_list.published_at)


def tell_moved(project_list: ProjectList, was_to_open_at: datetime | None) -> None:
    """Tell whoever was notified when a list was to open that it opens at another moment.

    Before either moment comes. When it is moved again before they were notified, they get one
    message with the last moment. Whoever has not been notified of the opening yet finds the new
    moment in that message.
    """
    first = min(filter(None, [was_to_open_at, project_list.opens_at]), default=None)
    supersede([_correction(MOVED, project_list, first)], replaces={MOVED: [project_list]})


def tell_recalled(project_list: ProjectList) -> None:
    """Tell whoever was notified of a list that it is taken back, before it was to open.

    Everybody else gets no message about it. The list must still be published: who was notified is
    asked for its present publication.
    """
    supersede(
        [_correction(RECALLED, project_list, project_list.opens_at)],
        replaces={OPENS: [project_list], MOVED: [project_list]},
    )


def _correction(kind: str, project_list: ProjectList, needed_by: datetime | None) -> News:
    now = timezone.now()
    people = notified(project_list)
    return News(kind, people, project_list, now, occasion=now.isoformat(), needed_by=needed_by)


def notified(project_list: ProjectList) -> "QuerySet[User]":
    """Who has been notified that a list opens, since it was published."""
    return notified_of(project_list, OPENS, occasion=_publication(project_list))


def all_notified_by(written_at: datetime) -> datetime:
    """When everybody has been notified of what is written down at `written_at`, and could act on it.

    Messages go out in the reminder hours of working days, one a day: who has had today's gets it
    with the next working day's. So it is the morning of the second working day from then. Example:
    written down on Friday evening, mailed on Monday, known to all on Tuesday morning.
    """
    return morning(add_working_days(timezone.localdate(written_at), 2), Office.current())


def members_of_running_partners() -> "QuerySet[User]":
    running = Partner.objects.running()
    return User.objects.active().filter(memberships__partner__in=running).distinct()


@transaction.atomic
def write_ahead() -> None:
    """Write down the openings ahead for whoever may claim by now. Repeated daily.

    Example: a partner whose agreement was signed after the list was published. Leaves out lists
    that are just being moved or taken back, which have to know who was notified.
    """
    coming = ProjectList.objects.opening_soon()
    lists = list(coming.select_for_update(no_key=True, skip_locked=True, of=("self",)))
    people = list(members_of_running_partners()) if lists else []
    remind_all(news for each in lists for news in _of_opening(each, people))
