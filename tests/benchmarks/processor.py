"""The processor time of one page in one process: what is left when nobody waits for anything.

Beside the partner list stand the admin and the bare view, and the list without what makes its
templates faster: see docs/decisions/0014-template-rendering.md.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import Client, override_settings

from banyang.accounts.factories import UserFactory
from banyang.foundation.templatetags import banyang as tags
from tests.benchmarks import population
from tests.benchmarks.lists import ADMIN, BARE, LIST
from tests.benchmarks.report import Target, table
from tests.benchmarks.server import sign_in

PARTNERS = 151
RUNS = 3
ROUNDS, QUICK_ROUNDS = 150, 2


@contextmanager
def not_precompiled() -> Iterator[None]:
    """Let Django load our templates as it does by itself."""
    templates: Any = deepcopy(settings.TEMPLATES)
    options = templates[0]["OPTIONS"]
    loader = "django.template.loaders.cached.Loader"
    options["loaders"] = [(loader, inner) for _ours, inner in options["loaders"]]
    with override_settings(TEMPLATES=templates):
        yield


@contextmanager
def no_cached_include() -> Iterator[None]:
    """Let `cached_include` write everything anew."""
    with mock.patch.object(tags, "_written", tags._written.__wrapped__):
        yield


PAGES: dict[str, tuple[str, Callable[[], AbstractContextManager[None]]]] = {
    "partner list": (LIST, nullcontext),
    "partner list, templates not precompiled": (LIST, not_precompiled),
    "partner list, nothing from `cached_include`": (LIST, no_cached_include),
    "Django's admin": (ADMIN, nullcontext),
    "bare view": (BARE, nullcontext),
}


def least(browser: Client, path: str, rounds: int) -> float:
    """Milliseconds of this process' time for a page, the least of so many rounds."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        response = browser.get(path)
        spent.append(time.process_time() - start)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}.")
    return min(spent) * 1000


def run(port: int, *, quick: bool) -> tuple[str, list[Target]]:
    population.load(PARTNERS)
    user = UserFactory(is_staff=True, is_superuser=True)  # the admin need not ask for permissions
    browser = Client(SERVER_NAME="localhost", headers=sign_in(user))
    rounds = QUICK_ROUNDS if quick else ROUNDS
    rows = [[name] for name in PAGES]
    for _ in range(RUNS):  # in turn, so that whatever else the machine does hits all
        for row, (path, without) in zip(rows, PAGES.values(), strict=True):
            with without():
                row.append(f"{least(browser, path, rounds):.2f}")
    population.empty()
    heads = [f"first page of {PARTNERS}, ms of processor time", "run 1", "run 2", "run 3"]
    return table(heads, rows), []
