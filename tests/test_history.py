"""The audit trail: what was changed and by whom, and that nobody can rewrite it."""

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from pghistory.models import Context

from banyang.accounts.models import User
from communities.actions import remove_helper
from communities.factories import HelperFactory
from communities.models import Community


def test_nobody_can_change_or_remove_who_did_something(staff: User, community: Community) -> None:
    with pghistory.context(user=staff.pk):
        Community.objects.filter(pk=community.pk).update(brand="新风尚")
    contexts = Context.objects.filter(metadata__user=staff.pk)
    for rewrite in (lambda: contexts.update(metadata={"user": 0}), contexts.delete):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            rewrite()
    assert contexts.count() == 1


def test_context_is_completed_while_it_lasts(staff: User, community: Community) -> None:
    with pghistory.context(reason="import"):
        Community.objects.filter(pk=community.pk).update(brand="新风尚")
        with pghistory.context(user=staff.pk):
            Community.objects.filter(pk=community.pk).update(brand="老味道")
    metadata = Context.objects.latest("created_at").metadata
    assert metadata == {"reason": "import", "user": staff.pk}


GROWING = """
    SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname ~ '^(pgtrigger_)?append_only'
"""
WHOLE = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'stays_whole'"


def tables(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {table for (table,) in cursor.fetchall()}


def test_every_table_that_only_grows_refuses_to_be_emptied(db: None) -> None:
    growing = tables(GROWING)
    assert {"pghistory_context", "partners_partnerevent", "accounts_disclosure"} <= growing
    assert tables(WHOLE) == growing


@pytest.mark.parametrize("statement", ["TRUNCATE {}", "TRUNCATE {} CASCADE"])
def test_history_is_not_emptied_at_once(community: Community, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL banyang.truncates_history = off")  # tests may: see conftest
        with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic():
            cursor.execute(statement.format("communities_communityevent"))
    assert community.events.count() == 1


REMOVALS = """
    SELECT tgrelid::regclass::text FROM pg_trigger
     WHERE tgname ~ '^pgtrigger_delete_delete' AND tgtype::integer & 8 = 8 AND tgenabled <> 'D'
"""


def tracked() -> set[str]:
    """The tables whose changes the history keeps."""
    models = apps.get_models()
    return {
        model.pgh_tracked_model._meta.db_table
        for model in models
        if hasattr(model, "pgh_tracked_model")
    }


def test_every_tracked_table_keeps_what_was_removed(db: None) -> None:
    assert {
        "claims_step",
        "deliveries_delivery",
        "communities_helper",
        "catalogue_group",
    } <= tracked()
    assert tables(REMOVALS) == tracked()


def test_whoever_removed_something_stands_in_the_history(staff: User) -> None:
    helper = HelperFactory(name="王秀英")
    remove_helper(helper=helper, by=staff)
    removal = apps.get_model("communities", "HelperEvent").objects.get(pgh_label="delete")
    assert (removal.name, removal.pgh_context.metadata["user"]) == ("王秀英", staff.pk)
