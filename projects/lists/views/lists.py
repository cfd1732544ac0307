"""The yearly project lists."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.access import get_manageable, public, secretary_required
from banyang.foundation.dates import moment
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from projects.lists import actions, reminders
from projects.lists.forms import ListFilters, ListForm, PublishForm
from projects.lists.history import openings_of
from projects.lists.hooks import as_read_by
from projects.lists.models import ProjectList


@public
def projectlist_list(request: HttpRequest) -> HttpResponse:
    """Every community's list, year by year, with how far it has come."""
    filters = ListFilters(request.GET)
    lists = filters.filtered(ProjectList.objects.visible_to(request.user))
    lists = lists.select_related("community").with_progress()
    page = numbered_page(request, filters.sorted(lists))
    return render(request, "lists/projectlist_list.html", {"filters": filters, "page": page})


@public
def projectlist_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One list with its projects."""
    lists = ProjectList.objects.visible_to(request.user).with_progress()
    project_list = get_object_or_404(lists.select_related("community"), pk=pk)
    projects = project_list.projects.visible_to(request.user).on_page()
    projects = as_read_by(projects, request.user)
    context = {
        "list": project_list,
        "projects": projects,
        "manages": project_list.is_managed_by(request.user),
        "openings": openings_of(project_list) if project_list.is_managed_by(request.user) else (),
    }
    return render(request, "lists/projectlist_detail.html", context)


@secretary_required
def projectlist_create(request: HttpRequest) -> HttpResponse:
    """Begin a community's list for a year."""
    form = ListForm(request.POST or None, user=request.user)
    with submitted(form) as is_valid:
        if is_valid:
            project_list = actions.create_list(**form.cleaned_data, by=request.user)
            messages.success(request, _("The list is begun. Now draft its projects."))
            return redirect(project_list)
    return render(request, "lists/projectlist_create.html", {"form": form})


@secretary_required
def projectlist_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a list that was begun by mistake."""
    project_list = get_manageable(ProjectList, request.user, pk=pk)
    if request.method == "POST":
        actions.remove_list(project_list=project_list, by=request.user)
        messages.success(request, _("The list is removed."))
        return redirect("projectlist_list")
    return confirm(
        request,
        heading=_("Remove %(list)s?") % {"list": project_list},
        effects=[
            _("Nothing is on it, and nobody else has seen it; its history stays on record."),
            _("The community can begin a list for this year again."),
        ],
        verb=_("Remove list"),
        cancel_url=project_list.get_absolute_url(),
        danger=True,
    )


@secretary_required
def projectlist_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a list with all its drafts, to open at a moment."""
    project_list = get_manageable(ProjectList, request.user, pk=pk)
    initial = {"opens_at": announced} if (announced := project_list.announced_opening) else {}
    form = PublishForm(request.POST or None, initial=initial)
    with submitted(form) as is_valid:
        if is_valid:
            opens_at = form.cleaned_data["opens_at"]
            count = actions.publish_list(
                project_list=project_list, opens_at=opens_at, by=request.user
            )
            messages.success(request, _published(count, opens_at))
            return redirect(project_list)
    context = {
        "form": form,
        "list": project_list,
        "earliest": actions.earliest_opening(project_list),
        "drafts": project_list.projects.drafts(),
        "recipient_count": reminders.members_of_running_partners().count(),
    }
    return render(request, "lists/projectlist_publish.html", context)


def _published(count: int, opens_at: datetime) -> str:
    return ngettext(
        "%(count)d project is published. Partners can claim from %(moment)s on.",
        "%(count)d projects are published. Partners can claim from %(moment)s on.",
        count,
    ) % {"count": count, "moment": moment(opens_at)}


@secretary_required
def projectlist_reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a published list open at another moment than was announced."""
    project_list = get_manageable(ProjectList, request.user, pk=pk)
    if not project_list.opens_later:
        return _too_late(request, project_list)
    form = PublishForm(request.POST or None, initial={"opens_at": project_list.opens_at})
    with submitted(form, refusals_beside="opens_at") as is_valid:
        if is_valid:
            opens_at = form.cleaned_data["opens_at"]
            actions.reschedule_list(project_list=project_list, opens_at=opens_at, by=request.user)
            messages.success(
                request,
                _("The list opens on %(moment)s. Whoever was told another time is told this one.")
                % {"moment": moment(opens_at)},
            )
            return redirect(project_list)
    context = {
        "form": form,
        "list": project_list,
        "who_is_told": _who_is_told(project_list),
        "earliest": actions.earliest_opening(project_list),
    }
    return render(request, "lists/projectlist_reschedule.html", context)


@secretary_required
def projectlist_recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a published list back to a draft before it opens."""
    project_list = get_manageable(ProjectList, request.user, pk=pk)
    if not project_list.opens_later:
        return _too_late(request, project_list)
    if request.method == "POST":
        actions.recall_list(project_list=project_list, by=request.user)
        messages.success(request, _("The list is a draft again. Publish it once it is right."))
        return redirect(project_list)
    return confirm(
        request,
        heading=_("Take %(list)s back?") % {"list": project_list},
        effects=[
            _("The list and its projects are drafts again, which nobody else sees."),
            _who_is_told(project_list),
            _("When you publish it again, everybody is told its new opening."),
        ],
        verb=_("Take list back"),
        cancel_url=project_list.get_absolute_url(),
        danger=True,
    )


def _too_late(request: HttpRequest, project_list: ProjectList) -> HttpResponse:
    messages.error(request, actions.ONLY_BEFORE_OPENING)
    return redirect(project_list)


def _who_is_told(project_list: ProjectList) -> str:
    count = reminders.notified(project_list).count()
    if count == 0:
        return _("Nobody has read of it yet, so there is nobody to tell.")
    return ngettext(
        "%(count)d person who has heard of it is told.",
        "%(count)d people who have heard of it are told.",
        count,
    ) % {"count": count}
