from typing import Any

from django.utils import timezone

from projects.needs.factories import NeedFactory
from tests.access import PUBLIC, Page

# Anybody may see a need on the board; only staff and its own secretaries may change it.
DESK = "302 200 200 403 403 403"
SECRETARIES = "302 200 200 200 403 403"


def _on_board(cast: Any) -> dict[str, Any]:
    return {"pk": NeedFactory(community=cast.community, on_board=True).pk}


def _answered(cast: Any) -> dict[str, Any]:
    answer = {"state": "solved", "answer": "已换新灯", "answered_at": timezone.now()}
    return {"pk": NeedFactory(community=cast.community, on_board=True, **answer).pk}


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
}
