"""One test walks every URL as everybody; a URL that nobody classified fails it."""

import importlib
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from banyang.foundation.forms import DASHES
from tests.access import PUBLIC, ROLES, SIGNED_IN, Page

AREAS = (
    "accounts",
    "office",
    "reminders",
    "communities",
    "partners",
    "projects.catalogue",
    "projects.needs",
    "projects.lists",
    "projects.claims",
    "projects.deliveries",
    "events.markets",
)

PAGES: dict[str, Page] = {
    "front": Page(PUBLIC),
    "home": Page(SIGNED_IN),
    "healthz": Page(PUBLIC),
}
for area in AREAS:
    PAGES |= importlib.import_module(f"tests.{area}.access").PAGES


def url_names(patterns: list[URLPattern | URLResolver]) -> list[str | None]:
    names: list[str | None] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            names += url_names(pattern.url_patterns)
        else:
            names.append(pattern.name)
    return names


def test_every_url_is_classified() -> None:
    assert sorted(map(str, url_names(get_resolver().url_patterns))) == sorted(PAGES)


@pytest.mark.parametrize("name", sorted(PAGES))
@pytest.mark.parametrize("role", ROLES)
def test_url_answers_each_role(name: str, role: str, client: Client, cast: SimpleNamespace) -> None:
    page = PAGES[name]
    url = reverse(name, kwargs=page.kwargs(cast))
    if role != "anonymous":
        client.force_login(getattr(cast, role), backend=settings.AUTHENTICATION_BACKENDS[-1])
    response = client.get(url) if page.post is None else client.post(url, page.post(cast))
    expected = int(page.answers.split()[ROLES.index(role)])
    assert response.status_code == expected, f"{name} as {role}: {response.status_code}"
    assert response.streaming or DASHES.encode() not in response.content, name
    if expected in (403, 404):  # whoever may not look may not press the button either
        assert client.post(url).status_code in (403, 404, 405), f"{name} as {role}, by POST"
    response.close()  # a download's file
