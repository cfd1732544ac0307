"""Projects: the list and the page that everybody sees, and drafting them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, public, secretary_required
from banyang.foundation.dates import moment
from banyang.foundation.forms import submitted
from banyang.foundation.hooks import together
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from projects.catalogue.models import Service
from projects.lists import actions
from projects.lists.forms import NewProjectForm, project_filters
from projects.lists.hooks import as_read_by, project_page
from projects.lists.models import Project
from projects.needs.models import Need

WAITED_FOR = 600  # seconds before its opening in which a project's page looks again by itself


@public
def project_list(request: HttpRequest) -> HttpResponse:
    """What partners can claim, now or soon."""
    user = request.user
    filters = project_filters(request.GET, user)
    projects = filters.filtered(Project.objects.visible_to(user))
    projects = as_read_by(filters.sorted(projects.on_page()), user)
    context = {"filters": filters, "page": numbered_page(request, projects)}
    if user.is_staff or user.is_secretary:
        context["draft_count"] = Project.objects.manageable_by(user).drafts().count()
    return render(request, "lists/project_list.html", context)


@public
def project_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A project: the public part, a partner's own claim, and the line for its community."""
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user).on_page(), pk=pk)
    manages = project.list.is_managed_by(user)
    context = {
        "project": project,
        "manages": manages,
        "needs": project.needs_visible_to(user) if manages else (),
        **together(project_page(project, user)),
    }
    response = render(request, "lists/project_detail.html", context)
    if wait := _about_to_open(project):
        response["Refresh"] = str(wait)  # whoever waits for it sees it open
    return response


def _about_to_open(project: Project) -> int:
    """In how many seconds a project opens for which people may be waiting; 0 if none do."""
    opens_at = project.list.opens_at
    if project.standing != Project.Standing.SOON or opens_at is None:
        return 0
    left = (opens_at - timezone.now()).total_seconds()
    return int(left) + 1 if left < WAITED_FOR else 0


@secretary_required
def project_create(request: HttpRequest) -> HttpResponse:
    """Draft a project: from the catalogue, from a need, or from scratch."""
    need = _need_of(request)
    scope: dict[str, Any] = {"user": request.user, "need": need, "opened_from": _list_of(request)}
    if "prefill" in request.POST:
        typed = NewProjectForm(request.POST, **scope)
        filled = typed.prefill()
        _say_kept(request, typed)
        return _project_create(request, NewProjectForm(initial=filled, **scope), need)
    form = NewProjectForm(request.POST or None, initial=_suggested(request, need), **scope)
    with submitted(form) as is_valid:
        if is_valid:
            project = actions.create_project(
                project_list=form.cleaned_data["list"],
                details=form.details,
                form_token=form.cleaned_data["form_token"],
                need=need,
                by=request.user,
            )
            messages.success(request, _drafted(project, need))
            return redirect(project)
    return _project_create(request, form, need)


def _say_kept(request: HttpRequest, typed: NewProjectForm) -> None:
    """Why filling in from a service has changed less than one may have thought."""
    if not typed.cleaned_data.get("service"):
        messages.warning(request, _("Choose a service first."))
    elif kept := typed.kept():
        messages.info(
            request,
            _("Left as you wrote it: %(fields)s. Empty it to have it filled in.")
            % {"fields": _(", ").join(kept)},
        )


def _project_create(request: HttpRequest, form: NewProjectForm, need: Need | None) -> HttpResponse:
    return render(request, "lists/project_create.html", {"form": form, "need": need})


def _drafted(project: Project, need: Need | None) -> str:
    """What was saved, with a link to each thing that it concerns."""
    said = format_html(
        _("“{project}” is saved as a draft on the {list}. Partners see it once it is published."),
        project=_link(project),
        list=_link(project.list),
    )
    if need is None:
        return said
    return said + format_html(_(" It is to meet the need “{need}”."), need=_link(need))


def _link(thing: Any) -> str:
    return format_html('<a href="{}">{}</a>', thing.get_absolute_url(), thing)


def _need_of(request: HttpRequest) -> Need | None:
    """The need that `?need=` says the project is to meet."""
    pk = request.GET.get("need", "")
    return get_manageable(Need, request.user, pk=pk) if pk.isdecimal() else None


def _list_of(request: HttpRequest) -> int | None:
    """The list from whose page somebody came, which `?list=` names."""
    pk = request.GET.get("list", "")
    return int(pk) if pk.isdecimal() and len(pk) < 19 else None


def _suggested(request: HttpRequest, need: Need | None) -> dict[str, Any]:
    """What the link that led here knows already."""
    known: dict[str, Any] = {}
    if need is not None:
        known |= {"summary": need.text, "location": need.location}
    service = request.GET.get("service", "")
    if service.isdecimal():
        chosen = get_object_or_404(Service.objects.current(), pk=service)
        known = {"service": chosen, "title": chosen.name, "summary": chosen.summary} | known
    return known


@secretary_required
def project_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft off its list."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.remove_project(project=project, by=request.user)
        messages.success(request, _("The draft is removed."))
        return redirect(project.list)
    return confirm(
        request,
        heading=_("Remove the draft “%(project)s”?") % {"project": project},
        effects=[_("It disappears from the list; its history stays on record.")],
        verb=_("Remove draft"),
        cancel_url=project.get_absolute_url(),
        danger=True,
    )


@secretary_required
def project_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a project that was drafted after its list."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.publish_project(project=project, by=request.user)
        messages.success(request, _("The project is published."))
        return redirect(project)
    if project.list.opens_later:
        when = _("Everybody reads it, and partners can claim it from %(moment)s on.") % {
            "moment": moment(project.list.opens_at)
        }
    else:
        when = _("Everybody reads it, and partners can claim it at once.")
    return confirm(
        request,
        heading=_("Publish “%(project)s”?") % {"project": project},
        effects=[
            when,
            _("By itself it can't be made a draft again, only be cancelled with a reason."),
        ],
        verb=_("Publish project"),
        cancel_url=project.get_absolute_url(),
    )
