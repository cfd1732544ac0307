from django.urls import path

from banyang.accounts.views import own, people, records

urlpatterns = [
    path("sign-in/", own.sign_in, name="sign_in"),
    path("sign-out/", own.sign_out, name="sign_out"),
    path("invitation/<str:uidb64>/<str:token>/", own.invitation, name="invitation"),
    path("me/", own.me, name="me"),
    path("me/password/", own.password_change, name="password_change"),
    path("language/", own.language_switch, name="language_switch"),
    path("view/", own.view_switch, name="view_switch"),
    path("people/", people.user_list, name="user_list"),
    path("people/invite/", people.user_invite, name="user_invite"),
    path("people/numbers-shown/", records.disclosure_list, name="disclosure_list"),
    path("people/lists-taken/", records.export_list, name="export_list"),
    path("people/<int:pk>/", people.user_detail, name="user_detail"),
    path("people/<int:pk>/edit/", people.user_edit, name="user_edit"),
    path("people/<int:pk>/phone/", people.user_phone, name="user_phone"),
    path("people/<int:pk>/new-link/", people.user_reissue, name="user_reissue"),
    path("people/<int:pk>/deactivate/", people.user_deactivate, name="user_deactivate"),
    path("people/<int:pk>/reactivate/", people.user_reactivate, name="user_reactivate"),
]
