"""What every page knows."""

from typing import Any

from django.http import HttpRequest

from banyang.office.models import Office


def page(request: HttpRequest) -> dict[str, Any]:
    """The office whose page it is, and whether the reader wants the elder view."""
    return {
        "office": Office.current(),
        "elder_view": request.COOKIES.get("view") == "elder",
    }
