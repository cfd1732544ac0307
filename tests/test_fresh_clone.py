"""Whatever is started first in a fresh clone, where nothing is compiled yet, speaks Chinese."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

FOLDERS = (
    "banyang",
    "communities",
    "events",
    "partners",
    "projects",
    "static",
    "templates",
    "tests",
)
FILES = ("manage.py", "pyproject.toml")
SAY = "from partners.models import Partner; print(Partner.Kind.SOLE_TRADER.label)"
SAYS_IT_IN_CHINESE = ["tests/partners/imports/test_cells.py", "-k", "year_of_two_digits"]
STARTS = {
    "command": ["manage.py", "shell", "--verbosity=0", "--command", SAY],
    "web": ["-c", f"import banyang.wsgi; {SAY}"],
    "worker": ["-c", f"from banyang import celery_app as app; app.loader.init_worker(); {SAY}"],
    "benchmark": [
        "-c",
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.benchmarks.settings';"
        f"import django; django.setup(); {SAY}",
    ],
    "test": ["-m", "pytest", "-q", "-p", "no:cacheprovider", *SAYS_IT_IN_CHINESE],
}


def fresh_clone(folder: Path) -> Path:
    """A copy of what runs, without what was compiled of translations."""
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("*.mo")
        shutil.copytree(settings.BASE_DIR / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy2(settings.BASE_DIR / name, folder / name)
    return folder


def start(folder: Path, arguments: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "banyang.settings",
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "for-this-test-alone",
        "BANYANG_LOCAL": str(folder / ".local"),
        "PYTHONUTF8": "1",
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    """What a process wrote, once it has ended well."""
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "not up to date" not in errors
    return output


@pytest.mark.parametrize("first", STARTS)
def test_first_start_in_a_fresh_clone_has_its_translations(first: str, tmp_path: Path) -> None:
    output = said(start(fresh_clone(tmp_path), STARTS[first]))

    assert ("3 passed" if first == "test" else "个体工商户") in output


def test_two_first_starts_at_the_same_moment_do_not_disturb_each_other(tmp_path: Path) -> None:
    folder = fresh_clone(tmp_path)
    both = [start(folder, STARTS[name]) for name in ("web", "worker")]

    assert [said(process) for process in both] == ["个体工商户\n"] * 2
    assert not list(folder.rglob("LC_MESSAGES/tmp*"))
