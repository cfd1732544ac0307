"""Every URL of the product; each room names its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("banyang.accounts.urls")),
    path("", include("banyang.office.urls")),
    path("", include("banyang.reminders.urls")),
    path("communities/", include("communities.urls")),
    path("catalogue/", include("projects.catalogue.urls")),
    path("partners/imports/", include("partners.imports.urls")),
    path("partners/", include("partners.urls")),
    path("needs/", include("projects.needs.urls")),
    path("", include("projects.lists.urls")),
    path("", include("projects.claims.urls")),
    path("", include("projects.deliveries.urls")),
    path("", include("events.markets.urls")),
    path("", include("banyang.site.urls")),
]

handler400 = "banyang.foundation.error_pages.bad_request"
handler500 = "banyang.foundation.error_pages.server_error"
