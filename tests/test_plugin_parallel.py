"""The suite runs in several processes that leave each other alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import another_redis
from tests.plugin_parallel import MOST_PROCESSES

SUITE = """
import pytest

def test_short():
    pass

@pytest.mark.kill
def test_longer():
    pass

@pytest.mark.browser
def test_longest():
    pass
"""


@pytest.mark.parametrize("url", ["unix:///run/redis.sock", "redis://localhost:6379/0"])
def test_every_process_has_a_redis_database_that_is_not_the_product_s(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = {another_redis(url)}
    for number in range(MOST_PROCESSES):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        databases.add(another_redis(url))

    assert len(databases) == MOST_PROCESSES
    assert not any(at.endswith(("/0", "=0")) for both in databases for at in both)


def test_what_takes_long_begins(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: one\n    kill: some\n")
    root = Path(__file__).parent.parent
    plugins = ["-p", "tests.plugin_parallel", "-p", "no:django"]
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--collect-only", "-q", "--rootdir=.", "."],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )

    names = [line.rpartition("::")[2] for line in listed.stdout.splitlines() if "::" in line]
    assert names == ["test_longest", "test_longer", "test_short"]
