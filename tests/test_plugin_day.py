"""A run on another day must never pass with a clock that was not set."""

import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.plugin_day import differences

ROOT = Path(__file__).parent.parent
ASKED = datetime.fromisoformat("2027-02-06 09:00+08:00")


def clocks(python: timedelta, postgres: timedelta) -> dict[str, datetime]:
    return {"Python": ASKED + python, "PostgreSQL": ASKED + postgres}


def test_clocks_that_were_set_are_accepted() -> None:
    assert differences(ASKED, clocks(timedelta(seconds=20), timedelta(seconds=21))) == []


def test_clock_on_another_day_is_named() -> None:
    [other, apart] = differences(ASKED, clocks(timedelta(0), timedelta(days=-60)))

    assert other == (
        "PostgreSQL's clock was to be set to 2027-02-06 09:00, and says 2026-12-08 09:00:00."
    )
    assert apart.startswith("The clocks are apart: ")


def test_clocks_more_than_a_minute_apart_are_refused() -> None:
    [apart] = differences(ASKED, clocks(timedelta(0), timedelta(seconds=61)))

    assert apart == (
        "The clocks are apart: Python says 2027-02-06 09:00:00,"
        " PostgreSQL says 2027-02-06 09:01:01."
    )


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_suite_does_not_begin_when_no_clock_was_set(processes: tuple[str, ...]) -> None:
    another_day = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%d %H:%M}"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/foundation/test_phones.py", *processes],
        cwd=ROOT,
        env=os.environ | {"TEST_DAY": another_day},
        capture_output=True,
        text=True,
        check=False,
    )

    for name in ("Python", "PostgreSQL", "Redis"):
        assert f"{name}'s clock was to be set to {another_day}" in result.stderr
    assert result.returncode == pytest.ExitCode.USAGE_ERROR


def test_without_a_compiler_it_is_said_what_to_install(tmp_path: Path) -> None:
    for name in ("sh", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    result = subprocess.run(
        [ROOT / ".ci" / "day", "2027-02-06 09:00"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "sudo apt install gcc libc6-dev" in result.stderr
    assert result.returncode == 1
