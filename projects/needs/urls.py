from django.urls import path

from projects.needs.views import board, desk

urlpatterns = [
    path("", board.need_board, name="need_board"),
    path("new/", board.need_create, name="need_create"),
    path("receipt/", board.need_find, name="need_find"),
    path("receipt/<str:receipt>/", board.need_receipt, name="need_receipt"),
    path("list/", desk.need_list, name="need_list"),
    path("enter/", desk.need_enter, name="need_enter"),
    path("<int:pk>/", board.need_detail, name="need_detail"),
    path("<int:pk>/check/", desk.need_check, name="need_check"),
    path("<int:pk>/edit/", desk.need_edit, name="need_edit"),
    path("<int:pk>/reject/", desk.need_reject, name="need_reject"),
    path("<int:pk>/answer/", desk.need_answer, name="need_answer"),
    path("<int:pk>/answer/edit/", desk.need_answer_edit, name="need_answer_edit"),
    path("<int:pk>/join/", desk.need_join, name="need_join"),
    path("<int:pk>/phone/", desk.need_phone, name="need_phone"),
]
