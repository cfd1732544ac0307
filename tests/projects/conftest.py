"""What the tests of projects share."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time

import pytest
from django.test import Client
from django.utils import timezone, translation

from banyang.accounts.models import User
from banyang.reminders.models import Reminder
from communities.models import Community
from partners.models import Partner
from projects.claims.actions import plans
from projects.claims.actions.plans import PlannedStep
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim, Step
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from projects.needs.factories import NeedFactory
from projects.needs.models import Need

PRIVATE = {"asker_name": "王秀英", "asker_phone": "13812341234"}
TODAY = date(2026, 11, 18)  # of tests that go to a day: a Wednesday


@pytest.fixture
def english() -> Iterator[None]:
    """Refusals in English; for tests that call actions."""
    with translation.override("en"):
        yield


@pytest.fixture
def english_pages(client: Client) -> None:
    """Pages in English; for tests that read them."""
    client.cookies["django_language"] = "en"


@pytest.fixture
def open_list(community: Community) -> ProjectList:
    return ProjectListFactory(community=community)


@pytest.fixture
def draft_list(community: Community) -> ProjectList:
    """Next year's, on which projects can be drafted now."""
    next_year = timezone.localdate().year + 1
    return ProjectListFactory(community=community, year=next_year, draft=True)


@pytest.fixture
def project(open_list: ProjectList) -> Project:
    return ProjectFactory(list=open_list, title="老年人免费理发")


@pytest.fixture
def claimed(project, partner) -> Claim:
    return ClaimFactory(project=project, partner=partner)


@pytest.fixture
def confirmed(project: Project, partner: Partner) -> Claim:
    """The partner's claim on the project, with its plan."""
    return ClaimFactory(project=project, partner=partner, confirmed=True)


@pytest.fixture
def go_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Let it be the early morning of a day, which is `TODAY` at first."""

    def _go_to(day: date) -> None:
        moment = timezone.make_aware(datetime.combine(day, time(4, 15)))
        monkeypatch.setattr(timezone, "now", lambda: moment)

    _go_to(TODAY)
    return _go_to


@pytest.fixture
def planned(
    go_to: Callable[[date], None],
    project: Project,
    partner: Partner,
    secretary: User,
    member: User,
) -> Callable[[date], Step]:
    """Agree the plan of a claim: one step, of which everybody who acts today is to be reminded."""

    def _planned(due_on: date) -> Step:
        claim = ClaimFactory(project=project, partner=partner)
        plans.confirm_claim(
            claim=claim,
            aim="方便老年人理发",
            content="每月一次",
            deadline_on=date(2026, 12, 31),
            steps=[PlannedStep("首次进社区", due_on)],
            by=secretary,
        )
        return claim.steps.get()

    return _planned


def reminder_days(kind: str, person: User) -> list[date]:
    """The days on which a person will be reminded."""
    waiting = Reminder.objects.waiting().filter(kind=kind, recipient=person)
    return sorted(timezone.localtime(one.due_at).date() for one in waiting)


@pytest.fixture
def hidden(community: Community) -> list[Need]:
    """What must not show on the board: unchecked, rejected, joined."""
    shown = NeedFactory(community=community, on_board=True, text="公开的事", **PRIVATE)
    return [
        NeedFactory(community=community, text="未核实的事", **PRIVATE),
        NeedFactory(
            community=community,
            text="不发布的事",
            state=Need.State.REJECTED,
            answer="涉及隐私",
            answered_at=shown.checked_at,
        ),
        NeedFactory(community=community, text="合并的事", state=Need.State.DOUBLE, double_of=shown),
    ]
