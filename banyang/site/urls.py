from django.urls import path

from banyang.site import views

urlpatterns = [
    path("", views.front, name="front"),
    path("home/", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("communities/<str:code>/", views.community_detail, name="community_detail"),
]
