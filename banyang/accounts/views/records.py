"""What is written down about who saw a phone number and who took a list out, for staff to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from banyang.accounts.access import staff_required
from banyang.accounts.forms import RecordFilters
from banyang.accounts.models import Disclosure, Export, RecordQuerySet
from banyang.foundation.listing import numbered_page


@staff_required
def disclosure_list(request: HttpRequest) -> HttpResponse:
    """Who was shown whose number."""
    records = Disclosure.objects.visible_to(request.user).latest_first("shown_at")
    records = records.prefetch_related("thing")
    return _records(request, records, "accounts/disclosure_list.html", _("Numbers shown"))


@staff_required
def export_list(request: HttpRequest) -> HttpResponse:
    """Who took which list out as a file."""
    records = Export.objects.visible_to(request.user).latest_first("exported_at")
    return _records(request, records, "accounts/export_list.html", _("Lists taken out"))


def _records(
    request: HttpRequest, records: RecordQuerySet, template: str, title: str
) -> HttpResponse:
    """A page of records, each of which was made `at` a moment."""
    filters = RecordFilters(request.GET)
    page = numbered_page(request, filters.filtered(records))
    return render(request, template, {"filters": filters, "page": page, "title": title})
