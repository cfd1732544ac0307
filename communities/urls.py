from django.urls import path

from communities import views

urlpatterns = [
    path("", views.community_list, name="community_list"),
    path("new/", views.community_create, name="community_create"),
    path("<str:code>/edit/", views.community_edit, name="community_edit"),
    path("<str:code>/secretaries/new/", views.secretary_appoint, name="secretary_appoint"),
    path("secretaries/<int:pk>/remove/", views.secretary_remove, name="secretary_remove"),
    path("secretaries/<int:pk>/phone/", views.secretary_phone, name="secretary_phone"),
    path("<str:code>/helpers/new/", views.helper_add, name="helper_add"),
    path("helpers/<int:pk>/edit/", views.helper_edit, name="helper_edit"),
    path("helpers/<int:pk>/remove/", views.helper_remove, name="helper_remove"),
    path("helpers/<int:pk>/phone/", views.helper_phone, name="helper_phone"),
]
