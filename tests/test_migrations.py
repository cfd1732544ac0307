"""An update keeps what is there: rows from before a rule are brought to it, and stop no migration."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database without any table in the place of the tests' own."""
    ours = connection.settings_dict["NAME"]
    name = f"{ours}_empty"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = ours
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def migrate(*targets: tuple[str, str]) -> Any:
    """Migrate to `targets`, else to the end; the models as they are then."""
    executor = MigrationExecutor(connection)
    wanted = list(targets) or executor.loader.graph.leaf_nodes()
    return executor.migrate(wanted).apps


@pytest.mark.usefixtures("empty_database")
def test_migrations_bring_old_rows_to_the_rules() -> None:
    old = migrate(("projects", "0001_initial"))
    ids = old_projects(old)
    old = migrate(("events", "0002_places_counted_by_the_trigger_alone"))
    day = old_market_day(old, ids["community"])

    now = migrate()

    project = now.get_model("projects", "Project").objects.get(pk=ids["project"])
    assert project.cancel_reason == "取消时未填写原因"
    assert project.places == 10_000
    assert project.unit == "件"
    assert now.get_model("projects", "Delivery").objects.get().residents_served == 100_000
    solved = now.get_model("projects", "Need").objects.get(pk=ids["solved"])
    assert solved.answered_at
    assert solved.checked_at
    assert now.get_model("projects", "Need").objects.get(pk=ids["open"]).checked_at
    check_claims(now)
    check_stalls(now)
    partner = now.get_model("partners", "Partner").objects.get()
    assert partner.search_text == "甲店\njiadian\njd\n5678\n1234"
    numbers = {"13900005678", "05335551234-8", "05335551234", "5551234"}
    assert {gram for gram in partner.search_grams if len(gram) > 2} == numbers
    assert {"甲", "店", "甲店", "ji", "jd", "56", "34"} <= {*partner.search_grams}
    assert now.get_model("events", "MarketDay").objects.get(pk=day).places == 10_000


def check_claims(apps: Any) -> None:
    """Their history knows when each got its places, and when it ended."""
    claims, events = (apps.get_model("projects", name).objects for name in ("Claim", "ClaimEvent"))
    held = claims.get(state="claimed")
    released = claims.get(state="released")
    claimed, gone = events.filter(pgh_obj=released).order_by("pgh_id")[:2]
    assert held.held_at == events.filter(pgh_obj=held).earliest("pgh_id").pgh_created_at
    assert (claimed.state, gone.state) == ("claimed", "released")
    assert released.ended_at == gone.pgh_created_at
    assert released.end_reason == "未填写原因"
    assert claims.get(state="waiting").held_at is None


def check_stalls(apps: Any) -> None:
    stalls, events = (apps.get_model("events", name).objects for name in ("Stall", "StallEvent"))
    taken = stalls.get(state="taken")
    withdrawn = stalls.get(state="withdrawn")
    assert taken.held_at == events.filter(pgh_obj=taken).earliest("pgh_id").pgh_created_at
    assert withdrawn.ended_at == events.filter(pgh_obj=withdrawn).earliest("pgh_id").pgh_created_at


def old_projects(apps: Any) -> dict[str, int]:
    """Rows as they could be before most of the rules."""
    community = apps.get_model("communities", "Community").objects.create(
        code="370302001001", name="甲社区居委会", short_name="甲社区"
    )
    partner = apps.get_model("partners", "Partner").objects.create(
        name="甲店", kind="enterprise", search_text="甲店\njiadian\njd\n13900005678\n05335551234-8"
    )
    for phone in ("13900005678", "05335551234-8", ""):
        apps.get_model("partners", "Contact").objects.create(
            partner_id=partner.pk, name="王", phone=phone, is_main=phone == "13900005678"
        )
    project_list = apps.get_model("projects", "ProjectList").objects.create(
        community=community, year=2024
    )
    project = apps.get_model("projects", "Project").objects.create(
        list=project_list, title="张贴公告栏", state="cancelled", places=20_000, by_quantity=True
    )
    claims = apps.get_model("projects", "Claim").objects
    given_up = claims.create(project=project, partner=partner, state="claimed")
    claims.filter(pk=given_up.pk).update(state="released")
    claims.filter(pk=given_up.pk).update(aim="每个楼道都有")
    claim = claims.create(project=project, partner=partner, state="claimed")
    other = apps.get_model("projects", "Project").objects.create(list=project_list, title="理发")
    claims.create(project=other, partner=partner, state="waiting", held_at=timezone.now())
    apps.get_model("projects", "Delivery").objects.create(
        claim=claim,
        delivered_on=date(2024, 5, 1),
        content="张贴",
        residents_served=200_000,
        form_token=uuid4(),
    )
    needs = apps.get_model("projects", "Need").objects
    need = {"community": community, "text": "路灯不亮"}
    solved = needs.create(**need, state="solved", answer="已修好", receipt="A")
    waiting = needs.create(**need, state="open", receipt="B", created_at=timezone.now())
    return {
        "community": community.pk,
        "project": project.pk,
        "solved": solved.pk,
        "open": waiting.pk,
    }


def old_market_day(apps: Any, host: int) -> int:
    market_days = apps.get_model("events", "MarketDay").objects
    day = market_days.create(
        host_id=host,
        held_on=date(2024, 5, 4),
        starts_at=time(8),
        ends_at=time(11),
        places=20_000,
    )
    partner = apps.get_model("partners", "Partner").objects.get()
    stalls = apps.get_model("events", "Stall").objects
    for state in ("withdrawn", "taken"):
        stalls.create(market_day=day, partner_id=partner.pk, state=state, offer="理发")
    return day.pk
