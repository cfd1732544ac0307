"""How often a page that needs no account may be used: counted in Redis, for a while."""

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest

from banyang.foundation.cache import RedisCache


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

    The time runs from the first use. Redis counts, so uses at the same moment all count; while it
    is away none does, for what people need matters more than that some ask too often.
    """
    return _count(name, who, by=1, seconds=seconds) <= allowed


def give_back(name: str, who: str, *, seconds: int) -> None:
    """Take a use of `name` by `who`, just counted with `seconds`, off again: it was a fair one."""
    _count(name, who, by=-1, seconds=seconds)


def _count(name: str, who: str, *, by: int, seconds: int) -> int:
    counts: RedisCache = caches["default"]  # type: ignore[assignment]
    return counts.count(f"limit:{name}:{who}", by, seconds)
