"""What the documents for contributors name is there: files, functions, links, commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name != "benchmarks.md"),
]
# Files of the recipes' examples, and those that no checkout has.
EXAMPLES = re.compile(
    r"visits|delivery_list|tests/projects/deliveries/test_|^\.(local|venv)/|^migrations/__init__"
)
FILE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*\.(?:py|html|txt|md|toml|po|css|js|yml|sh)")
FOLDER = re.compile(r"[\w.-]+(?:/[\w.-]+)*/")


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def spans(document: Path) -> Iterator[str]:
    """Everything between backticks, outside of fenced blocks."""
    text = re.sub(r"^ *```.*?^ *```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    for span in re.findall(r"`([^`\n]+)`", text):
        if not EXAMPLES.search(span):
            yield span


def names_in(path: Path) -> set[str]:
    """The functions, classes and constants of a module; methods as `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            names |= {f"{node.name}.{method.name}" for method in methods}
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {each.id for each in targets if isinstance(each, ast.Name)}
    return names


def files_called(name: str, document: Path) -> list[Path]:
    """Those that a document means: from the root, beside itself, or any file of that name."""
    found = [path for path in (ROOT / name, document.parent / name) if path.exists()]
    if not found and "/" not in name:
        found = [path for path in ROOT.rglob(name) if ".venv" not in path.parts]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_files_and_functions_that_a_document_names_are_there(document: Path) -> None:
    missing = []
    for span in spans(document):
        name, _, inside = span.partition(":")
        if FOLDER.fullmatch(name) and name.count("/") > 1 and not (ROOT / name).is_dir():
            missing.append(span)
        elif FILE.fullmatch(name):
            found = files_called(name, document)
            if not found or (inside and not any(inside in names_in(path) for path in found)):
                missing.append(span)
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_links_within_the_documents_lead_somewhere(document: Path) -> None:
    dead = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        path = document.parent / name if name else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            dead.append(target)
    assert dead == []


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


def test_pre_commit_runs_what_make_check_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    [targets] = re.findall(r"^check: ([\w ]+)", makefile, flags=re.M)
    assert set(re.findall(r"entry: make (\w+)", hooks)) == set(targets.split())


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert re.findall(r"\((0[^)]+\.md)\)", index) == records
