"""Every page as its readers see it: by links in the demo office, and each one that has an object."""

import re
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from banyang.accounts.models import User
from banyang.demo.build import make_demo_office
from tests.access import ROLES, Page
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.test_access import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DOWNLOADS = re.compile(r"/export|/template|/left-out|\.xlsx|/file")
# Who is what in the demo office.
PEOPLE = {"anonymous": None, "staff": "jiedao", "secretary": "shuji", "member": "hehuoren"}
# What no link leads to: a page for machines; for whoever has a home, the front page; and for those
# who draft no lists, what could be on one.
NOT_LINKED = {
    "anonymous": {"healthz", "service_list"},
    "staff": {"healthz", "front"},
    "secretary": {"healthz", "front"},
    "member": {"healthz", "front", "service_list"},
}


def open_to(role: str) -> dict[str, Page]:
    """The pages that a role may open, by the access matrix."""
    column = ROLES.index(role)
    return {
        name: page
        for name, page in PAGES.items()
        if page.post is None and page.answers.split()[column] == "200"
    }


def has_object(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return True
    return False


def is_download(name: str) -> bool:
    return not has_object(name) and bool(DOWNLOADS.search(reverse(name)))


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
def test_every_page_is_linked_and_sound(
    viewport: dict[str, int], language: str, visitor: Callable[..., Visitor]
) -> None:
    make_demo_office()
    not_linked = {}
    for role, username in PEOPLE.items():
        user = User.objects.get(username=username) if username else None
        seen = walk(visitor(user, viewport=viewport, language=language), "/home/" if user else "/")
        owed = {name for name in open_to(role) if not has_object(name) and not is_download(name)}
        not_linked[role] = owed - seen
    assert not_linked == NOT_LINKED


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_sound_in_the_elder_view(
    viewport: dict[str, int], visitor: Callable[..., Visitor]
) -> None:
    """Of residents and partners, who are the ones that turn it on."""
    make_demo_office()
    for role in ("anonymous", "member"):
        user = User.objects.filter(username=PEOPLE[role]).first()
        reader = visitor(user, viewport=viewport, elder=True)
        assert len(walk(reader, "/home/" if user else "/")) > 10
        assert reader.page.locator("html.elder").count()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_of_an_object_is_sound(
    role: str, viewport: dict[str, int], cast: SimpleNamespace, visitor: Callable[..., Visitor]
) -> None:
    reader = visitor(getattr(cast, role, None), viewport=viewport)
    objects: dict[Any, dict[str, Any]] = {}  # made once, also where several pages are about it
    for name, page in open_to(role).items():
        if has_object(name):
            if page.kwargs not in objects:
                objects[page.kwargs] = page.kwargs(cast)
            path = reverse(name, kwargs=objects[page.kwargs])
            if not DOWNLOADS.search(path):
                reader.open(path)
