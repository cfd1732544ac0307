"""Where a worklist says that there is more, the link leads to the list of them all.

What is overdue has lists of its own where it can be asked for; other links show it too.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.worklist import Section
from communities.models import Community
from partners.factories import PartnerFactory
from partners.models import Partner
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory, ProjectListFactory, need_of
from projects.lists.models import Project, ProjectList

TODAY = timezone.localdate()


@pytest.fixture
def here(community: Community) -> ProjectList:
    return ProjectListFactory(community=community)


def sections(browser) -> dict[str, Section]:
    worklist = browser.get(reverse("home")).context["worklist"]
    return {name: getattr(worklist, name) for name in ("overdue", "today", "later")}


def listed(browser, section: Section) -> int:
    """How many the list has that the section's one link leads to."""
    [more] = section.more
    return browser.get(more.url).context["page"].count


def plan(on: ProjectList, due_in: list[int], **fields) -> Claim:
    claim = ClaimFactory(project=ProjectFactory(list=on), confirmed=True, **fields)
    for days in due_in:
        StepFactory(claim=claim, due_on=TODAY + timedelta(days=days))
    return claim


def test_overdue_steps(sign_in, secretary: User, staff: User, here: ProjectList) -> None:
    plan(here, [-9, -8, -3, -2, -1, 0, 1, 30])
    plan(here, [-5, -4, -1])
    StepFactory(claim=plan(here, [1]), due_on=TODAY - timedelta(days=3), done_on=TODAY)
    plan(here, [-7], state=Claim.State.RELEASED, ended_at=timezone.now())
    elsewhere = plan(ProjectListFactory(), [-2])

    browser = sign_in(secretary)
    late = sections(browser)["overdue"]
    assert len(late) == listed(browser, late) == 8
    browser = sign_in(staff)
    assert listed(browser, sections(browser)["overdue"]) == 9
    steps = browser.get(reverse("step_list") + "?due=overdue").context["page"]
    assert elsewhere in {step.claim for step in steps}


def test_partners_own_steps(sign_in, member: User, partner: Partner, here: ProjectList) -> None:
    plan(here, [*range(-8, 0), *range(1, 9)], partner=partner)
    plan(here, [-1, 2])  # another partner's

    browser = sign_in(member)
    shown = sections(browser)
    assert len(shown["overdue"]) == listed(browser, shown["overdue"]) == 8
    assert len(shown["later"]) == listed(browser, shown["later"]) == 7


def test_needs_whose_project_has_ended(
    sign_in, secretary: User, here: ProjectList, community: Community
) -> None:
    ended = ProjectFactory(list=here, state=Project.State.COMPLETED)
    running = ProjectFactory(list=here)
    for project in [ended] * 8 + [running]:
        need_of(project)

    browser = sign_in(secretary)
    later = sections(browser)["later"]
    assert len(later) == listed(browser, later) == 8


def test_claims_unconfirmed_for_too_long(
    sign_in, secretary: User, staff: User, here: ProjectList
) -> None:
    long_ago = timezone.now() - timedelta(days=20)
    for held_at in [long_ago] * 8 + [timezone.now()] * 7:
        ClaimFactory(project=ProjectFactory(list=here), held_at=held_at)

    browser = sign_in(secretary)
    shown = sections(browser)
    assert len(shown["overdue"]) == listed(browser, shown["overdue"]) == 8
    assert listed(browser, shown["later"]) == 15
    assert "还有1条，查看全部：待确认的认领" in browser.get(reverse("home")).text
    browser = sign_in(staff)
    assert listed(browser, sections(browser)["overdue"]) == 8


@pytest.mark.parametrize(
    "rests",
    [
        {"status": Partner.Status.SUSPENDED},
        {"status": Partner.Status.WITHDRAWN},
        {"agreement_ends_on": TODAY - timedelta(days=1)},
    ],
)
def test_claims_whose_partner_has_no_running_agreement(
    rests, sign_in, secretary: User, other_secretary: User, here: ProjectList
) -> None:
    signed_on = TODAY - timedelta(days=400)
    resting = PartnerFactory(signed=True, name="停业的店", signed_on=signed_on, **rests)
    claims = [plan(here, [], partner=resting) for _ in range(7)]
    ClaimFactory(project=claims[0].project, partner=resting, state=Claim.State.RELEASED)
    ClaimFactory(project=ProjectFactory(list=here), partner=resting, waiting=True)
    plan(here, [])

    browser = sign_in(secretary)
    later = sections(browser)["later"]
    assert len(later) == listed(browser, later) == 7
    assert {task.verb for task in later} == {"释放或继续"}
    assert all("停业的店（" in task.text for task in later)
    page = browser.get(later.tasks[0].url).content.decode()
    assert "释放名额" in page
    assert not sections(sign_in(other_secretary))["later"]


def test_claim_of_a_partner_that_runs_has_no_such_hint(
    sign_in, secretary: User, here: ProjectList
) -> None:
    claim = plan(here, [])
    assert "释放名额" not in sign_in(secretary).get(claim.get_absolute_url()).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_list_of_steps_costs_the_same_at_any_length(
    rows: int, sign_in, secretary: User, here: ProjectList, django_assert_num_queries
) -> None:
    for _ in range(rows):
        plan(here, [-1])
    browser = sign_in(secretary)
    browser.get(reverse("step_list"))
    with django_assert_num_queries(6):
        assert len(browser.get(reverse("step_list")).context["page"].rows) == rows
