"""Django's cache in Redis: with a client that stays, and no harm done while Redis is away.

Redis holds no truth, so pages go on without it: sessions and the office are then read from the
database, and what is only counted is not counted.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.core.cache.backends import redis
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

T = TypeVar("T")


def _unless_away(ask: Callable[..., T], *args: Any, otherwise: T) -> T:
    """What `ask` answers, or `otherwise` if Redis can't be asked."""
    try:
        return ask(*args)
    except RedisError as error:
        logger.warning("Redis is away: %s", type(error).__name__)
        return otherwise


# What this process could not delete or replace. It deletes it before it reads anything again: a
# session that has ended must not come back with Redis. Another process may still read it, until it
# expires, where Redis was out of reach and has kept what it held; one that was restarted is empty.
_outdated: set[str] = set()


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Making one takes longer than asking it.
        self._client: Any = cache(Redis)

    def get(self, key: Any, default: Any) -> Any:
        return _unless_away(self._get, key, default, otherwise=default)

    def _get(self, key: Any, default: Any) -> Any:
        for outdated in list(_outdated):
            super().delete(outdated)
            _outdated.discard(outdated)
        return super().get(key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        if not _unless_away(self._set, key, value, timeout, otherwise=False):
            _outdated.add(key)

    def _set(self, key: Any, value: Any, timeout: Any) -> bool:
        super().set(key, value, timeout)
        return True

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return _unless_away(super().add, key, value, timeout, otherwise=False)

    def delete(self, key: Any) -> bool:
        _outdated.add(key)
        return _unless_away(self._delete, key, otherwise=False)

    def _delete(self, key: Any) -> bool:
        deleted = super().delete(key)
        _outdated.discard(key)
        return deleted

    def has_key(self, key: Any) -> bool:
        return _unless_away(super().has_key, key, otherwise=False)


class RedisCache(redis.RedisCache):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._class = _Client

    def count(self, key: str, by: int, seconds: int) -> int:
        """Add `by` to the count under `key`, which ends `seconds` after its first use.

        Redis does it in one go. `incr` asks first whether there is a count, and may then make one
        that never ends. While Redis is away the count is 0.
        """
        key = self.make_and_validate_key(key)
        return _unless_away(self._count, key, by, seconds, otherwise=0)

    def _count(self, key: str, by: int, seconds: int) -> int:
        with self._cache.get_client(key, write=True).pipeline() as together:
            together.set(key, 0, ex=seconds, nx=True)
            together.incr(key, by)
            return together.execute()[-1]
