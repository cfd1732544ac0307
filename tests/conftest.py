"""The fixed cast: everybody and everything that tests speak of by name."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.models import Model
from django.test import Client
from django.utils import timezone, translation

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.office.models import CalendarDay, Office
from communities.factories import CommunityFactory, SecretaryFactory
from communities.models import Community
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner

SignIn = Callable[[User], Client]

pytest_plugins = ["tests.plugin_browser", "tests.plugin_day", "tests.plugin_parallel"]


def another_redis(url: str) -> tuple[str, str]:
    """One of a Redis' last databases, by the number of this process among those that share a run.

    Gives its addresses for the cache and for Celery.
    """
    parts = urlsplit(url)
    number = 15 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    assert number > 0, "a product that runs beside the tests has database 0: at most 15 processes"
    if parts.scheme == "unix":
        return (
            f"unix://{parts.path}?db={number}",
            f"redis+socket://{parts.path}?virtual_host={number}",
        )
    both = parts._replace(path=f"/{number}").geturl()
    return both, both


def pytest_configure() -> None:
    if settings.EMBEDDED:
        from banyang import embedded

        embedded.ensure()
    # A product that runs beside the tests keeps its cache, its sessions and its queue.
    cache_url, settings.CELERY_BROKER_URL = another_redis(settings.REDIS_URL)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": cache_url}}
    # Tests look at pages, not at how their files are named in production.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Tests that commit leave the database empty, which history otherwise refuses.
    options = connections.settings["default"]["OPTIONS"]
    options["options"] += " -c banyang.truncates_history=on"
    # Argon2 is slow on purpose; tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End what is still connected before the database goes.

    While a browser is driven, its loop lets Django open a second connection in the same thread.
    """
    yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """The office's: a page asked for in English leaves that behind for the next test."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def fails_to_change(db: None) -> Callable[[Model], None]:
    """Let the database fail whenever the row of a thing is changed."""

    def fails(thing: Model) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE 'a bug'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER fails BEFORE UPDATE ON {thing._meta.db_table} FOR EACH ROW"
                f" WHEN (OLD.id = {thing.pk}) EXECUTE FUNCTION fail()"
            )

    return fails


@pytest.fixture
def decent_now(db: None) -> datetime:
    """This very moment, which the office's hours and calendar make decent."""
    now = timezone.now()
    for days in (0, 1):
        CalendarDay.objects.create(
            falls_on=timezone.localdate(now) + timedelta(days=days), is_working=True
        )
    Office.objects.update_or_create(
        pk=1, defaults={"remind_from": time.min, "remind_until": time.max}
    )
    return now


@pytest.fixture
def community(db: None) -> Community:
    return CommunityFactory(short_name="东升社区", brand="暖心驿站")


@pytest.fixture
def other_community(db: None) -> Community:
    return CommunityFactory(short_name="杏花社区")


@pytest.fixture
def staff(db: None) -> User:
    return UserFactory(username="staff", is_staff=True)


@pytest.fixture
def secretary(community: Community) -> User:
    return SecretaryFactory(community=community, user__username="secretary").user


@pytest.fixture
def other_secretary(other_community: Community) -> User:
    return SecretaryFactory(community=other_community, user__username="other-secretary").user


@pytest.fixture
def partner(db: None) -> Partner:
    return PartnerFactory(signed=True, name="般阳理发店")


@pytest.fixture
def other_partner(db: None) -> Partner:
    return PartnerFactory(signed=True, name="淄川绘本馆")


@pytest.fixture
def member(partner: Partner) -> User:
    return MemberFactory(partner=partner, user__username="member").user


@pytest.fixture
def other_member(other_partner: Partner) -> User:
    return MemberFactory(partner=other_partner, user__username="other-member").user


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with an account and no role at all."""
    return UserFactory(username="stranger")


@pytest.fixture
def cast(
    staff: User,
    secretary: User,
    other_secretary: User,
    member: User,
    other_member: User,
    community: Community,
    other_community: Community,
    partner: Partner,
    other_partner: Partner,
) -> SimpleNamespace:
    """Everybody at once, for tests that walk through all of them."""
    return SimpleNamespace(**locals())


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    """Sign a person in on the test client and give the client back."""

    def _sign_in(user: User) -> Client:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return _sign_in
