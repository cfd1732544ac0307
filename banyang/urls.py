"""Every URL of the product; each app names its own."""

from django.urls import include, path

from banyang import pages, views

urlpatterns = [
    path("", views.front, name="front"),
    path("home/", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("", include("banyang.accounts.urls")),
    path("", include("banyang.office.urls")),
    path("", include("banyang.reminders.urls")),
    path("communities/", include("communities.urls")),
    path("communities/<str:code>/", pages.community_detail, name="community_detail"),
    path("partners/", include("partners.urls")),
    path("", include("projects.urls")),
    path("", include("events.urls")),
]

handler400 = "banyang.error_pages.bad_request"
handler500 = "banyang.error_pages.server_error"
