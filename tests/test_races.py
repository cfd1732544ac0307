"""Two people change the same at the same moment: one of them is told so, and nobody sees an error.

The accounts', the claims' and the numbers' own races are beside them.
"""

from collections.abc import Callable
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from psycopg.errors import DeadlockDetected

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.celery import app
from banyang.foundation.errors import Refused, as_refusal
from banyang.foundation.forms import submitted
from banyang.foundation.middleware import RefusalMiddleware
from banyang.foundation.moves import locked, move
from banyang.office.actions import save_calendar_day
from banyang.office.models import CalendarDay
from communities import actions as communities
from communities.factories import CommunityFactory, HelperFactory
from communities.forms import AboutForm
from communities.models import Community
from events.markets.factories import StallFactory
from events.markets.models import Stall
from partners import actions as partners
from partners.factories import ContactFactory, MemberFactory
from partners.imports.tasks import run_import
from projects.catalogue import actions as catalogue
from projects.catalogue.factories import GroupFactory, ServiceFactory
from projects.catalogue.models import Group, Service
from projects.claims.actions import plans, projects
from projects.claims.factories import StepFactory
from projects.deliveries import actions as deliveries
from projects.deliveries.factories import DeliveryFactory
from projects.lists.actions import remove_project
from projects.lists.factories import ProjectFactory
from projects.needs import actions as needs
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.races import at_once, once_all_wait

at_the_same_moment = pytest.mark.django_db(transaction=True)


# --- The same entered twice ----------------------------------------------------------------


@at_the_same_moment
def test_calendar_day_entered_at_the_same_moment_is_refused() -> None:
    def enter() -> None:
        save_calendar_day(
            day=CalendarDay(date=date(2026, 10, 1), is_working=False), by=UserFactory()
        )

    [refused] = once_all_wait([enter], behind=enter)
    assert isinstance(refused, Refused)


# --- The same page sent by two ---------------------------------------------------------------


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return browser


@at_the_same_moment
@pytest.mark.parametrize(
    ("make", "page", "field"),
    [
        (CommunityFactory, "community_edit", "brand"),
        (StallFactory, "stall_edit", "offer"),
    ],
)
def test_edit_form_sent_by_two_at_the_same_moment_is_stored_once(
    make: Callable[[], Any], page: str, field: str
) -> None:
    thing, people = make(), UserFactory.create_batch(2, is_staff=True)
    if isinstance(thing, Stall):
        people = [MemberFactory(partner=thing.partner).user for _ in people]
    url = reverse(page, args=[thing.code if isinstance(thing, Community) else thing.pk])

    def opened_and_sent(user: User, words: str) -> Callable[[], Any]:
        browser = browser_of(user)
        form = browser.get(url).context["form"]
        typed = {name: form[name].value() or "" for name in form.fields} | {field: words}
        return lambda: browser.post(url, typed)

    jobs = [opened_and_sent(user, words) for user, words in zip(people, "甲乙", strict=True)]
    answers: list[Any] = once_all_wait(jobs, behind=lambda: locked(type(thing).objects, thing.pk))

    assert sorted(getattr(answer, "status_code", answer) for answer in answers) == [200, 302]
    [(kept, refused)] = [
        (words, answer)
        for words, answer in zip("乙甲", answers, strict=True)
        if answer.status_code == 200
    ]
    thing.refresh_from_db()
    assert getattr(thing, field) == kept
    assert f"“{kept}”" in refused.text


@at_the_same_moment
def test_staff_that_put_each_other_out_on_their_pages_do_not_wait_in_a_circle() -> None:
    one, other = UserFactory.create_batch(2, is_staff=True)

    def opened_and_sent(by: User, whom: User) -> Callable[[], Any]:
        browser, url = browser_of(by), reverse("user_edit", args=[whom.pk])
        form = browser.get(url).context["form"]
        typed = {name: form[name].value() or "" for name in form.fields if name != "is_staff"}
        return lambda: browser.post(url, typed)

    answers: list[Any] = once_all_wait(
        [opened_and_sent(one, other), opened_and_sent(other, one)],
        behind=lambda: list(User.objects.select_for_update(no_key=True)),
    )
    [refused] = [answer.text for answer in answers if answer.status_code == 200]
    assert "身份刚被同事取消" in refused  # not that somebody was at work at the same moment
    assert User.objects.with_role("staff").count() == 1


@at_the_same_moment
def test_change_compared_without_a_lock_takes_another_away() -> None:
    """The control: both are compared with the old words before they come to wait."""
    community = CommunityFactory(brand="原来的")

    def compare_and_write(words: str) -> None:
        stored = Community.objects.get(pk=community.pk)
        assert stored.brand == "原来的"
        communities.update_community(community=stored, brand=words, by=UserFactory())

    jobs = [lambda: compare_and_write("甲"), lambda: compare_and_write("乙")]
    wait = once_all_wait(jobs, behind=lambda: locked(Community.objects, community.pk))
    assert wait == [None, None]


@pytest.mark.django_db
def test_edit_form_is_neither_compared_nor_written_unless_its_row_is_locked() -> None:
    with pytest.raises(RuntimeError, match="submitted"):
        AboutForm({"opened_with": "x"}, instance=CommunityFactory()).is_valid()


# --- Locks in both directions --------------------------------------------------------------


