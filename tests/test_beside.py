"""Tests leave a product that runs beside them alone."""

from django.conf import settings
from django.core.cache import cache
from redis import Redis

from banyang.celery import app


def test_tests_keep_to_a_redis_database_of_their_own() -> None:
    theirs, ours = (
        Redis.from_url(settings.REDIS_URL),
        Redis.from_url(settings.CACHES["default"]["LOCATION"]),
    )
    queued = theirs.llen("celery")
    cache.set("of-a-test", 1)
    app.send_task("of_a_test")
    assert not [key for key in theirs.scan_iter() if b"of-a-test" in key]
    assert theirs.llen("celery") == queued
    assert [key for key in ours.scan_iter() if b"of-a-test" in key]
    assert ours.llen("celery") == 1
