"""Projects: what anybody can see, and what their community does with them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.access import get_manageable, public, secretary_required
from banyang.errors import refusals_in
from banyang.lists import numbered_page
from banyang.templatetags.banyang import moment
from partners.models import Partner
from projects.actions import lists as list_actions
from projects.actions import projects as actions
from projects.forms.claims import PublicReasonForm
from projects.forms.projects import NewProjectForm, ProjectForm, project_filters
from projects.models import Claim, Delivery, Need, Project, Service

WAITED_FOR = 600  # seconds before its opening in which a project's page looks again by itself


@public
def project_list(request: HttpRequest) -> HttpResponse:
    """What partners can claim, now or soon."""
    user = request.user
    filters = project_filters(request.GET, user)
    projects = filters.filtered(Project.objects.visible_to(user))
    projects = filters.sorted(projects.on_page().with_claims_of(user))
    context = {"filters": filters, "page": numbered_page(request, projects)}
    if user.is_staff or user.is_secretary:
        context["draft_count"] = Project.objects.manageable_by(user).drafts().count()
    return render(request, "projects/project_list.html", context)


@public
def project_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A project: the public part, a partner's own claim, and the line for its community."""
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user).on_page(), pk=pk)
    manages = project.list.is_managed_by(user)
    claims = project.claims.with_partner_as_seen_by(user)
    own = list(claims.active().represented_by(user)) if user.is_partner else []
    free, resting = Partner.objects.claimants(user, beside=own) if user.is_partner else ([], [])
    context = {
        "project": project,
        "manages": manages,
        "needs": project.needs.visible_to(user) if manages else (),
        "done": Delivery.objects.on_project(project).totals(),
        "line": claims.active().in_line() if manages else (),
        "ended": claims.ended() if manages else (),
        "own": own,
        "free": free,
        "resting": resting if project.state == Project.State.PUBLISHED else (),
    }
    response = render(request, "projects/project_detail.html", context)
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
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
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
    return render(request, "projects/project_create.html", {"form": form, "need": need})


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
        known |= {"summary": need.text, "place": need.place}
    service = request.GET.get("service", "")
    if service.isdecimal():
        chosen = get_object_or_404(Service.objects.current(), pk=service)
        known = {"service": chosen, "title": chosen.name, "summary": chosen.summary} | known
    return known


@secretary_required
def project_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a project."""
    project = get_manageable(Project, request.user, pk=pk)
    form = ProjectForm(request.POST or None, instance=project)
    with refusals_in(form), form.held() as is_valid:
        if is_valid:
            promoted = actions.edit_project(project=project, details=form.details, by=request.user)
            messages.success(request, _("The project is changed."))
            _say_passed_on(request, promoted)
            return redirect(project)
    context = {"form": form, "project": Project.objects.get(pk=pk)}
    return render(request, "projects/project_edit.html", context)


def _say_passed_on(request: HttpRequest, promoted: list[Claim]) -> None:
    if promoted:
        names = _(", ").join(claim.partner.name for claim in promoted)
        messages.info(
            request, _("Free places passed to %(names)s, who will be told.") % {"names": names}
        )


@secretary_required
def project_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft off its list."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.remove_project(project=project, by=request.user)
        messages.success(request, _("The draft is removed."))
        return redirect(project.list)
    context = {
        "heading": _("Remove the draft “%(project)s”?") % {"project": project},
        "effects": [_("It disappears from the list; its history stays on record.")],
        "verb": _("Remove draft"),
        "danger": True,
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@secretary_required
def project_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a published project, saying why."""
    project = get_manageable(Project, request.user, pk=pk)
    form = PublicReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            ended = actions.cancel_project(
                project=project, reason=form.cleaned_data["reason"], by=request.user
            )
            messages.success(request, _cancelled(len(ended)))
            return redirect(project)
    context = {
        "heading": _("Cancel “%(project)s”?") % {"project": project},
        "effects": _effects_of_cancelling(project),
        "form": form,
        "verb": _("Cancel project"),
        "danger": True,
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


def _effects_of_cancelling(project: Project) -> list[str]:
    claims = project.claims.unfinished().count()
    released = ngettext(
        "%(count)d claim is released, and its partner is told the reason.",
        "%(count)d claims are released, and their partners are told the reason.",
        claims,
    )
    nobody = _("No partner's claim runs, so none has to be told.")
    return [
        released % {"count": claims} if claims else nobody,
        _("The project stays on the list as cancelled, with the reason."),
        _("This can't be undone."),
    ]


def _cancelled(ended: int) -> str:
    if not ended:
        return _("The project is cancelled.")
    return ngettext(
        "The project is cancelled; %(count)d claim was released and its partner will be told.",
        "The project is cancelled; %(count)d claims were released and their partners will be told.",
        ended,
    ) % {"count": ended}


@secretary_required
def project_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a project that was drafted after its list."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        list_actions.publish_project(project=project, by=request.user)
        messages.success(request, _("The project is published."))
        return redirect(project)
    if project.list.opens_later:
        when = _("Everybody reads it, and partners can claim it from %(moment)s on.") % {
            "moment": moment(project.list.opens_at)
        }
    else:
        when = _("Everybody reads it, and partners can claim it at once.")
    context = {
        "heading": _("Publish “%(project)s”?") % {"project": project},
        "effects": [
            when,
            _("By itself it can't be made a draft again, only be cancelled with a reason."),
        ],
        "verb": _("Publish project"),
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@secretary_required
def project_complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a project whose claims are completed."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.complete_project(project=project, by=request.user)
        messages.success(request, _("The project is completed."))
        return redirect(project)
    context = {
        "heading": _("Complete “%(project)s”?") % {"project": project},
        "effects": _effects_of_completing(project),
        "verb": _("Complete project"),
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


def _effects_of_completing(project: Project) -> list[str]:
    effects = [_("Nobody can claim it any more. All its claims have to be completed.")]
    if waiting := project.claims.waiting().count():
        sentence = ngettext(
            "%(count)d partner on the waiting list is told that it is completed.",
            "%(count)d partners on the waiting list are told that it is completed.",
            waiting,
        )
        effects.append(sentence % {"count": waiting})
    return [*effects, _("If that was too early, it can be reopened.")]


@secretary_required
def project_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a completed project again; a link that asks for the page asks first."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.reopen_project(project=project, by=request.user)
        messages.success(request, _("The project is open again."))
        return redirect(project)
    context = {
        "heading": _("Reopen “%(project)s”?") % {"project": project},
        "effects": [_("Its claims can go on; places that are left can be claimed.")],
        "verb": _("Reopen project"),
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)