def joined_across(join: Callable[[Need, Need], object]) -> list[object]:
    """What becomes of two people who each join one's need with the other's."""
    community = CommunityFactory()
    one, other = NeedFactory.create_batch(2, community=community, on_board=True)
    lock = Need.objects.select_for_update(no_key=True).order_by("-pk")
    return once_all_wait(
        [lambda: join(one, other), lambda: join(other, one)], behind=lambda: list(lock)
    )


@at_the_same_moment
def test_needs_joined_with_each_other_at_the_same_moment_are_joined_once() -> None:
    results = joined_across(
        lambda need, other: needs.join_need(need=need, other=other, by=UserFactory())
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refused"]
    assert Need.objects.filter(state=Need.State.DOUBLE).count() == 1


@at_the_same_moment
def test_deadlock_is_told_as_a_refusal() -> None:
    """The control: each locks the other's need first."""
    both_have_one = Barrier(2)

    def join(need: Need, other: Need) -> None:
        with transaction.atomic():
            other = Need.objects.select_for_update(no_key=True).get(pk=other.pk)
            both_have_one.wait()
            move(need, Need.State.DOUBLE, double_of=other)

    [error] = [result for result in joined_across(join) if result is not None]
    assert isinstance(error, OperationalError)
    assert isinstance(as_refusal(error), Refused)


# --- What somebody else has just removed ---------------------------------------------------


@at_the_same_moment
def test_group_removed_while_a_service_is_filed_under_it_is_told_beside_the_form() -> None:
    group, service = GroupFactory(), ServiceFactory.build()
    service.group = group
    form = forms.Form({})

    with submitted(form), transaction.atomic():
        catalogue.save_service(service=service, by=UserFactory())
        at_once([lambda: catalogue.remove_section(section=group, by=UserFactory())])

    assert "at the same moment" in str(form.errors) or "同时" in str(form.errors)
    assert not Service.objects.exists()


# Changes to things, each removed by somebody else after it was loaded.


def update_contact() -> None:
    contact = ContactFactory()
    partners.remove_contact(contact=type(contact).objects.get(pk=contact.pk), by=UserFactory())
    partners.update_contact(contact=contact, name="新名", by=UserFactory())


def update_helper() -> None:
    helper = HelperFactory()
    communities.remove_helper(helper=type(helper).objects.get(pk=helper.pk), by=UserFactory())
    communities.update_helper(helper=helper, name="新名", by=UserFactory())


def edit_delivery() -> None:
    delivery = DeliveryFactory()
    deliveries.remove_delivery(
        delivery=type(delivery).objects.get(pk=delivery.pk), by=UserFactory()
    )
    details = deliveries.DeliveryDetails(date(2026, 1, 5), "理发", 3)
    deliveries.edit_delivery(delivery=delivery, details=details, by=UserFactory())


def mark_step() -> None:
    step = StepFactory()
    type(step).objects.filter(pk=step.pk).delete()
    plans.mark_step(step=step, done=True, by=UserFactory())


def edit_project() -> None:
    project = ProjectFactory(draft=True)
    remove_project(project=type(project).objects.get(pk=project.pk), by=UserFactory())
    details = projects.ProjectDetails(title="理发")
    projects.edit_project(project=project, details=details, by=UserFactory())


def rename_group() -> None:
    group = GroupFactory()
    catalogue.remove_section(section=Group.objects.get(pk=group.pk), by=UserFactory())
    catalogue.save_group(group=group, by=UserFactory())


def change_calendar_day() -> None:
    day = CalendarDay.objects.create(date=date(2026, 10, 1), is_working=False)
    CalendarDay.objects.all().delete()
    save_calendar_day(day=day, by=UserFactory())


@pytest.mark.parametrize(
    "change",
    [
        update_contact,
        update_helper,
        edit_delivery,
        mark_step,
        edit_project,
        rename_group,
        change_calendar_day,
    ],
)
def test_change_to_what_was_removed_meanwhile_is_refused(
    db: None, change: Callable[[], object]
) -> None:
    with pytest.raises(Refused):
        change()


def test_lost_race_is_told_on_the_page_that_one_came_from(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    request = rf.post("/", headers={"referer": "/partners/"})
    request._messages = CookieStorage(request)
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()

    with translation.override("en"):
        response = RefusalMiddleware(lambda request: None).process_exception(request, error)

    assert response.url == "/partners/"
    [message] = get_messages(request)
    assert "at the same moment" in str(message)
    [logged] = caplog.records  # with where it happened, should it be no race but a bug
    assert error in (logged.exc_info or ())


def test_queue_that_is_away_is_told_on_the_page_that_one_came_from(rf: RequestFactory) -> None:
    request = rf.post("/", headers={"referer": "/partners/imports/"})
    request._messages = CookieStorage(request)
    nowhere = app.connection_for_write("redis+socket:///tmp/nowhere")
    with pytest.raises(Exception, match="nowhere") as away:
        run_import.apply_async([1], connection=nowhere)

    with translation.override("en"):
        response = RefusalMiddleware(lambda request: None).process_exception(request, away.value)

    assert response.url == "/partners/imports/"
    [message] = get_messages(request)
    assert "can't be reached" in str(message)


def test_other_errors_are_not_told_as_a_lost_race(rf: RequestFactory) -> None:
    middleware = RefusalMiddleware(lambda request: None)
    for bug in (IntegrityError("a bug"), ValueError("a bug")):
        assert middleware.process_exception(rf.post("/"), bug) is None
