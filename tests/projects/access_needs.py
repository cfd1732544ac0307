from typing import Any

from django.utils import timezone

from projects.factories import CategoryFactory, GroupFactory, NeedFactory, ServiceFactory
from tests.access import PUBLIC, STAFF_ONLY, Page

# Anybody may see a need on the board; only staff and its own secretaries may change it.
DESK = "302 200 200 403 403 403"
STAFF_POST = "302 302 403 403 403 403"
SECRETARIES = "302 200 200 200 403 403"


def _on_board(cast: Any) -> dict[str, Any]:
    return {"pk": NeedFactory(community=cast.community, on_board=True).pk}


def _answered(cast: Any) -> dict[str, Any]:
    answer = {"state": "solved", "answer": "已换新灯", "answered_at": timezone.now()}
    return {"pk": NeedFactory(community=cast.community, on_board=True, **answer).pk}


def _category(cast: Any) -> dict[str, Any]:
    return {"pk": CategoryFactory().pk}


def _group(cast: Any) -> dict[str, Any]:
    return {"pk": GroupFactory().pk}


PAGES: dict[str, Page] = {
    "need_board": Page(PUBLIC),
    "need_create": Page(PUBLIC),
    "need_find": Page(PUBLIC),
    "need_receipt": Page(
        PUBLIC, lambda cast: {"receipt": NeedFactory(community=cast.community).receipt}
    ),
    "need_detail": Page(PUBLIC, _on_board),
    "need_list": Page(SECRETARIES),
    "need_enter": Page(SECRETARIES),
    "need_check": Page(DESK, _on_board),
    "need_edit": Page(DESK, _on_board),
    "need_reject": Page(DESK, _on_board),
    "need_answer": Page(DESK, _on_board),
    "need_answer_edit": Page(DESK, _answered),
    "need_join": Page(DESK, _on_board),
    "need_phone": Page(DESK, _on_board, post=lambda cast: {}),
    "service_list": Page(PUBLIC),
    "service_detail": Page(PUBLIC, lambda cast: {"pk": ServiceFactory().pk}),
    "service_create": Page(STAFF_ONLY),
    "service_edit": Page(STAFF_ONLY, lambda cast: {"pk": ServiceFactory().pk}),
    "service_retire": Page(STAFF_ONLY, lambda cast: {"pk": ServiceFactory().pk}),
    "category_list": Page(STAFF_ONLY),
    "category_create": Page(STAFF_ONLY),
    "category_edit": Page(STAFF_ONLY, _category),
    "category_move": Page(STAFF_POST, _category, post=lambda cast: {"up": "1"}),
    "category_remove": Page(STAFF_POST, _category, post=lambda cast: {}),
    "group_create": Page(STAFF_ONLY),
    "group_edit": Page(STAFF_ONLY, _group),
    "group_move": Page(STAFF_POST, _group, post=lambda cast: {"up": "1"}),
    "group_remove": Page(STAFF_POST, _group, post=lambda cast: {}),
}
