"""What there is to do about project lists: publish what is drafted."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.models import User
from banyang.foundation.worklist import Task, TaskGroup, sources, task_group
from projects.lists.models import ProjectList


@sources.register
def tasks(user: User, today: date) -> Iterator[TaskGroup]:
    """For a secretary the lists with drafts that nobody else sees yet."""
    if user.is_secretary and not user.is_staff:
        yield _lists(user)


def _lists(user: User) -> TaskGroup:
    kind = _("Project list to publish")
    return task_group(
        kind,
        ProjectList.objects.manageable_by(user).with_drafts_to_publish(),
        lambda rows: [
            Task(
                kind,
                _drafted(project_list),
                reverse("projectlist_publish", args=[project_list.pk]),
                _("Publish list"),
            )
            for project_list in rows
        ],
        url=reverse("projectlist_list"),
    )


def _drafted(project_list: ProjectList) -> str:
    count = project_list.draft_count  # type: ignore[attr-defined]
    return ngettext(
        "%(list)s: %(count)d project drafted", "%(list)s: %(count)d projects drafted", count
    ) % {"list": project_list, "count": count}
