"""Redis holds no truth: while it is away, pages go on and whoever was signed in still is."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from threading import Timer

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError as QueueError
from kombu.transport.redis import Transport
from redis import Redis

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.celery import app
from banyang.foundation.limits import give_back, within_limit
from partners.imports.tasks import run_import
from tests.reminders import processes
from tests.reminders.processes import PrivateRedis

PASSWORD = "cha-yuan-1958"


@pytest.fixture
def redis(settings) -> Iterator[PrivateRedis]:
    """The Redis of the pages, to be killed."""
    with processes.private_redis() as server:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": server.url}}
        yield server


@pytest.fixture
def person(db: None) -> User:
    person = UserFactory(username="somebody", is_staff=True)
    person.set_password(PASSWORD)
    person.save()
    return person


def enter(client: Client) -> int:
    data = {"username": "somebody", "password": PASSWORD}
    return client.post(reverse("sign_in"), data).status_code


def test_pages_go_on_and_people_stay_signed_in(redis: PrivateRedis, person: User) -> None:
    before, meanwhile = Client(), Client()
    assert enter(before) == 302
    assert before.get(reverse("home")).status_code == 200
    assert cache.get("office")

    redis.kill_and_empty()
    for page in ("home", "front", "need_board", "user_list", "healthz"):
        assert before.get(reverse(page)).status_code == 200
    assert enter(meanwhile) == 302
    assert meanwhile.get(reverse("home")).context["user"] == person
    before.post(reverse("sign_out"))
    assert before.get(reverse("home")).status_code == 302

    redis.start()
    assert meanwhile.get(reverse("home")).context["user"] == person
    assert before.get(reverse("home")).status_code == 302
    assert cache.get("office")


def test_redis_that_hangs_holds_a_page_up_for_a_moment_only(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"redis://127.0.0.1:{hanging.getsockname()[1]}"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": url}}
        asked = time.monotonic()

        assert cache.get("office", "nothing") == "nothing"

        assert time.monotonic() - asked < 4  # the client's own patience is five seconds


def test_redis_that_hangs_holds_up_for_some_seconds_whoever_leaves_work_to_a_worker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        patience = Timer(20, hanging.close)  # so that the test ends in any case
        patience.start()
        queue = app.connection_for_write(f"redis://127.0.0.1:{hanging.getsockname()[1]}")
        asked = time.monotonic()

        with pytest.raises(QueueError):
            run_import.apply_async([1], connection=queue)

        assert time.monotonic() - asked < 10
        patience.cancel()


def test_worker_that_waits_for_work_is_answered_before_it_loses_patience() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options["socket_timeout"] > Transport.brpop_timeout


def test_value_that_a_full_redis_refuses_is_not_read_in_its_old_form(redis: PrivateRedis) -> None:
    cache.set("office", "before")
    Redis.from_url(redis.url).config_set("maxmemory", 1)

    cache.set("office", "now")

    assert cache.get("office") is None


def test_nothing_is_there_and_nothing_is_done_without_redis(redis: PrivateRedis) -> None:
    cache.set("office", "known")
    redis.kill_and_empty()

    assert cache.get("office", "unknown") == "unknown"
    assert "office" not in cache
    assert not cache.add("office", "anew")
    assert not cache.delete("office")
    cache.delete_many(["office", "calendar"])


def test_nobody_is_counted_without_redis(redis: PrivateRedis) -> None:
    assert within_limit("test", "somebody", allowed=1, seconds=60)
    assert not within_limit("test", "somebody", allowed=1, seconds=60)

    redis.kill_and_empty()
    assert within_limit("test", "somebody", allowed=1, seconds=60)
    give_back("test", "somebody", seconds=60)


def test_session_that_ended_while_redis_hung_does_not_come_back_with_it(
    redis: PrivateRedis, person: User
) -> None:
    browser = Client()
    assert enter(browser) == 302
    assert browser.get(reverse("home")).status_code == 200
    stolen = browser.cookies[settings.SESSION_COOKIE_NAME].value

    os.kill(redis.process.popen.pid, signal.SIGSTOP)
    browser.post(reverse("sign_out"))
    os.kill(redis.process.popen.pid, signal.SIGCONT)

    browser.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert browser.get(reverse("home")).status_code == 302
