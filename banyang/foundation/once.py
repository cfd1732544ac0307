"""A form that is sent twice does its work once.

Each form draws a token when it is shown, and what is sent with it is stored under `token_of` that,
which is unique. Somebody may go back to the form and say something else: that is another thing.
Sending the same again, at any time, is not.
"""

import json
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Model


def token_of(form_token: UUID, *said: Any) -> UUID:
    """What tells this, said with a form, from something else said with the same form."""
    return uuid5(form_token, json.dumps(said, default=_plain, sort_keys=True))


def _plain(value: Any) -> str:
    return f"{value._meta.label}:{value.pk}" if isinstance(value, Model) else str(value)
