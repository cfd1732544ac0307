"""The plan of the house, where import-linter can't see it: names in strings, modules on no floor."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).parent.parent
PACKAGES = ("banyang", "communities", "partners", "projects", "events")
# What configures all rooms and is in none.
CONFIGURATION = {
    "banyang",
    "banyang.celery",
    "banyang.settings",
    "banyang.urls",
    "banyang.wsgi",
    "events",
    "projects",
}
# Calls whose arguments name fields and relations.
LOOKUPS = {
    *("annotate", "alias", "aggregate", "exclude", "filter", "get", "order_by", "only", "defer"),
    *("prefetch_related", "select_related", "values", "values_list", "update", "distinct"),
    *(
        "Case",
        "Count",
        "Exists",
        "F",
        "FilteredRelation",
        "OuterRef",
        "Prefetch",
        "Q",
        "Sum",
        "When",
    ),
}


@cache
def arrows() -> dict[str, set[str]]:
    """From each room to those that it may know, the next ones below, as pyproject.toml has them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {"banyang.embedded": set(), "partners.imports": {"partners"}}
    for contract in config["tool"]["importlinter"]["contracts"]:
        layers = [set(layer.split(" | ")) for layer in contract.get("layers", ())]
        for upper, lower in pairwise([*layers, set()] if layers else []):
            for room in upper:
                found.setdefault(room, set()).update(lower)
    for top in ("banyang.site", "banyang.demo"):
        found[top].add("partners.imports")
    return found


@cache
def below(room: str) -> set[str]:
    """All that a room may know."""
    return reachable(room, arrows())


def reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    while new := {end for room in (found | {start}) for end in arrows[room]} - found:
        found |= new
    return found


def room_of(module: str) -> str | None:
    """The room in which a module stands, or `None`."""
    found = [room for room in arrows() if f"{module}.".startswith(f"{room}.")]
    return max(found, key=len, default=None)


def modules(root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Every module of the product, without migrations, which follow the models."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" not in parts:
                yield ".".join(part for part in parts if part != "__init__"), path


def homeless(root: Path = ROOT) -> list[str]:
    """The modules that stand on no floor."""
    return [
        name for name, _path in modules(root) if name not in CONFIGURATION and room_of(name) is None
    ]


def label_rooms() -> dict[str, str]:
    """The room of each app by the label under which strings name its models."""
    return {
        config.label: config.name for config in apps.get_app_configs() if config.name in arrows()
    }


def related_names() -> dict[str, set[str]]:
    """What a lookup that leads to a model of a room can be called, by the name's first part."""
    names: dict[str, set[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for relation in model._meta.related_objects:
            there, here = model_room(relation.related_model), model_room(model)
            if there and here and there != here and (name := relation.get_accessor_name()):
                names.setdefault(name, set()).add(there)
    own = {
        field.name
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete
    }
    return {name: there for name, there in names.items() if name not in own}


def model_room(model: type[Model]) -> str | None:
    return label_rooms().get(model._meta.app_label)


def strings_that_name_rooms(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, string and room of every string in `source` that names a room or what is in it."""
    labels, related = label_rooms(), related_names()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = re.fullmatch(r"([a-z]+)\.([A-Za-z]\w*)(?:[.:]\w+)*", node.value)
            if word and (room := room_of(node.value) or labels.get(word[1])):
                yield node.lineno, node.value, room
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "get_model" and (label := next(lookups_of(node), "")) in labels:
                yield node.lineno, label, labels[label]
            if name in LOOKUPS:
                for lookup in lookups_of(node):
                    for room in related.get(lookup.lstrip("-").partition("__")[0], ()):
                        yield node.lineno, lookup, room


def lookups_of(call: ast.Call) -> Iterator[str]:
    yield from (keyword.arg for keyword in call.keywords if keyword.arg)
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def wrong_names(module: str, source: str) -> list[str]:
    """What a module names in strings and may not know."""
    here = room_of(module)
    if here is None:
        return []
    return [
        f"{module}:{line} names {string!r} of {there}"
        for line, string, there in strings_that_name_rooms(source)
        if there not in {here, *below(here)}
    ]


# --- The house as it stands ----------------------------------------------------------------


def test_every_module_stands_on_a_floor() -> None:
    assert homeless() == []


def test_every_room_is_an_app_and_every_app_of_ours_a_room() -> None:
    ours = {config.name for config in apps.get_app_configs() if config.name.startswith(PACKAGES)}
    assert ours == set(arrows())


def test_no_room_names_an_upper_one_in_a_string() -> None:
    wrong = [
        name
        for module, path in modules()
        for name in wrong_names(module, path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_diagram_of_the_architecture_shows_the_plan() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    nodes = dict(re.findall(r'^    (\w+)\["([\w.]+)"\]$', text, re.M))
    assert set(nodes.values()) == set(arrows())
    drawn: dict[str, set[str]] = {room: set() for room in arrows()}
    for start, end in re.findall(r"^    (\w+) --> (\w+)$", text, re.M):
        drawn[nodes[start]].add(nodes[end])
    assert {room: reachable(room, drawn) for room in arrows()} == {
        room: below(room) for room in arrows()
    }


# --- Whether it would be seen if it did not stand so ---------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "is_wrong"),
    [
        ("projects.catalogue.models", 'models.ForeignKey("partners.Partner")', True),
        ("projects.catalogue.actions", 'apps.get_model("partners", "Partner")', True),
        ("communities.models", "Community.objects.filter(project_lists__year=2026)", True),
        ("communities.models", 'Community.objects.prefetch_related("market_days__stalls")', True),
        ("banyang.reminders.sending", 'task = "projects.claims.tasks.pass_on_places"', True),
        ("events.markets.models", 'models.ForeignKey("claims.Claim")', True),
        ("partners.actions", 'models.ForeignKey("imports.ImportRow")', True),
        ("partners.urls", 'include("partners.imports.urls")', True),
        ("partners.models.partner", 'models.ForeignKey("communities.Community")', False),
        ("projects.claims.models", 'Project.objects.filter(claims__state="waiting")', False),
        ("banyang.site.views", 'apps.get_model("markets", "Stall")', False),
    ],
)
def test_upper_room_in_a_string_is_seen(module: str, source: str, is_wrong: bool) -> None:
    assert bool(wrong_names(module, source)) is is_wrong


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, house / package, ignore=shutil.ignore_patterns("locale"))
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def lint_imports(house: Path) -> Any:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
    ]
    return subprocess.run(
        [*command, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


def test_module_on_no_floor_is_seen(copy_of_the_house: Path) -> None:
    stray = copy_of_the_house / "banyang" / "helpers.py"
    stray.write_text("")
    assert homeless(copy_of_the_house) == ["banyang.helpers"]
    stray.unlink()


def test_import_of_an_upper_room_is_seen(copy_of_the_house: Path) -> None:
    assert lint_imports(copy_of_the_house).returncode == 0
    path = copy_of_the_house / "banyang" / "foundation" / "forms.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\nfrom projects.needs.models import Need\n", encoding="utf-8")
    answer = lint_imports(copy_of_the_house)
    assert answer.returncode != 0
    assert "banyang.foundation.forms -> projects.needs.models" in answer.stdout
    path.write_text(before, encoding="utf-8")
