"""What a page costs the database: as many queries for one row as for thirty."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.actions import disclose, record_export
from banyang.accounts.models import User
from banyang.reminders.models import Message
from communities.models import Community
from events.markets.factories import MarketDayFactory
from partners.factories import ContactFactory, MemberFactory, PartnerFactory
from partners.models import Partner
from projects.catalogue.factories import GroupFactory
from projects.claims.factories import ClaimFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import ProjectList
from projects.needs.factories import NeedFactory

pytestmark = pytest.mark.django_db

Costs = Callable[..., Any]


@pytest.fixture
def costs(
    request: pytest.FixtureRequest, client: Client, sign_in: Any, django_assert_num_queries: Any
) -> Costs:
    """Open a page as somebody, with exactly so many queries; the answer.

    Before it they open another one, which fills the caches of the session and of the office.
    """

    def _costs(queries: int, page: str, *, who: str, query: Any = None, **form: Any) -> Any:
        browser = client if who == "nobody" else sign_in(request.getfixturevalue(who))
        browser.get(reverse("marketday_list"))
        with django_assert_num_queries(queries):
            return browser.post(page, form) if form else browser.get(page, query)

    return _costs


@pytest.fixture(params=[1, 30], ids=["1 row", "30 rows"])
def rows(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def draft_list(rows: int, community: Community) -> ProjectList:
    """A list with so many drafts, in a town with as many partners to be told."""
    draft_list = ProjectListFactory(community=community, draft=True)
    ProjectFactory.create_batch(rows, draft=True, list=draft_list)
    for _ in range(rows):
        MemberFactory(partner=PartnerFactory(signed=True))
    return draft_list


@pytest.mark.parametrize(("who", "queries"), [("staff", 8), ("secretary", 10)])
def test_project_list_of_those_who_keep_it(
    who: str, queries: int, rows: int, costs: Costs, community: Community
) -> None:
    for number in range(rows):
        project = ProjectFactory(list__community=community, list__year=2000 + number // 3)
        ClaimFactory(project=project)
        ClaimFactory(project=project, waiting=True)
    answer = costs(queries, reverse("project_list"), who=who)
    assert len(answer.context["page"].rows) == rows


def test_partner_list_of_a_secretary(rows: int, costs: Costs, community: Community) -> None:
    for number in range(rows):
        partner = PartnerFactory(signed=number % 2 == 0, community=community)
        ContactFactory(partner=partner, is_main=True)
    answer = costs(7, reverse("partner_list"), who="secretary")
    assert len(answer.context["rows"]) == rows


def test_need_list_of_staff(rows: int, costs: Costs) -> None:
    for number in range(rows):
        NeedFactory(on_board=number % 2 == 0, group=GroupFactory())
    answer = costs(7, reverse("need_list"), who="staff")
    assert len(answer.context["page"].rows) == rows


@pytest.mark.parametrize(("who", "queries"), [("nobody", 4), ("secretary", 8), ("member", 9)])
def test_marketday_list(who: str, queries: int, rows: int, costs: Costs) -> None:
    MarketDayFactory.create_batch(rows)
    answer = costs(queries, reverse("marketday_list"), who=who)
    assert len(answer.context["rows"]) == min(rows, 12)  # a page


def test_marketday_plan(rows: int, costs: Costs, community: Community) -> None:
    last = MarketDayFactory.create_batch(rows)[-1].held_on
    first = last + timedelta(days=1) if rows == 1 else timezone.localdate()
    period = {"first": first, "last": first + timedelta(weeks=rows, days=-1), "capacity": "20"}
    hours = {"starts_at": "08:30", "ends_at": "11:30"}
    answer = costs(7, reverse("marketday_plan"), who="staff", query=period | hours)
    assert len(answer.context["rows"]) == rows


def test_disclosure_list(rows: int, costs: Costs, staff: User, partner: Partner) -> None:
    for contact in ContactFactory.create_batch(rows, partner=partner):
        disclose(thing=contact, field="phone", by=staff)
    answer = costs(5, reverse("disclosure_list"), who="staff")
    assert len(answer.context["page"].rows) == rows


def test_export_list(rows: int, costs: Costs, staff: User) -> None:
    for _export in range(rows):
        record_export(model=Partner, query="", rows=1, by=staff)
    answer = costs(4, reverse("export_list"), who="staff")
    assert len(answer.context["page"].rows) == rows


def test_inbox(rows: int, costs: Costs, member: User) -> None:
    notice = {"text": "请确认认领", "path": "/claims/", "due_at": timezone.now().isoformat()}
    today = timezone.localdate()
    Message.objects.bulk_create(
        Message(recipient=member, notified_on=today - timedelta(days=days), notices=[notice] * 3)
        for days in range(rows)
    )
    answer = costs(15, reverse("inbox"), who="member")
    assert len(answer.context["page"].rows) == rows


@pytest.mark.parametrize(("who", "queries"), [("staff", 7), ("secretary", 9)])
def test_projectlist_publish_asks(
    who: str, queries: int, rows: int, costs: Costs, draft_list: ProjectList
) -> None:
    answer = costs(queries, reverse("projectlist_publish", args=[draft_list.pk]), who=who)
    assert len(answer.context["drafts"]) == rows


def test_projectlist_publish(rows: int, costs: Costs, draft_list: ProjectList) -> None:
    opens_at = timezone.localtime() + timedelta(days=3)
    answer = costs(
        13,
        reverse("projectlist_publish", args=[draft_list.pk]),
        who="secretary",
        opens_at=f"{opens_at:%Y-%m-%dT%H:%M}",
    )
    assert answer.status_code == 302
    assert draft_list.projects.drafts().count() == 0
