"""Django's cache in Redis: with a client that stays, and no harm done while Redis is away.

Redis holds no truth, so pages go on without it: sessions and the office are then read from the
database, and what is only counted is not counted.
"""

import logging
from functools import cache
from typing import Any

from django.core.cache.backends import redis
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

# What this process could not delete or replace. It deletes it before it reads anything again: a
# session that has ended must not come back with Redis. Another process may still read it, until it
# expires, where Redis was out of reach and has kept what it held; one that was restarted is empty.
_outdated: set[str] = set()


class _Redis(Redis):
    """Answers None, which Django takes for "not there" and "not done", while Redis is away."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        command, *keys = args
        try:
            if command == "GET":
                self._delete_outdated()
            return super().execute_command(*args, **options)
        except RedisError as error:
            _log_absence(error)
            if command in ("SET", "DEL"):
                _outdated.update(keys[:1] if command == "SET" else keys)
            return None

    def _delete_outdated(self) -> None:
        for key in list(_outdated):
            super().execute_command("DEL", key)
            _outdated.discard(key)


def _log_absence(error: RedisError) -> None:
    logger.warning("Redis is away: %s", type(error).__name__)


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One that stays for each pool: making one takes longer than asking it.
        self._client: Any = cache(_Redis)


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
        try:
            with self._cache.get_client(key, write=True).pipeline() as together:
                together.set(key, 0, ex=seconds, nx=True)
                together.incr(key, by)
                return together.execute()[-1]
        except RedisError as error:
            _log_absence(error)
            return 0
