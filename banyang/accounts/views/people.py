"""Staff looking after everybody's accounts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from banyang.accounts import actions, invitations
from banyang.accounts.access import staff_required
from banyang.accounts.forms import UserFilters, UserForm, UserInviteForm
from banyang.accounts.models import User
from banyang.accounts.reveal import show_phone
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(User.objects.manageable_by(request.user), pk=pk)


@staff_required
def user_list(request: HttpRequest) -> HttpResponse:
    """Everybody with an account."""
    filters = UserFilters(request.GET)
    people = filters.sorted(filters.filtered(User.objects.manageable_by(request.user)))
    page = numbered_page(request, people.with_roles())
    return render(request, "accounts/user_list.html", {"filters": filters, "page": page})


@staff_required
@never_cache
def user_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person, their roles, and the link that lets them in while they have no password."""
    person = _person(request, pk)
    link = ""
    if person.access == "invited":
        link = request.build_absolute_uri(invitations.path(person))
    return render(request, "accounts/user_detail.html", {"person": person, "link": link})


@staff_required
def user_invite(request: HttpRequest) -> HttpResponse:
    """Make an account for somebody and get the link to send."""
    form = UserInviteForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            person = actions.invite_user(**form.cleaned_data, by=request.user)
            messages.success(
                request,
                _("%(name)s has an account. Send them the link below.") % {"name": person},
            )
            return redirect("user_detail", pk=person.pk)
    return render(request, "accounts/user_invite.html", {"form": form})


@staff_required
@never_cache
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's account. The form shows the phone number, so that is written down."""
    person = _person(request, pk)
    form = UserForm(request.POST or None, instance=person)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_user(user=person, by=request.user, **form.cleaned_data)
            messages.success(request, _("The account of %(name)s is changed.") % {"name": person})
            return redirect("user_detail", pk=pk)
    if not form.is_bound and person.phone and person != request.user:
        actions.disclose(thing=person, field="phone", by=request.user)
    return render(
        request, "accounts/user_edit.html", {"form": form, "person": _person(request, pk)}
    )


@staff_required
@require_POST
def user_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person's phone number in full."""
    person = _person(request, pk)
    back = reverse("user_detail", kwargs={"pk": pk})
    return show_phone(request, person, name=str(person), back=back)


@staff_required
def user_reissue(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take the password away and make a new link."""
    person = _person(request, pk)
    if request.method == "POST":
        actions.reissue_invitation(user=person, by=request.user)
        messages.success(request, _("Send %(name)s the new link below.") % {"name": person})
        return redirect("user_detail", pk=pk)
    return confirm(
        request,
        heading=_("Make a new link for %(name)s?") % {"name": person},
        effects=[
            _("Their password stops working, and they are signed out everywhere."),
            _("Any older link stops working."),
            _("You get a new link to send, which lets them set a password within 7 days."),
        ],
        verb=_("Make a new link"),
        cancel_url=reverse("user_detail", kwargs={"pk": pk}),
    )


@staff_required
def user_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then keep a person from signing in."""
    person = _person(request, pk)
    if request.method == "POST":
        actions.deactivate_user(user=person, by=request.user)
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
        return redirect("user_detail", pk=pk)
    return confirm(
        request,
        heading=_("Deactivate the account of %(name)s?") % {"name": person},
        effects=[
            _("They are signed out at once and can't sign in any more."),
            _("What they did stays on record under their name."),
            _("You can reactivate the account at any time."),
        ],
        verb=_("Deactivate"),
        cancel_url=reverse("user_detail", kwargs={"pk": pk}),
        danger=True,
    )


@staff_required
@require_POST
def user_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person sign in again."""
    person = _person(request, pk)
    actions.reactivate_user(user=person, by=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person})
    return redirect("user_detail", pk=pk)
