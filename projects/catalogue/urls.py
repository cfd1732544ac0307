from django.urls import path

from projects.catalogue.views import sections, services

urlpatterns = [
    path("", services.service_list, name="service_list"),
    path("new/", services.service_create, name="service_create"),
    path("<int:pk>/", services.service_detail, name="service_detail"),
    path("<int:pk>/edit/", services.service_edit, name="service_edit"),
    path("<int:pk>/retire/", services.service_retire, name="service_retire"),
    path("categories/", sections.category_list, name="category_list"),
    path("categories/new/", sections.category_create, name="category_create"),
    path("categories/<int:pk>/edit/", sections.category_edit, name="category_edit"),
    path("categories/<int:pk>/move/", sections.category_move, name="category_move"),
    path("categories/<int:pk>/remove/", sections.category_remove, name="category_remove"),
    path("groups/new/", sections.group_create, name="group_create"),
    path("groups/<int:pk>/edit/", sections.group_edit, name="group_edit"),
    path("groups/<int:pk>/move/", sections.group_move, name="group_move"),
    path("groups/<int:pk>/remove/", sections.group_remove, name="group_remove"),
]
