"""How often a page that needs no account may be used: counted in Redis, for a while."""

from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that a request came from, past the proxies that `TRUSTED_PROXIES` counts.

    Each proxy appends the address it was called from to X-Forwarded-For, so that only the last
    ones can be believed: whatever stands before them the client may have made up.
    """
    if settings.TRUSTED_PROXIES:
        passed = request.headers.get("X-Forwarded-For", "").split(",")
        return passed[-min(settings.TRUSTED_PROXIES, len(passed))].strip()
    return request.META.get("REMOTE_ADDR", "")


def within_limit(name: str, who: str, *, allowed: int, seconds: int) -> bool:
    """Count one use of `name` by `who`; whether it was among the `allowed` in `seconds`.

    The time runs from the first use. Redis counts, so uses at the same moment all count.
    """
    key = f"limit:{name}:{who}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= allowed
    except ValueError:  # it ran out between the two lines
        return True


def give_back(name: str, who: str) -> None:
    """Take a use of `name` by `who` off the count: it was a fair one."""
    with suppress(ValueError):  # the time ran out meanwhile, and the count with it
        cache.decr(f"limit:{name}:{who}")
