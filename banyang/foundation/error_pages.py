"""Pages for what went wrong, where Django's own would lack the frame or need too much.

403 and 404 are only templates: Django renders them with the request.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was sent without the proof that it came from this site."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that makes no sense, perhaps not even to the middleware that knows the user."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """An error of ours. The page needs neither database nor cache: these may be what failed."""
    return HttpResponse(render_to_string("500.html"), status=500)


class NotAllowedMiddleware:
    """Shows a page to whoever opens an address that only takes what a form sends.

    Django answers with an empty one, and knows no handler for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "GET" or response.status_code != 405:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page
