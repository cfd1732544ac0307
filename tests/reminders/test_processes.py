"""That the tests' own processes are ended, and nobody else's."""

import os
import sys
from pathlib import Path

import pytest

from tests.reminders.processes import Process


def test_process_that_is_over_is_not_killed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process([sys.executable, "-c", "input()"], {}, tmp_path / "log")
    process.kill()
    assert process.popen.returncode is not None

    groups: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, _signal: groups.append(group))
    process.kill()
    assert groups == []
