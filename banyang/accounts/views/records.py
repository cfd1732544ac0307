"""What is written down about who saw a phone number and who took a list out, for staff to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from banyang.accounts.access import staff_required
from banyang.accounts.forms import RecordFilters
from banyang.accounts.models import Disclosure, Export
from banyang.lists import numbered_page


@staff_required
def disclosure_list(request: HttpRequest) -> HttpResponse:
    """Who was shown whose number."""
    filters = RecordFilters(request.GET, at="shown_at")
    records = Disclosure.objects.visible_to(request.user).latest_first().prefetch_related("thing")
    page = numbered_page(request, filters.filtered(records))
    return render(request, "accounts/disclosure_list.html", {"filters": filters, "page": page})


@staff_required
def export_list(request: HttpRequest) -> HttpResponse:
    """Who took which list out as a file."""
    filters = RecordFilters(request.GET, at="exported_at")
    records = Export.objects.visible_to(request.user).latest_first()
    page = numbered_page(request, filters.filtered(records))
    return render(request, "accounts/export_list.html", {"filters": filters, "page": page})
