"""Limits on public pages: whose uses count, and how many are let through at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.cache import cache
from django.test import RequestFactory

from banyang.foundation.limits import client_address, give_back, within_limit

FOR_EVER = -1  # what Redis says of a key that never runs out


def test_within_limit_counts_uses_at_the_same_moment() -> None:
    def use(_serial: int) -> bool:
        return within_limit("test", "somebody", allowed=10, seconds=60)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(use, range(64))) == 10
    assert within_limit("test", "somebody-else", allowed=10, seconds=60)


def test_count_that_runs_out_meanwhile_begins_anew_and_runs_out_again() -> None:
    def use_and_give_back() -> None:
        for _serial in range(500):
            within_limit("test", "somebody", allowed=10, seconds=60)
            give_back("test", "somebody", seconds=60)

    redis = cache._cache.get_client(write=True)
    within_limit("test", "somebody", allowed=10, seconds=60)
    [key] = redis.keys("*limit:test:somebody")
    with ThreadPoolExecutor(4) as pool:
        users = [pool.submit(use_and_give_back) for _user in range(4)]
        while not all(user.done() for user in users):
            assert redis.ttl(key) != FOR_EVER
            redis.delete(key)  # as Redis does when its time is over
    [user.result() for user in users]


def test_use_given_back_does_not_count() -> None:
    for _serial in range(3):
        assert within_limit("test", "somebody", allowed=1, seconds=60)
        give_back("test", "somebody", seconds=60)


def test_client_address_believes_only_the_proxies_there_are(settings: Any) -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 2.2.2.2"
    )
    settings.TRUSTED_PROXIES = 0
    assert client_address(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert client_address(request) == "2.2.2.2"
    settings.TRUSTED_PROXIES = 5
    assert client_address(request) == "1.1.1.1"
