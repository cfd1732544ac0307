"""The product's pages, and what they are measured against."""

import os
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from banyang.accounts.access import public
from banyang.accounts.models import User
from banyang.foundation.listing import PER_PAGE
from banyang.office.models import Office
from banyang.reminders.models import Message, Reminder
from communities.models import Community
from events.markets.models import MarketDay
from partners.models import Partner
from partners.terms import ENDING_WITHIN
from projects.catalogue.models import Service
from projects.lists.models import Project
from projects.needs.models import Need


class EndingSoon(admin.SimpleListFilter):
    title, parameter_name = "agreement ends within 60 days", "ending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("on", "yes")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        last = timezone.localdate() + timedelta(days=ENDING_WITHIN)
        return queryset.ending_by(last) if self.value() else queryset


class NobodyToCall(admin.SimpleListFilter):
    title, parameter_name = "nobody to call", "no_contact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("on", "yes")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.without_contact() if self.value() else queryset


class PartnerAdmin(admin.ModelAdmin):
    """The partner list's columns, search and filters, the rows in one joined query."""

    list_display = [
        "number",
        "name",
        "kind",
        "community",
        "contact_name",
        "contact_phone",
        "signed_on",
        "agreement_ends_on",
        "status",
    ]
    list_filter = ["status", "kind", "community", EndingSoon, NobodyToCall]
    list_select_related = ["community"]
    list_per_page = PER_PAGE
    search_fields = ["search_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        main = FilteredRelation("contacts", condition=Q(contacts__is_main=True))
        return (
            super()
            .get_queryset(request)
            .defer("search_text", "search_grams", "name_pinyin")
            .annotate(main=main, main_name=F("main__name"), main_phone=F("main__phone"))
        )

    def contact_name(self, partner: Any) -> str:
        return partner.main_name or ""

    def contact_phone(self, partner: Any) -> str:
        return partner.main_phone or ""


site = admin.AdminSite()
site.register(Partner, PartnerAdmin)
# What else the product's navigation leads staff to, so that both pages have as much around them.
site.register([Project, Need, MarketDay, Community, Service, Reminder, User, Office, Message])


def bare(request: HttpRequest) -> HttpResponse:
    """The least that a page for signed-in people can be: one query, no template."""
    names = Partner.objects.order_by("pk").values_list("name", flat=True)[:PER_PAGE]
    return HttpResponse("\n".join(names))


@public
def worker(request: HttpRequest) -> HttpResponse:
    """Which web process answers."""
    return HttpResponse(str(os.getpid()))


urlpatterns = [
    path("bench/admin/", site.urls),
    path("bench/bare/", bare),
    path("bench/worker/", worker),
    path("", include("banyang.urls")),
]
