"""The URLs of imports, below `partners/imports/`."""

from django.urls import path

from partners.imports import views

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("new/", views.import_upload, name="import_upload"),
    path("template/", views.import_template, name="import_template"),
    path("<int:pk>/", views.import_detail, name="import_detail"),
    path("<int:pk>/columns/", views.import_match, name="import_match"),
    path("<int:pk>/preview/", views.import_preview, name="import_preview"),
    path("<int:pk>/renames/", views.import_rename, name="import_rename"),
    path("<int:pk>/commit/", views.import_commit, name="import_commit"),
    path("<int:pk>/resume/", views.import_resume, name="import_resume"),
    path("<int:pk>/discard/", views.import_discard, name="import_discard"),
    path("<int:pk>/left-out/", views.import_left_out, name="import_left_out"),
]
