"""The suite must never pass in silence without its browser tests."""

import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

@pytest.mark.browser
def test_page():
    pass

def test_other():
    pass
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: needs one\n")
    return tmp_path


@pytest.fixture(params=[(), ("-n", "2")], ids=["one process", "two processes"])
def options(request: pytest.FixtureRequest) -> list[str]:
    """Both ways to run the suite: by hand, and as `make test` does."""
    return list(request.param)


def run(suite: Path, options: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    plugins = ["-p", "tests.plugin_browser", "-p", "no:django", "-p", "no:randomly", *options]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, str(suite), "--rootdir", str(suite)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_summary_says_that_browser_tests_were_skipped(suite: Path, options: list[str]) -> None:
    result = run(suite, options, CHROMIUM="no-such-browser")

    assert "1 browser tests did not run: no Chromium was found" in result.stdout
    assert "1 passed, 1 skipped" in result.stdout.splitlines()[-1]
    assert result.returncode == 0


def test_missing_browser_fails_when_required(suite: Path, options: list[str]) -> None:
    result = run(suite, options, CHROMIUM="no-such-browser", REQUIRE_BROWSER="1")

    assert "no Chromium was found" in result.stderr
    assert result.returncode == pytest.ExitCode.USAGE_ERROR


def test_nothing_is_skipped_with_a_browser(suite: Path, options: list[str]) -> None:
    result = run(suite, options, CHROMIUM=sys.executable, REQUIRE_BROWSER="1")

    assert "2 passed" in result.stdout.splitlines()[-1]
    assert "skipped" not in result.stdout.splitlines()[-1]
