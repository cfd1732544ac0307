"""What an action writes down beside its own work: who acted, why, and for whom."""

import importlib
import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pghistory
import pytest
from django.db import connection, transaction

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, Program, acting, action
from communities.factories import CommunityFactory
from communities.models import Community
from tests.test_plan import modules


@action
def rename(*, community: Community, name: str, by: Actor, reason: str = "") -> None:
    Community.objects.filter(pk=community.pk).update(brand=name)


@action
def rename_for(*, community: Community, by: Actor, for_: Any) -> None:
    rename(community=community, name="老味道", by=Program("another"), reason="口头告知")


def said(community: Community) -> dict[str, Any]:
    """What the history says of the latest change."""
    return community.events.latest("pgh_id").pgh_context.metadata


def all_said(community: Community) -> list[dict[str, Any]]:
    """What the history says of every change, the first one first."""
    changes = community.events.exclude(pgh_label="insert").order_by("pgh_id")
    return [each.pgh_context.metadata for each in changes.select_related("pgh_context")]


def rows(community: Community) -> int:
    """How many contexts the changes have between them."""
    changes = community.events.exclude(pgh_label="insert")
    return changes.values("pgh_context_id").distinct().count()


def test_history_names_whoever_acts_without_a_page(community: Community, staff: User) -> None:
    rename(community=community, name="新风尚", by=staff, reason="更名")
    assert said(community) == {"user": staff.pk, "reason": "更名"}


def test_history_names_the_program_that_acts_by_itself(community: Community) -> None:
    rename(community=community, name="新风尚", by=Program("a task"))
    assert said(community) == {"user": None, "program": "a task"}


def test_action_inside_another_belongs_to_it(
    community: Community, staff: User, member: User
) -> None:
    rename_for(community=community, by=staff, for_=member)
    assert said(community) == {
        "user": staff.pk,
        "for": "accounts.user",
        "for_pk": member.pk,
        "reason": "口头告知",
    }


def test_actions_one_after_another_say_each_its_own(community: Community, staff: User) -> None:
    rename(community=community, name="新风尚", by=staff, reason="更名")
    rename(community=community, name="老味道", by=Program("a task"))
    assert said(community) == {"user": None, "program": "a task"}


def test_action_on_a_page_adds_to_what_the_page_says(community: Community, staff: User) -> None:
    with pghistory.context(url="/communities/"):
        rename(community=community, name="新风尚", by=staff)
    assert said(community) == {"url": "/communities/", "user": staff.pk}


@pytest.mark.parametrize("reasons", [("更名", ""), ("", "更名"), ("更名", "改回")])
def test_a_reason_stays_with_its_action(community: Community, reasons: tuple[str, str]) -> None:
    with acting(Program("a task")):
        rename(community=community, name="新风尚", by=Program("another"), reason=reasons[0])
        rename(community=community, name="老味道", by=Program("another"), reason=reasons[1])
    task = {"user": None, "program": "a task"}
    assert all_said(community) == [
        task | ({"reason": reason} if reason else {}) for reason in reasons
    ]


def test_each_action_of_a_task_has_its_own_context(community: Community) -> None:
    with acting(Program("a task")):
        rename(community=community, name="新风尚", by=Program("another"))
        rename(community=community, name="老味道", by=Program("another"))
    assert rows(community) == 2


def test_for_whom_stays_with_its_action(community: Community, staff: User, member: User) -> None:
    with pghistory.context(url="/x/"):
        rename_for(community=community, by=staff, for_=member)
        rename(community=community, name="新风尚", by=staff)
    assert "for" in all_said(community)[0]
    assert said(community) == {"url": "/x/", "user": staff.pk}


def test_page_goes_on_as_it_was_after_an_action(community: Community, staff: User) -> None:
    of_community = Community.objects.filter(pk=community.pk)
    with pghistory.context(url="/x/", user=staff.pk):
        of_community.update(brand="一")
        rename(community=community, name="二", by=Program("a task"), reason="更名")
        of_community.update(brand="三")
        with pytest.raises(RuntimeError), acting(Program("a task")):
            raise RuntimeError
        of_community.update(brand="四")
    page = {"url": "/x/", "user": staff.pk}
    deed = {"url": "/x/", "user": None, "program": "a task", "reason": "更名"}
    assert all_said(community) == [page, deed, page, page]
    assert rows(community) == 2


