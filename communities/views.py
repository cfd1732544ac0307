"""Communities and their people. A community's own page combines rooms: `banyang.site.views`."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from banyang.accounts.access import get_manageable, public, staff_required
from banyang.accounts.actions import disclose
from banyang.accounts.reveal import show_phone
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from communities import actions
from communities.forms import AboutForm, AppointForm, CommunityForm, HelperForm
from communities.models import Community, Helper, Secretary


@public
def community_list(request: HttpRequest) -> HttpResponse:
    """The street office's communities."""
    return render(
        request, "communities/community_list.html", {"communities": Community.objects.all()}
    )


@staff_required
def community_create(request: HttpRequest) -> HttpResponse:
    """Add a community."""
    form = CommunityForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            community = actions.create_community(by=request.user, **form.cleaned_data)
            messages.success(request, _("Added. Now appoint its secretary."))
            return redirect(community)
    return render(request, "communities/community_create.html", {"form": form})


def community_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is said about a community; its names and code only staff change."""
    community = get_manageable(Community, request.user, code=code)
    form_class = CommunityForm if request.user.is_staff else AboutForm
    form = form_class(request.POST or None, instance=community)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_community(community=community, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(community)
    context = {"form": form, "community": community}
    return render(request, "communities/community_edit.html", context)


# --- Who acts for a community --------------------------------------------------------------


@staff_required
def secretary_appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Name a secretary or an assistant, with an account if they have none yet."""
    community = get_object_or_404(Community, code=code)
    form = AppointForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            secretary, is_new = actions.appoint_secretary(
                community=community, by=request.user, **form.cleaned_data
            )
            who = {"name": secretary.user, "community": community}
            if is_new:
                messages.success(
                    request, _("%(name)s has an account. Send them the link below.") % who
                )
                return redirect("user_detail", pk=secretary.user_id)
            messages.success(request, _("%(name)s now acts for %(community)s.") % who)
            return redirect(community)
    context = {"form": form, "community": community}
    return render(request, "communities/secretary_appoint.html", context)


@staff_required
def secretary_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then end a person's acting for a community."""
    secretary = get_object_or_404(Secretary, pk=pk)
    who = {"name": secretary.user, "community": secretary.community}
    if request.method == "POST":
        actions.remove_secretary(secretary=secretary, by=request.user)
        messages.success(request, _("%(name)s no longer acts for %(community)s.") % who)
        return redirect(secretary.community)
    return confirm(
        request,
        heading=_("Shall %(name)s no longer act for %(community)s?") % who,
        effects=[
            _("The person no longer sees or changes this community's data."),
            _("Their account stays, and what they did stays under their name."),
        ],
        verb=_("Remove"),
        cancel_url=secretary.community.get_absolute_url(),
        danger=True,
    )


@require_POST
def secretary_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a secretary's number in full to staff and to their own community; it is recorded."""
    secretary = get_manageable(Secretary, request.user, pk=pk)
    back = secretary.community.get_absolute_url()
    return show_phone(request, secretary.user, name=str(secretary.user), back=back)


# --- Helpers -------------------------------------------------------------------------------


def helper_add(request: HttpRequest, code: str) -> HttpResponse:
    """List a red building leader, grid worker or hub household."""
    community = get_manageable(Community, request.user, code=code)
    form = HelperForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            actions.add_helper(community=community, by=request.user, **form.cleaned_data)
            messages.success(
                request, _("%(name)s is listed.") % {"name": form.cleaned_data["name"]}
            )
            return redirect(community)
    context = {"form": form, "community": community}
    return render(request, "communities/helper_add.html", context)


@never_cache
def helper_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a helper. The form shows the number, so that is written down."""
    helper = get_manageable(Helper, request.user, pk=pk)
    form = HelperForm(request.POST or None, instance=helper)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_helper(helper=helper, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(helper.community)
    if not form.is_bound and helper.phone:
        disclose(thing=helper, field="phone", by=request.user)
    context = {"form": form, "helper": helper, "community": helper.community}
    return render(request, "communities/helper_edit.html", context)


def helper_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then take a helper off the list."""
    helper = get_manageable(Helper, request.user, pk=pk)
    community = helper.community
    who = {"name": helper.name, "community": community}
    if request.method == "POST":
        actions.remove_helper(helper=helper, by=request.user)
        messages.success(request, _("%(name)s is off the list.") % who)
        return redirect(community)
    return confirm(
        request,
        heading=_("Take %(name)s off the list of %(community)s?") % who,
        effects=[_("The history keeps that this person was on it.")],
        verb=_("Remove"),
        cancel_url=community.get_absolute_url(),
        danger=True,
    )


@require_POST
def helper_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a helper's number in full to staff and to their own community; it is recorded."""
    helper = get_manageable(Helper, request.user, pk=pk)
    return show_phone(request, helper, name=helper.name, back=helper.community.get_absolute_url())
