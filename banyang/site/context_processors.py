"""What every page knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from banyang.office.models import Office
from banyang.site import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """The office whose page it is, its navigation, and whether the reader wants the elder view."""
    return {
        "office": Office.current(),
        "elder_view": request.COOKIES.get("view") == "elder",
        # Lazy, so that a fragment of a page does not pay for it.
        "navigation": SimpleLazyObject(lambda: navigation.markup(request)),
    }
