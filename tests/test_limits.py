"""Limits on public pages: whose uses count, and how many are let through at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.test import RequestFactory

from banyang.limits import client_address, within_limit


def test_within_limit_counts_uses_at_the_same_moment() -> None:
    def use(_serial: int) -> bool:
        return within_limit("test", "somebody", allowed=10, seconds=60)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(use, range(64))) == 10
    assert within_limit("test", "somebody-else", allowed=10, seconds=60)


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
