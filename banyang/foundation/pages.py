"""Pages that every room has."""

from collections.abc import Sequence
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise


def confirm(
    request: HttpRequest,
    *,
    heading: str | Promise,
    effects: Sequence[str | Promise] = (),
    verb: str | Promise,
    cancel_url: str,
    form: BaseForm | None = None,
    danger: bool = False,
    template: str = "components/confirm.html",
    **context: Any,
) -> HttpResponse:
    """Ask once more before something is done.

    `heading` asks, `effects` says in sentences what will happen, `form` may ask for a reason,
    `verb` names the button, `cancel_url` leads back; `danger` is for what can't be undone.
    `template` extends `components/confirm.html` and may need more `context`.
    """
    context |= {
        "heading": heading,
        "effects": effects,
        "verb": verb,
        "cancel_url": cancel_url,
        "form": form,
        "danger": danger,
    }
    return render(request, template, context)
