from django.urls import path

from banyang.office import views

urlpatterns = [
    path("office/", views.office_edit, name="office_edit"),
]
