"""How dates, phones and numbers read on every page."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyang.foundation.dates import WEEKDAYS, day, moment
from banyang.foundation.phones import mask

register = template.Library()


# What `day` writes, in either language; and a name that a heading on a phone has room for. A mark
# behind it comes along: a line may begin after an inline block, whatever follows.
_WHOLE = re.compile(
    rf"(?:\d{{4}}年\d{{1,2}}月\d{{1,2}}日（周[{WEEKDAYS}]）"
    r"|\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}\b|“[^“”<>&]{2,11}”)[，。；、？.,;?]?"
)


@register.filter("day")
def whole_day(value: date | None) -> SafeString:
    """A day as `day` writes it, that is not broken where a line has room for it."""
    text = day(value)
    return mark_safe(f'<span class="whole">{text}</span>' if text else "")  # noqa: S308 - digits


@register.filter("moment")
def whole_moment(value: datetime | None) -> SafeString:
    """A moment as `moment` writes it, broken between day and time at most."""
    return unbroken(moment(value))


@register.filter
def unbroken(text: Any) -> SafeString:
    """`text` with its days and short quoted names kept whole, each with the mark that ends its
    clause, and dots between two things kept off a line's beginning.
    """
    escaped = conditional_escape(text).replace(" · ", "\N{NO-BREAK SPACE}· ")
    return mark_safe(_WHOLE.sub(r'<span class="whole">\g<0></span>', escaped))  # noqa: S308


@register.filter
def about(error: Any, label: Any) -> str:
    """What is wrong, after the field that it is about, unless the sentence begins with it."""
    error, label = str(error), str(label)
    if error.startswith(label):
        return error
    if label.endswith("？"):
        return label + error
    return f"{label} {error}" if label.endswith("?") else f"{label}{_(': ')}{error}"


# --- Written once --------------------------------------------------------------------------
@register.simple_tag
def cached_include(template_name: str, **arguments: Any) -> SafeString:
    """Include a template that depends on nothing but its arguments, and keep what it wrote.

    The arguments are strings, numbers and frozen dataclasses of such: what is equal reads equal.
    Most of a page's frame and filters is the same on the next one; writing it anew costs an eighth
    of the partner list (docs/decisions/0014-template-rendering.md).
    """
    return _written(template_name, get_language(), **arguments)


@lru_cache(maxsize=1_000, typed=True)  # typed, so that markup does not pass for the text it equals
def _written(template_name: str, _language: str | None, /, **arguments: Any) -> SafeString:
    return render_to_string(template_name, arguments)


# --- Without a reload ----------------------------------------------------------------------
_IN_PLACE = (
    'hx-boost="true" hx-target="#main" hx-select="#main" hx-select-oob="#site-header"'
    ' hx-swap="outerHTML show:%s" hx-indicator="#main"'
)


@register.simple_tag
def in_place(show: str = "none") -> SafeString:
    """Attributes of a link, a form or what is around them that open the answer without a reload.

    The server answers with a page like any other, of which the content takes the place of this
    one's, and the address bar follows. `show` says where to scroll: "none", or "window:top".
    """
    return mark_safe(_IN_PLACE % show)  # noqa: S308


register.filter("mask", mask)
