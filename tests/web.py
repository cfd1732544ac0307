"""The web server as production runs it, over what the test has stored."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tests.benchmarks.server import Served, serving
from tests.reminders.processes import environment


@contextmanager
def web_server(redis_url: str, *, threads: int = 4, **variables: str) -> Iterator[Served]:
    """Run two web processes of so many threads; `variables` are added to their environment.

    What the test stores they see once it's committed, and `sign_in` of `tests.benchmarks.server`
    gives the headers with which they know somebody.
    """
    variables |= {"DJANGO_SETTINGS_MODULE": "tests.web_settings", "SECRET_KEY": settings.SECRET_KEY}
    with serving(environment(redis_url, smtp_port=0) | variables, threads) as served:
        yield served
