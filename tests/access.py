"""How each app says who may open its pages; `test_access.py` walks all of them.

Every `tests/<app>/access.py` has a dict `PAGES` from URL name to `Page`. A URL that no app
lists fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

# The order of the answers in a `Page`.
ROLES = ("anonymous", "staff", "secretary", "other_secretary", "member", "other_member")

STAFF_ONLY = "302 200 403 403 403 403"
SIGNED_IN = "302 200 200 200 200 200"
PUBLIC = "200 200 200 200 200 200"


@dataclass(frozen=True)
class Page:
    """What each of `ROLES` is answered by a URL, as six status codes.

    `kwargs` makes the URL's arguments from the cast (`tests.conftest.cast`) and may create what
    the page is about: belonging to `community` and `partner` of the cast, where it belongs to
    anybody. With `post`, the form data sent; without, the page is fetched.
    """

    answers: str
    kwargs: Callable[[SimpleNamespace], dict[str, Any]] = lambda cast: {}
    post: Callable[[SimpleNamespace], dict[str, Any]] | None = None
