"""Why a row is wrong or left out, said in the language of whoever reads it.

A preview is compared once and read later, perhaps in another language: what is stored of a reason
is its message and what that names, never the sentence.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext


class Reason(str):
    """A sentence in the language of now that knows its message; `%` says what the message names.

    That is texts and numbers, which stay as they are, and `words`, which are translated too.
    """

    message: str
    named: dict[str, Any]

    def __new__(cls, message: str, named: dict[str, Any] | None = None) -> "Reason":
        reason = super().__new__(cls, say(message, named))
        reason.message, reason.named = message, named or {}
        return reason

    def __mod__(self, named: Any) -> "Reason":
        return Reason(self.message, named)


def say(message: str, named: dict[str, Any] | None = None) -> str:
    """The sentence in the language of now."""
    said = {
        name: "、".join(map(gettext, value)) if isinstance(value, list) else value
        for name, value in (named or {}).items()
    }
    return gettext(message) % said if said else gettext(message)


def words(*labels: str | Promise) -> list[str]:
    """Words of the interface as a reason may name them."""
    with translation.override(None):
        return [str(label) for label in labels]


def reasons_in(error: ValidationError) -> Iterator[Reason]:
    """What an error says: one of ours, or of a field that knows nothing of reasons."""
    for each in error.error_list:
        if isinstance(each.message, Reason):
            yield each.message
        else:
            yield Reason(words(each.message)[0], each.params)
