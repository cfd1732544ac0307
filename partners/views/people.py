"""A partner's people: whom to speak to, and who acts for it in the product."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from banyang.accounts.access import get_manageable
from banyang.accounts.actions import disclose
from banyang.accounts.reveal import show_phone
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from partners import actions
from partners.forms import ContactForm, MemberForm
from partners.models import Contact, Member, Partner


def contact_add(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """Add a person to speak to: staff for every partner, members for their own."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_pk)
    if not partner.is_kept_up_by(request.user):
        raise PermissionDenied
    form = ContactForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            contact = actions.add_contact(partner=partner, by=request.user, **form.cleaned_data)
            messages.success(request, _("%(name)s is now a contact.") % {"name": contact})
            return redirect(partner)
    return render(request, "partners/contact_add.html", {"form": form, "partner": partner})


@never_cache
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a contact. The form shows the number, so that is written down for staff."""
    contact = get_manageable(Contact, request.user, pk=pk)
    is_own = contact.partner_id in request.user.partner_ids
    form = ContactForm(request.POST or None, instance=contact)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_contact(contact=contact, by=request.user, **form.cleaned_data)
            messages.success(request, _("%(name)s is saved.") % {"name": contact})
            return redirect(contact.partner)
    if not form.is_bound and contact.phone and not is_own:
        disclose(thing=contact, field="phone", by=request.user)
    context = {"form": form, "contact": contact, "partner": contact.partner}
    return render(request, "partners/contact_edit.html", context)


def contact_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then take a contact off the list."""
    contact = get_manageable(Contact, request.user, pk=pk)
    partner = contact.partner
    if request.method == "POST":
        actions.remove_contact(contact=contact, by=request.user)
        messages.success(request, _("%(name)s is no longer a contact.") % {"name": contact})
        return redirect(partner)
    return confirm(
        request,
        heading=_("Remove %(name)s from the contacts of “%(partner)s”?")
        % {"name": contact, "partner": partner},
        effects=[_("The history keeps that this person was a contact.")],
        verb=_("Remove"),
        cancel_url=partner.get_absolute_url(),
        danger=True,
    )


@require_POST
def contact_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a contact's number in full to somebody whose work is to call; it is recorded."""
    contact = get_object_or_404(Contact.objects.callable_by(request.user), pk=pk)
    back = contact.partner.get_absolute_url()
    return show_phone(request, contact, name=contact.name, back=back)


def member_add(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """Name a person who acts for a partner, with an account if they have none yet."""
    partner = get_manageable(Partner, request.user, pk=partner_pk)
    form = MemberForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            member, is_new = actions.invite_member(
                partner=partner, by=request.user, **form.cleaned_data
            )
            person = member.user
            if is_new:
                messages.success(
                    request,
                    _("%(name)s has an account. Send them the link below.") % {"name": person},
                )
                return redirect("user_detail", pk=person.pk)
            messages.success(request, _("%(name)s now acts for the partner.") % {"name": person})
            return redirect(partner)
    return render(request, "partners/member_add.html", {"form": form, "partner": partner})


def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then end a person's acting for a partner."""
    member = get_manageable(Member, request.user, pk=pk)
    partner = member.partner
    if request.method == "POST":
        actions.remove_member(member=member, by=request.user)
        messages.success(
            request, _("%(name)s no longer acts for the partner.") % {"name": member.user}
        )
        return redirect(partner)
    return confirm(
        request,
        heading=_("Shall %(name)s no longer act for “%(partner)s”?")
        % {"name": member.user, "partner": partner},
        effects=[
            _("The person no longer sees this partner's data and claims nothing for it."),
            _("Their account stays."),
        ],
        verb=_("Remove"),
        cancel_url=partner.get_absolute_url(),
        danger=True,
    )
