"""Skips the browser tests where there is no Chromium, and says so where nobody overlooks it.

`REQUIRE_BROWSER=1` makes a missing Chromium an error instead.
"""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_skipped = pytest.StashKey[int]()


def find_chromium() -> str | None:
    """Return the path of the Chromium to drive: the one that `CHROMIUM` names, or an installed one."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser_items = [item for item in items if item.get_closest_marker("browser")]
    if not browser_items or find_chromium():
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        raise pytest.UsageError("REQUIRE_BROWSER=1, but no Chromium was found.")
    for item in browser_items:
        item.add_marker(pytest.mark.skip(reason="no Chromium was found"))
    config.stash[_skipped] = len(browser_items)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if skipped := config.stash.get(_skipped, 0):
        terminalreporter.section("browser tests skipped", yellow=True, bold=True)
        terminalreporter.line(
            f"{skipped} browser tests did not run: no Chromium was found. Install one "
            "(Debian: apt install chromium fonts-noto-cjk libatomic1) or name it in CHROMIUM."
        )
