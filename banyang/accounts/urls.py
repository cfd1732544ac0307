from django.contrib.auth import views as auth
from django.urls import path

urlpatterns = [
    path(
        "sign-in/",
        auth.LoginView.as_view(template_name="accounts/sign_in.html"),
        name="sign_in",
    ),
]
