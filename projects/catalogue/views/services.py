"""The suggested project list: its services."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, public, staff_required
from banyang.foundation.forms import submitted
from banyang.foundation.hooks import together
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from projects.catalogue import actions
from projects.catalogue.forms import CatalogueFilter, ServiceForm, StaffCatalogueFilter
from projects.catalogue.hooks import service_page
from projects.catalogue.models import Service

PER_PAGE = 50


@public
def service_list(request: HttpRequest) -> HttpResponse:
    """The catalogue, by category and group."""
    filters = (StaffCatalogueFilter if request.user.is_staff else CatalogueFilter)(request.GET)
    services = Service.objects.visible_to(request.user).in_catalogue_order()
    page = numbered_page(request, filters.filtered(services), per_page=PER_PAGE)
    return render(request, "catalogue/service_list.html", {"filters": filters, "page": page})


@public
def service_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One service, and the projects on which it can be claimed now."""
    services = Service.objects.visible_to(request.user).select_related("group__category")
    service = get_object_or_404(services, pk=pk)
    context = {"service": service, **together(service_page(service, request.user))}
    return render(request, "catalogue/service_detail.html", context)


@staff_required
def service_create(request: HttpRequest) -> HttpResponse:
    """Add a service to the catalogue."""
    form = ServiceForm(request.POST or None, instance=Service())
    with submitted(form) as is_valid:
        if is_valid:
            actions.save_service(service=form.instance, by=request.user)
            messages.success(request, _("Added to the catalogue."))
            return redirect(form.instance)
    return render(request, "catalogue/service_create.html", {"form": form})


def service_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a service."""
    service = get_manageable(Service, request.user, pk=pk)
    form = ServiceForm(request.POST or None, instance=service)
    with submitted(form) as is_valid:
        if is_valid:
            actions.save_service(service=form.instance, by=request.user)
            messages.success(request, _("Saved."))
            return redirect(service)
    return render(request, "catalogue/service_edit.html", {"form": form, "service": service})


def service_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then offer a service no more; or offer it again."""
    service = get_manageable(Service, request.user, pk=pk)
    if request.method == "POST":
        if service.is_current:
            actions.retire_service(service=service, by=request.user)
            messages.success(request, _("Offered no more. You can offer it again at any time."))
        else:
            actions.restore_service(service=service, by=request.user)
            messages.success(request, _("Offered again."))
        return redirect(service)
    if service.is_current:
        heading, verb = _("Offer “%(service)s” no more?"), _("Offer it no more")
        effects = [
            _("Nobody but street-office staff finds it in the catalogue."),
            _("Projects that came of it stay as they are."),
        ]
    else:
        heading, verb = _("Offer “%(service)s” again?"), _("Offer it again")
        effects = [_("Everybody finds it in the catalogue again.")]
    return confirm(
        request,
        heading=heading % {"service": service},
        effects=effects,
        verb=verb,
        cancel_url=service.get_absolute_url(),
    )
