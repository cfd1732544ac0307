"""Skips the browser tests where there is no Chromium, and says so where nobody overlooks it.

`REQUIRE_BROWSER=1` makes a missing Chromium an error instead.
"""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium was found"


def find_chromium() -> str | None:
    """Return the path of the Chromium to drive: the one that `CHROMIUM` names, or an installed one."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def pytest_configure() -> None:
    # Before anything is collected: the process that starts others collects nothing itself.
    if os.environ.get("REQUIRE_BROWSER") == "1" and not find_chromium():
        raise pytest.UsageError(f"REQUIRE_BROWSER=1, but {MISSING}.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not find_chromium():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Counted from what was reported, which holds whichever process a test was to run in.
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if count := sum(MISSING in reason for reason in skipped):
        terminalreporter.section("browser tests skipped", yellow=True, bold=True)
        terminalreporter.line(
            f"{count} browser tests did not run: {MISSING}. Install one "
            "(Debian: apt install chromium fonts-noto-cjk libatomic1) or name it in CHROMIUM."
        )
