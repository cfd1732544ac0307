"""The plan of the house, where import-linter can't see it: names in strings, links, modules on no floor."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignObjectRel, Model
from django.urls import URLResolver, get_resolver

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
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
# Links and fragments of upper rooms in templates (by file) and in modules: all that are accepted.
# Who needs another one writes it down here; one that is gone goes from here too.
ACCEPTED_LINKS = {
    # What frames every page shows where everybody starts from, and the reader's own account.
    "400.html": {"front"},
    "500.html": {"front"},
    "base.html": {"front", "home"},
    "components/tools.html": {"language_switch", "me", "sign_in", "sign_out"},
    "components/view_switch.html": {"view_switch"},
    "components/way_back.html": {"front", "home", "sign_in"},
    # Only the two doors of the site show it.
    "components/open_projects.html": {"claims/_own_states.html", "project_list"},
    # The page of a community is put together by the site, under the community's own address.
    "communities.models": {"community_detail"},
    "communities/community_detail.html": {
        *("claims/_own_states.html", "need_board", "need_create", "need_enter", "project_list"),
    },
    "partners/partner_detail.html": {"claim_list", "community_detail", "home", "marketday_list"},
    # The door to what hangs on a thing or is done next with it.
    "catalogue/service_detail.html": {"claims/_own_states.html", "project_create"},
    "claims/_claim_actions.html": {"claim_complete", "claim_reopen", "delivery_create"},
    "claims/claim_detail.html": {"deliveries/_deliveries.html"},
    "lists/_project_actions.html": {
        *("project_cancel", "project_complete", "project_edit", "project_reopen"),
    },
    "lists/project_detail.html": {
        *("claims/_claim_button.html", "claims/_line.html", "claims/_own_claims.html"),
    },
    "lists/project_list.html": {"claim_list", "claims/_own_states.html"},
    "lists/projectlist_detail.html": {"claims/_own_states.html"},
    "needs/need_desk.html": {"project_create"},
    "partners/partner_list.html": {"import_list"},
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


def visible(room: str) -> set[str]:
    """The room itself and all that it may know."""
    return {room, *below(room)}


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


@cache
def upper_relations(here: str) -> dict[str, set[str]]:
    """What relations to upper rooms are called, with these rooms, on the models that `here` knows.

    A name that a relation or column within these models has too is theirs: `needs` of a project
    in the room of lists, while the `needs` of a community are above the communities.
    """
    upper: dict[str, set[str]] = {}
    known: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        room = model_room(model)
        if room and room not in visible(here):
            continue
        for name, related in relations(model):
            there = model_room(related) if related else None
            if there is None or there in visible(here):
                known.add(name)
            elif room:
                upper.setdefault(name, set()).add(there)
    return {name: rooms for name, rooms in upper.items() if name not in known}


def relations(model: type[Model]) -> Iterator[tuple[str, Any]]:
    """Every name that a query or an attribute of `model` may use, and the model it leads to."""
    for field in model._meta.get_fields():
        yield field.name, field.related_model
        if isinstance(field, ForeignObjectRel) and (accessor := field.get_accessor_name()):
            yield accessor, field.related_model


@cache
def tables() -> dict[str, str]:
    """The room of each table of ours."""
    found = {
        model._meta.db_table: model_room(model)
        for model in apps.get_models(include_auto_created=True)
    }
    return {table: room for table, room in found.items() if room}


def model_room(model: type[Model]) -> str | None:
    return label_rooms().get(model._meta.app_label)


def strings_that_name_rooms(here: str, source: str) -> Iterator[tuple[int, str, str]]:
    """Line, string and room of whatever in `source` names a room or what is in it."""
    labels, related = label_rooms(), upper_relations(here)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = re.fullmatch(r"([a-z]+)\.([A-Za-z]\w*)(?:[.:]\w+)*", node.value)
            if word and (room := room_of(node.value) or labels.get(word[1])):
                yield node.lineno, node.value, room
            for table in tables().keys() & set(re.findall(r"\w+", node.value)):
                yield node.lineno, table, tables()[table]
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "get_model" and (label := next(lookups_of(node), "")) in labels:
                yield node.lineno, label, labels[label]
            # Any call: besides filter and Count there are Min, Prefetch, hasattr and our own.
            for lookup in lookups_of(node):
                for room in related.get(lookup.lstrip("-").partition("__")[0], ()):
                    yield node.lineno, lookup, room
        # Those of a ValidationError are no reminders.
        elif isinstance(node, ast.Attribute) and ast.unparse(node) != "error.messages":
            for room in related.get(node.attr, ()):
                yield node.lineno, node.attr, room


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
        for line, string, there in strings_that_name_rooms(here, source)
        if there not in visible(here)
    ]


@cache
def url_rooms() -> dict[str, str | None]:
    """The room of each URL by its name: the one whose `urls.py` holds it."""
    return dict(named_urls(get_resolver()))


def named_urls(resolver: URLResolver) -> Iterator[tuple[str, str | None]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from named_urls(each)
        elif each.name:
            yield each.name, room_of(resolver.urlconf_module.__name__)


def template_room(name: str) -> str:
    """The room whose folder holds a template; what stands in none frames the pages of all."""
    folders = {room.rpartition(".")[2]: room for room in arrows()}
    return folders.get(name.partition("/")[0], "banyang.foundation")


def links_upwards(here: str, names: Iterable[str]) -> set[str]:
    """Those of `names` that are a URL or a template of a room which `here` may not know."""
    return {
        name
        for name in names
        if (there := template_room(name) if is_template(name) else url_rooms().get(name))
        and there not in visible(here)
    }


def is_template(name: str) -> bool:
    return re.fullmatch(r"[\w/]+\.(html|txt)", name) is not None


def links_of_template(name: str, source: str) -> set[str]:
    tags = re.findall(r"""{%-?\s*(?:url|include|extends)\s+(["'])(.+?)\1""", source)
    return links_upwards(template_room(name), (link for _quote, link in tags))


def links_of_module(module: str, source: str) -> set[str]:
    """Any string counts, whoever hands it on to `reverse`, `redirect` or `render`."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    here = room_of(module)
    return links_upwards(here, strings) if here else set()


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


def test_links_upwards_are_those_accepted() -> None:
    found = {
        module: links_of_module(module, path.read_text(encoding="utf-8"))
        for module, path in modules()
    }
    for path in [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]:
        name = path.relative_to(TEMPLATES).as_posix()
        found[name] = links_of_template(name, path.read_text(encoding="utf-8"))
    assert {place: links for place, links in found.items() if links} == ACCEPTED_LINKS


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
        ("communities.models", 'Community.objects.filter(needs__state="new")', True),
        ("communities.models", 'Community.objects.prefetch_related("needs")', True),
        ("communities.models", 'Min("project_lists__year")', True),
        ("communities.models", 'Max("project_lists__year")', True),
        ("communities.models", 'Count("needs")', True),
        ("communities.models", 'F("project_lists__year")', True),
        ("communities.models", 'Q(needs__state="new")', True),
        ("communities.models", 'Prefetch("needs", queryset)', True),
        ("communities.models", 'Community.objects.order_by("-needs__pk")', True),
        ("communities.models", 'hasattr(community, "needs")', True),
        ("communities.models", 'getattr(community, "needs")', True),
        ("communities.models", "community.needs.all()", True),
        ("communities.models", 'table = "lists_project"', True),
        ("communities.models", 'RawSQL("SELECT max(id) FROM lists_project p", ())', True),
        ("banyang.reminders.sending", 'task = "projects.claims.tasks.pass_on_places"', True),
        ("events.markets.models", 'models.ForeignKey("claims.Claim")', True),
        ("partners.actions", 'models.ForeignKey("imports.ImportRow")', True),
        ("partners.urls", 'include("partners.imports.urls")', True),
        ("partners.models.partner", 'models.ForeignKey("communities.Community")', False),
        ("projects.lists.models", 'Project.objects.filter(needs__state="new")', False),
        ("projects.claims.models", 'RawSQL("SELECT max(id) FROM lists_project p", ())', False),
        ("projects.claims.models", 'Project.objects.filter(claims__state="waiting")', False),
        ("banyang.site.views", 'apps.get_model("markets", "Stall")', False),
    ],
)
def test_upper_room_in_a_string_is_seen(module: str, source: str, is_wrong: bool) -> None:
    assert bool(wrong_names(module, source)) is is_wrong


@pytest.mark.parametrize(
    ("module", "source", "links"),
    [
        ("communities.views", 'redirect("need_board")', {"need_board"}),
        ("communities.views", 'resolve_url(next_url or "project_list")', {"project_list"}),
        ("partners.worklist", 'reverse("claim_list") + "?state=claimed"', {"claim_list"}),
        ("partners.views.people", 'render(request, "claims/_line.html")', {"claims/_line.html"}),
        ("partners.views.people", 'redirect("user_detail", pk=person.pk)', set()),
        ("banyang.site.views", 'reverse("claim_list")', set()),
    ],
)
def test_link_upwards_in_a_module_is_seen(module: str, source: str, links: set[str]) -> None:
    assert links_of_module(module, source) == links


@pytest.mark.parametrize(
    ("name", "source", "links"),
    [
        ("needs/a.html", '<a href="{% url "claim_list" %}">', {"claim_list"}),
        ("needs/a.html", "<a href=\"{% url 'claim_list' as url %}\">", {"claim_list"}),
        ("needs/a.html", '{% include "claims/_line.html" with a=b %}', {"claims/_line.html"}),
        ("needs/a.html", '{% extends "lists/project_list.html" %}', {"lists/project_list.html"}),
        ("components/a.html", '{% url "user_list" %}', {"user_list"}),
        ("needs/a.html", '{% extends "base.html" %}{% url "user_detail" 1 %}', set()),
        ("site/a.html", '{% include "claims/_line.html" %}', set()),
    ],
)
def test_link_upwards_in_a_template_is_seen(name: str, source: str, links: set[str]) -> None:
    assert links_of_template(name, source) == links


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
