"""The words of reminders about project lists, made by the worker when it sends them."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.foundation.dates import moment
from banyang.reminders.kinds import Notice, kind
from projects.lists.models import ProjectList

OPENS = "projectlist_opens"
MOVED = "projectlist_moved"
RECALLED = "projectlist_recalled"


def _for_partners(project_list: ProjectList, user: User) -> bool:
    return user.is_partner


def _lists() -> "QuerySet[ProjectList]":
    return ProjectList.objects.select_related("community")


@kind(OPENS, gettext_lazy("a project list opens"), _lists, _for_partners)
def _projectlist_opens(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.PUBLISHED:
        return None
    words = {"list": project_list, "moment": moment(project_list.opens_at)}
    if project_list.opens_later:
        text = _("“%(list)s” is published and opens for claims on %(moment)s.")
    else:
        text = _("“%(list)s” is published and open for claims.")
    return Notice(text % words, reverse("projectlist_detail", args=[project_list.pk]))


@kind(MOVED, gettext_lazy("a list opens at another time"), _lists, _for_partners)
def _projectlist_moved(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.PUBLISHED:
        return None
    words = {"list": project_list, "moment": moment(project_list.opens_at)}
    if project_list.opens_later:
        text = _("The opening of “%(list)s” has been moved: claim from %(moment)s on.")
    else:  # sent late: its recipient was notified of another time
        text = _("The opening of “%(list)s” was moved, and it is open for claims.")
    return Notice(text % words, reverse("projectlist_detail", args=[project_list.pk]))


@kind(RECALLED, gettext_lazy("a list was taken back"), _lists, _for_partners)
def _projectlist_recalled(project_list: ProjectList, recipient: User) -> Notice | None:
    if project_list.state != ProjectList.State.DRAFT:
        return None
    return Notice(
        _("“%(list)s” was taken back before its opening. You are told when it is published again.")
        % {"list": project_list},
        reverse("projectlist_list"),
    )
