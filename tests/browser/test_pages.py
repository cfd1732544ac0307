"""Every page that the demo office's people can reach by links, as they see it."""

import re
from collections import deque
from collections.abc import Callable

import pytest
from django.urls import Resolver404, resolve

from banyang.accounts.models import User
from banyang.demo import make_demo_office
from tests.browser.conftest import DESKTOP, PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DOWNLOADS = re.compile(r"/export|/template|\.xlsx|/file")
ROLES = {"anonymous": None, "staff": "jiedao", "secretary": "shuji", "partner": "hehuoren"}
LEAST = {"anonymous": 8, "staff": 30, "secretary": 20, "partner": 12}  # pages that must be reached


def walk(visitor: Visitor, start: str) -> set[str]:
    """Follow links from `start`, one page for each URL name; the names seen."""
    seen: set[str] = set()
    waiting = deque([start])
    while waiting:
        path = waiting.popleft()
        try:
            name = resolve(path.split("?")[0]).url_name or ""
        except Resolver404:
            visitor.problems.append(f"a link leads nowhere: {path}")
            continue
        if name in seen or DOWNLOADS.search(path):
            continue
        seen.add(name)
        visitor.open(path)
        links = visitor.page.locator("a[href^='/'], a[href^='?']")
        hrefs = links.evaluate_all("links => links.map(link => link.pathname + link.search)")
        waiting.extend(dict.fromkeys(hrefs))
    return seen


@pytest.mark.parametrize(
    ("viewport", "language"),
    [(DESKTOP, "zh-CN"), (PHONE, "zh-CN"), (PHONE, "en")],
    ids=["desktop-zh", "phone-zh", "phone-en"],
)
def test_every_page_is_sound(
    viewport: dict[str, int], language: str, visitor: Callable[..., Visitor]
) -> None:
    make_demo_office()
    for role, username in ROLES.items():
        user = User.objects.get(username=username) if username else None
        seen = walk(visitor(user, viewport=viewport, language=language), "/home/" if user else "/")
        assert len(seen) >= LEAST[role], (role, sorted(seen))
