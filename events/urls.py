from django.urls import path

from events import views

urlpatterns = [
    path("markets/", views.marketday_list, name="marketday_list"),
    path("markets/plan/", views.marketday_plan, name="marketday_plan"),
    path("markets/<int:pk>/", views.marketday_detail, name="marketday_detail"),
    path("markets/<int:pk>/edit/", views.marketday_edit, name="marketday_edit"),
    path("markets/<int:pk>/postpone/", views.marketday_postpone, name="marketday_postpone"),
    path("markets/<int:pk>/cancel/", views.marketday_cancel, name="marketday_cancel"),
    path("markets/<int:pk>/stall/", views.stall_take, name="stall_take"),
    path("stalls/<int:pk>/", views.stall_edit, name="stall_edit"),
    path("stalls/<int:pk>/withdraw/", views.stall_withdraw, name="stall_withdraw"),
    path("stalls/<int:pk>/release/", views.stall_release, name="stall_release"),
]
