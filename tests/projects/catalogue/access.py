from typing import Any

from projects.catalogue.factories import CategoryFactory, GroupFactory, ServiceFactory
from tests.access import PUBLIC, STAFF_ONLY, Page

STAFF_POST = "302 302 403 403 403 403"


def _category(cast: Any) -> dict[str, Any]:
    return {"pk": CategoryFactory().pk}


def _group(cast: Any) -> dict[str, Any]:
    return {"pk": GroupFactory().pk}


PAGES: dict[str, Page] = {
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
