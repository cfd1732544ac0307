from django.urls import path

from events.markets.views import market_days, stalls

urlpatterns = [
    path("markets/", market_days.marketday_list, name="marketday_list"),
    path("markets/plan/", market_days.marketday_plan, name="marketday_plan"),
    path("markets/<int:pk>/", market_days.marketday_detail, name="marketday_detail"),
    path("markets/<int:pk>/edit/", market_days.marketday_edit, name="marketday_edit"),
    path("markets/<int:pk>/postpone/", market_days.marketday_postpone, name="marketday_postpone"),
    path("markets/<int:pk>/cancel/", market_days.marketday_cancel, name="marketday_cancel"),
    path("markets/<int:pk>/stall/", stalls.stall_take, name="stall_take"),
    path("stalls/<int:pk>/", stalls.stall_edit, name="stall_edit"),
    path("stalls/<int:pk>/withdraw/", stalls.stall_withdraw, name="stall_withdraw"),
    path("stalls/<int:pk>/release/", stalls.stall_release, name="stall_release"),
]
