from django.urls import path

from banyang.reminders import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
]
