from django.urls import path

from banyang.reminders import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("reminders/", views.reminder_list, name="reminder_list"),
    path("reminders/stop/", views.reminder_stop_all, name="reminder_stop_all"),
    path("reminders/<int:pk>/", views.reminder_detail, name="reminder_detail"),
    path("reminders/<int:pk>/stop/", views.reminder_stop, name="reminder_stop"),
    path("reminders/<int:pk>/resend/", views.reminder_resend, name="reminder_resend"),
    path("reminders/<int:pk>/reschedule/", views.reminder_reschedule, name="reminder_reschedule"),
]
