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
