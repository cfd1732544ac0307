from django.urls import path

from banyang.office import views

urlpatterns = [
    path("office/", views.office_edit, name="office_edit"),
    path("office/calendar/", views.calendar_edit, name="calendar_edit"),
    path("office/calendar/load/", views.calendar_load, name="calendar_load"),
    path("office/calendar/add/", views.calendarday_add, name="calendarday_add"),
    path("office/calendar/<int:pk>/", views.calendarday_edit, name="calendarday_edit"),
    path("office/calendar/<int:pk>/remove/", views.calendarday_remove, name="calendarday_remove"),
]
