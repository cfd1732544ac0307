"""Makes sure that `make test-day` has set the clock: of Python, of PostgreSQL and of Redis.

`TEST_DAY` says which moment was asked for, in the office's time zone. Without it nothing is checked.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

APART = timedelta(minutes=1)
LATER = timedelta(days=1)  # a process that broke may be replaced when a slow run is long under way


def pytest_sessionstart() -> None:
    # After every `pytest_configure`: the servers have been started.
    if day := os.environ.get("TEST_DAY"):
        asked = timezone.make_aware(datetime.fromisoformat(day))
        if complaints := differences(asked, clocks()):
            raise pytest.UsageError("\n".join(complaints))


def clocks() -> dict[str, datetime]:
    """Every clock that tests meet, read at the same moment."""
    # Not Django's own connection: the database for tests is yet to be made.
    with connection.Database.connect(**connection.get_connection_params()) as postgres:
        [from_postgres] = postgres.execute("SELECT now()").fetchone()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        seconds, microseconds = server.time()
    return {
        "Python": timezone.now(),
        "PostgreSQL": from_postgres,
        "Redis": datetime.fromtimestamp(seconds + microseconds / 1e6, UTC),
    }


def differences(asked: datetime, read: dict[str, datetime]) -> list[str]:
    """Say which clocks are not within a day after the moment asked for, and whether they are apart."""
    complaints = [
        f"{name}'s clock was to be set to {asked:%Y-%m-%d %H:%M}, and says {shown(at)}."
        for name, at in read.items()
        if not asked <= at <= asked + LATER
    ]
    if max(read.values()) - min(read.values()) > APART:
        apart = ", ".join(f"{name} says {shown(at)}" for name, at in read.items())
        complaints.append(f"The clocks are apart: {apart}.")
    return complaints


def shown(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
