"""The partner list and one partner's page."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from banyang.accounts.access import secretary_required, staff_required
from banyang.foundation.forms import submitted
from banyang.foundation.listing import keyset_page
from banyang.foundation.phones import mask
from partners import actions
from partners.exports import partner_export_file
from partners.filters import PartnerFilters
from partners.forms import PartnerCreateForm, PartnerForm, ProfileForm
from partners.history import changes_of
from partners.models import Partner, PartnerQuerySet
from partners.terms import ENDING_WITHIN
from partners.transitions import transitions_open_to


@secretary_required
def partner_list(request: HttpRequest) -> HttpResponse:
    """Search, narrow, sort and page through the partners."""
    filters = PartnerFilters(request.GET)
    visible = Partner.objects.visible_to(request.user)
    page = keyset_page(
        request,
        filters.filtered(visible),
        visible=visible,
        by=filters.sort_expression,
        descending=filters.descending,
        shaped=PartnerQuerySet.in_rows,
    )
    context = {"filters": filters, "page": page, "rows": _labelled(page.rows)}
    return render(request, "partners/partner_list.html", context)


def _labelled(rows: list[Any]) -> list[dict[str, Any]]:
    """The rows as they read: words for what is stored as codes, masked phone numbers."""
    kinds = {value: str(label) for value, label in Partner.Kind.choices}
    statuses = {key: capfirst(str(label)) for key, label in Partner.status_words().items()}
    today = timezone.localdate()
    return [
        {
            "pk": str(row.pk),
            "number": str(row.number or ""),
            "name": row.name,
            "kind": kinds[row.kind],
            "community": row.community_name or "",
            "contact": row.contact_name,
            "phone": mask(row.contact_phone),
            "signed_on": row.signed_on,
            "ends_on": row.agreement_ends_on,
            "term": _term(row, today),
            "tone": Partner.Status(row.status).tone,
            "status_label": statuses[row.status, row.number is not None],
        }
        for row in rows
    ]


def _term(row: Any, today: date) -> str:
    """What to say beside the end of a running agreement: that it has ended or ends soon."""
    ends = row.agreement_ends_on
    if row.status != Partner.Status.SIGNED or ends is None:
        return ""
    if ends < today:
        return _("ended")
    return _("ends soon") if ends <= today + timedelta(days=ENDING_WITHIN) else ""


@secretary_required
@require_http_methods(["GET", "POST"])
def partner_export(request: HttpRequest) -> FileResponse:
    """What the list shows, as an Excel file; by POST, for staff, with phone numbers in full."""
    phones_shown = request.method == "POST"
    if phones_shown and not request.user.is_staff:
        raise PermissionDenied
    filters = PartnerFilters(request.GET)
    partners = filters.sorted(filters.filtered(Partner.objects.visible_to(request.user)))
    return partner_export_file(
        partners, query=filters.query, by=request.user, phones_shown=phones_shown
    )


@never_cache  # members see their own contacts' numbers in full
def partner_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner: what is known, its people, its way, and for staff what was changed."""
    user = request.user
    partner = get_object_or_404(Partner.objects.visible_to(user).select_related("community"), pk=pk)
    is_own = partner.pk in user.partner_ids
    context = {
        "partner": partner,
        "is_own": is_own,
        "keeps_up": partner.is_kept_up_by(user),
        "sees_note": user.is_staff or user.is_secretary,
        "may_call": user.is_staff or user.is_secretary,
        "contacts": partner.contacts.all(),
        "members": partner.members.select_related("user"),
        "transitions": transitions_open_to(partner) if user.is_staff else [],
        "status_changes": partner.status_changes.select_related("by"),
        "changes": changes_of(partner) if user.is_staff else [],
        "today": timezone.localdate(),
    }
    return render(request, "partners/partner_detail.html", context)


@staff_required
def partner_create(request: HttpRequest) -> HttpResponse:
    """Enter a partner that applied, with its first contact."""
    form = PartnerCreateForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            partner = actions.create_partner(
                by=request.user, contact=form.contact_data, **form.partner_data
            )
            messages.success(
                request, _("“%(partner)s” is entered. Next: vet it.") % {"partner": partner}
            )
            return redirect(partner)
    return render(request, "partners/partner_create.html", {"form": form})


def partner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a partner: staff everything, members what they offer and where they are."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    if not partner.is_kept_up_by(request.user):
        raise PermissionDenied
    form_class = PartnerForm if request.user.is_staff else ProfileForm
    form = form_class(request.POST or None, instance=partner)
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_partner(partner=partner, by=request.user, **form.cleaned_data)
            messages.success(request, _("“%(partner)s” is saved.") % {"partner": partner})
            return redirect(partner)
    return render(request, "partners/partner_edit.html", {"form": form, "partner": partner})
