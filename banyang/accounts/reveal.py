"""The one way in which a masked phone number is shown in full: a logged press of a button.

A page shows the masked number with `components/phone.html`; its button posts to a view of the
app's own that finds the thing by `get_manageable` and answers with `show_phone`.
"""

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from banyang.accounts.actions import disclose


def show_phone(
    request: HttpRequest, thing: Model, *, name: str, back: str, field: str = "phone"
) -> HttpResponse:
    """Answer a POST with the number in `thing.field`, on a page or as the piece htmx asked for.

    `name` is whose number it is, `back` the address of the page the person came from.
    """
    shown = disclose(thing=thing, field=field, by=request.user)
    piece = "HX-Request" in request.headers
    template = "components/phone.html" if piece else "accounts/phone_shown.html"
    response = render(request, template, {"shown": shown, "name": name, "back_url": back})
    add_never_cache_headers(response)
    return response
