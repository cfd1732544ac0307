"""What has its effect by one button asks first, and answers whoever comes by a link."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from banyang.accounts.models import User
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory
from projects.lists.models import Project, ProjectList
from tests.conftest import SignIn


def completed_claim(project: Project) -> Claim:
    return ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)


def draft(open_list: ProjectList) -> Project:
    return ProjectFactory(list=open_list, state=Project.State.DRAFT)


def ready_to_complete(open_list: ProjectList) -> Project:
    project = ProjectFactory(list=open_list)
    completed_claim(project)
    ClaimFactory(project=project, waiting=True)
    return project


@pytest.mark.parametrize(
    ("made", "act", "asked", "becomes"),
    [
        (draft, "project_publish", "合伙人可以立即认领", Project.State.PUBLISHED),
        (ready_to_complete, "project_complete", "候补的1家合伙人会收到", Project.State.COMPLETED),
    ],
)
def test_step_of_a_project_is_taken_after_a_question(
    made: Callable[[ProjectList], Project],
    act: str,
    asked: str,
    becomes: str,
    sign_in: SignIn,
    secretary: User,
    open_list: ProjectList,
) -> None:
    project = made(open_list)
    before, url = project.state, reverse(act, args=[project.pk])
    client = sign_in(secretary)
    page = client.get(project.get_absolute_url()).content.decode()
    assert f'href="{url}"' in page
    assert f'action="{url}"' not in page
    assert asked in client.get(url).content.decode()
    project.refresh_from_db()
    assert project.state == before
    client.post(url)
    project.refresh_from_db()
    assert project.state == becomes


def test_reopening_asks_whoever_comes_by_a_link(
    sign_in: SignIn, secretary: User, project: Project
) -> None:
    claim = completed_claim(project)
    client = sign_in(secretary)
    assert "确定撤销" in client.get(reverse("claim_reopen", args=[claim.pk])).content.decode()
    Project.objects.update(state=Project.State.COMPLETED)
    assert "确定重开" in client.get(reverse("project_reopen", args=[project.pk])).content.decode()
    claim.refresh_from_db()
    project.refresh_from_db()
    assert (claim.state, project.state) == ("completed", "completed")


def test_link_to_marking_a_step_leads_to_its_claim(
    sign_in: SignIn, member: User, confirmed: Claim
) -> None:
    step = StepFactory(claim=confirmed)
    answer = sign_in(member).get(reverse("step_done", args=[step.pk]))
    assert answer.url == confirmed.get_absolute_url()
    step.refresh_from_db()
    assert step.done_on is None