def test_what_an_inner_action_adds_is_said_of_it_alone(community: Community, staff: User) -> None:
    @action
    def rename_thrice(*, by: Actor) -> None:
        Community.objects.filter(pk=community.pk).update(brand="一")
        rename(community=community, name="二", by=by, reason="更名")
        rename(community=community, name="三", by=by)

    with pghistory.context(url="/x/"):
        rename_thrice(by=staff)
    deed = {"url": "/x/", "user": staff.pk}
    assert all_said(community) == [deed, deed | {"reason": "更名"}, deed]
    assert rows(community) == 2  # the first and the last are one deed


def in_another_thread(community: Community, by: Actor) -> None:
    """Rename in a thread that is told what is running here, as `asyncio.to_thread` does."""

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")  # rather than wait for us for ever
            rename(community=community, name="老味道", by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, work).result()


@pytest.mark.django_db(transaction=True)
def test_another_thread_says_who_acts(community: Community, staff: User) -> None:
    with pghistory.context(url="/x/"), acting(staff, reason="更名"):
        in_another_thread(community, by=staff)
    assert said(community) == {"url": "/x/", "user": staff.pk, "reason": "更名"}


@pytest.mark.django_db(transaction=True)
def test_another_thread_does_not_wait_for_the_row_of_an_action(
    community: Community, staff: User
) -> None:
    other = CommunityFactory()

    @action
    def rename_both(*, by: Actor) -> None:
        rename(community=other, name="新风尚", by=by)
        in_another_thread(community, by=by)

    rename_both(by=staff)
    assert said(community) == said(other) == {"user": staff.pk}


def test_action_that_fails_writes_nothing(community: Community, staff: User) -> None:
    @action
    def fail(*, by: Actor) -> None:
        Community.objects.update(brand="新风尚")
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        fail(by=staff)
    assert not Community.objects.filter(brand="新风尚").exists()


def test_nobody_acts_namelessly(community: Community) -> None:
    with pytest.raises(TypeError, match="Say who acts"):
        rename(community=community, name="新风尚", by=None)
    with pytest.raises(TypeError, match="Say who acts"), acting(None):
        pass


def test_action_without_an_actor_is_none() -> None:
    def nameless(*, community: Community) -> None: ...

    def positional(community: Community, *, by: Actor) -> None: ...

    with pytest.raises(TypeError, match="no `by`"):
        action(nameless)
    with pytest.raises(TypeError, match="by position"):
        action(positional)


# Public functions of `actions` modules that are no action, and why.
NO_ACTIONS = {
    "banyang.foundation.actions.acting": "makes actions",
    "banyang.foundation.actions.action": "makes actions",
    # These write many things, each in a transaction of its own, and hand on who acts.
    "banyang.office.actions.load_known_years": "hands on who acts",
    "events.markets.actions.give_free_stalls": "hands on who acts",
    "projects.claims.actions.claims.pass_on_free_places": "hands on who acts",
    "partners.imports.actions.run_import": "acts as whoever uploaded or committed the import",
    "partners.imports.actions.tidy_imports": "discards as a program; what else it deletes has no history",
    # What follows from an action is in its transaction and in the history under its actor.
    "banyang.reminders.actions.forget": "part of the action that calls it",
    "banyang.reminders.actions.forget_all": "part of the action that calls it",
    "banyang.reminders.actions.move_to_calendar": "part of the task that calls it",
    "banyang.reminders.actions.remind": "part of the action that calls it",
    "banyang.reminders.actions.remind_all": "part of the action that calls it",
    "banyang.reminders.actions.supersede": "part of the action that calls it",
    "projects.claims.actions.claims.pass_on_places": "part of the action that calls it",
    "banyang.reminders.actions.is_announced": "reads",
    "banyang.reminders.actions.notified_of": "reads",
    "projects.lists.actions.earliest_opening": "reads",
    "projects.claims.actions.plans.too_many_steps": "words of a refusal",
}


def functions_of_actions() -> Iterator[tuple[str, Any]]:
    """Every public function of every `actions` module, with its full name."""
    for name, _path in modules():
        if "actions" in name.split("."):
            module = importlib.import_module(name)
            for each, function in vars(module).items():
                is_own = getattr(function, "__module__", None) == name and not each.startswith("_")
                if is_own and callable(function) and not inspect.isclass(function):
                    yield f"{name}.{each}", function


def test_every_function_beside_the_actions_is_one() -> None:
    functions = dict(functions_of_actions())
    assert len(functions) > 90
    others = {name for name, each in functions.items() if not hasattr(each, "is_action")}
    # A set, so that an exception that is gone has to go from the list too.
    assert others == NO_ACTIONS.keys()
