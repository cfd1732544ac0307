"""Lets the suite run in several processes at once, as `make test` does.

Each of them has a database (by pytest-django) and a database in Redis (`tests/conftest.py`) of its
own; files, ports and servers are every test's own anyway. By hand `pytest tests/some_file.py` runs
in one process.
"""

import os

import pytest

MOST_PROCESSES = 8  # Redis has 16 databases

LONG = ("browser", "kill", "xdist_group")  # a group is one process' from beginning to end


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` means: more than there are cores, for tests also wait."""
    return min((os.cpu_count() or 1) + 1, MOST_PROCESSES)


@pytest.hookimpl(trylast=True)  # after the order has been made random
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: [not item.get_closest_marker(mark) for mark in LONG])
