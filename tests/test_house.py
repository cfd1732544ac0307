"""House rules of DESIGN.md and STYLE.md that a machine can keep."""

import os
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_LINES = 450


def project_files(*patterns: str) -> list[Path]:
    """Return the files that match, of all that `.gitignore` leaves; git itself may be missing."""
    ignored = [".git", *(name.strip("/") for name in (ROOT / ".gitignore").read_text().split())]

    def kept(names: list[str]) -> list[str]:
        return [name for name in names if not any(fnmatch(name, each) for each in ignored)]

    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = kept(folders)
        found += [Path(folder, name) for name in kept(names)]
    named = {path: path.relative_to(ROOT).as_posix() for path in sorted(found)}
    return [path for path in named if any(fnmatch(named[path], each) for each in patterns)]


def lines_matching(pattern: str, paths: list[Path]) -> list[str]:
    """Return `file:line: text` of every line that matches."""
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if found.search(line)
    ]


@pytest.fixture(scope="module")
def python_files() -> list[Path]:
    return [path for path in project_files("*.py") if "migrations" not in path.parts]


@pytest.fixture(scope="module")
def templates() -> list[Path]:
    return project_files("templates/*.html")


def test_no_file_is_too_long(python_files: list[Path]) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files}

    assert {str(path): n for path, n in lengths.items() if n > MOST_LINES} == {}


def requirement_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ()),
        ("requirements-local.lock", ("local",)),
        ("requirements-dev.lock", ("local", "dev")),
    ],
)
def test_lock_file_is_in_step_with_pyproject(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [
        requirement for extra in extras for requirement in project["optional-dependencies"][extra]
    ]
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==", text, flags=re.MULTILINE)
    # uv notes below each pin who asked for it: what pyproject.toml asks for, no more and no less.
    asked_for = re.findall(
        r"^([a-z0-9-]+)==(?:.*\\\n)(?:    --hash.*\n)+(?:    # .*\n)*?    # .*banyang-partners \(",
        text,
        flags=re.MULTILINE,
    )

    assert set(asked_for) == {requirement_name(requirement) for requirement in wanted}
    assert len(pins) == len(re.findall(r"^[a-z0-9-]+==.*\\\n    --hash=", text, re.MULTILINE))


def test_lock_files_name_no_host() -> None:
    assert lines_matching(r"://|--(index|extra-index|find-links)|@ ", project_files("*.lock")) == []


def test_templates_hold_no_inline_style_or_script(templates: list[Path]) -> None:
    assert templates
    inline = r"""<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|<script(?![^>]*\ssrc=)|javascript:"""

    assert lines_matching(inline, templates) == []


def test_dots_between_things_never_begin_a_line(templates: list[Path]) -> None:
    assert lines_matching(r"(?<!&nbsp;)·", templates) == []


def test_views_name_their_queries(python_files: list[Path]) -> None:
    ours = [path.relative_to(ROOT) for path in python_files]
    views = [ROOT / path for path in ours if "views" in str(path) and path.parts[0] != "tests"]

    assert lines_matching(r"\.(filter|exclude|annotate|raw|extra)\(", views) == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    text_files = [path for path in project_files("*") if is_text(path) and path != Path(__file__)]

    assert lines_matching(r"(?<![\w.$}>])/(home|root|work|Users|mnt)/\w", text_files) == []


def is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)


def test_no_work_is_left_behind_in_comments(
    python_files: list[Path], templates: list[Path]
) -> None:
    others = [path for path in [*python_files, *templates] if path != Path(__file__)]

    assert lines_matching(r"\b(TODO|FIXME|XXX)\b", others) == []


def test_no_test_is_switched_off(python_files: list[Path]) -> None:
    tests = [path for path in python_files if ROOT / "tests" in path.parents]
    allowed = {ROOT / "tests" / "plugin_browser.py", Path(__file__)}

    found = lines_matching(r"mark\.(skip|xfail)|pytest\.(skip|xfail)\(", sorted({*tests} - allowed))
    assert found == []
