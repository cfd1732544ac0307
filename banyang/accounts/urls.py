from django.urls import path

from banyang.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("invitation/<str:uidb64>/<str:token>/", views.invitation, name="invitation"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password_change, name="password_change"),
    path("language/", views.language_switch, name="language_switch"),
    path("view/", views.view_switch, name="view_switch"),
]
