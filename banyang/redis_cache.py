"""Django's cache in Redis, with a client that stays: making one takes longer than asking it."""

from functools import cache
from typing import Any

from django.core.cache.backends import redis
from redis import Redis


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client: Any = cache(Redis)


class RedisCache(redis.RedisCache):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._class = _Client

    def count(self, key: str, by: int, seconds: int) -> int:
        """Add `by` to the count under `key`, which ends `seconds` after its first use.

        Redis does it in one go. `incr` asks first whether there is a count, and may then make one
        that never ends.
        """
        key = self.make_and_validate_key(key)
        with self._cache.get_client(key, write=True).pipeline() as together:
            together.set(key, 0, ex=seconds, nx=True)
            together.incr(key, by)
            return together.execute()[-1]
