"""A community changes, cancels, completes and reopens a project that partners may have claimed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.accounts.access import get_manageable, secretary_required
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from projects.claims.actions import projects as actions
from projects.claims.forms import PublicReasonForm
from projects.claims.models import Claim
from projects.lists.forms import ProjectForm
from projects.lists.models import Project


@secretary_required
def project_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a project."""
    project = get_manageable(Project, request.user, pk=pk)
    form = ProjectForm(request.POST or None, instance=project)
    with submitted(form) as is_valid:
        if is_valid:
            promoted = actions.edit_project(project=project, details=form.details, by=request.user)
            messages.success(request, _("The project is changed."))
            _say_passed_on(request, promoted)
            return redirect(project)
    return render(request, "claims/project_edit.html", {"form": form, "project": project})


def _say_passed_on(request: HttpRequest, promoted: list[Claim]) -> None:
    if promoted:
        names = _(", ").join(claim.partner.name for claim in promoted)
        messages.info(
            request, _("Free places passed to %(names)s, who will be told.") % {"names": names}
        )


@secretary_required
def project_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a published project, saying why."""
    project = get_manageable(Project, request.user, pk=pk)
    form = PublicReasonForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            ended = actions.cancel_project(
                project=project, reason=form.cleaned_data["reason"], by=request.user
            )
            messages.success(request, _cancelled(len(ended)))
            return redirect(project)
    return confirm(
        request,
        heading=_("Cancel “%(project)s”?") % {"project": project},
        effects=_effects_of_cancelling(project),
        verb=_("Cancel project"),
        cancel_url=project.get_absolute_url(),
        form=form,
        danger=True,
    )


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
def project_complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a project whose claims are completed."""
    project = get_manageable(Project, request.user, pk=pk)
    if request.method == "POST":
        actions.complete_project(project=project, by=request.user)
        messages.success(request, _("The project is completed."))
        return redirect(project)
    return confirm(
        request,
        heading=_("Complete “%(project)s”?") % {"project": project},
        effects=_effects_of_completing(project),
        verb=_("Complete project"),
        cancel_url=project.get_absolute_url(),
    )


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
    return confirm(
        request,
        heading=_("Reopen “%(project)s”?") % {"project": project},
        effects=[_("Its claims can go on; places that are left can be claimed.")],
        verb=_("Reopen project"),
        cancel_url=project.get_absolute_url(),
    )
