"""What has its effect by one button asks first, and answers whoever comes by a link."""

from django.urls import reverse

from banyang.accounts.models import User
from projects.factories import ClaimFactory, ProjectFactory, StepFactory
from projects.models import Claim, Project, ProjectList


def completed_claim(project: Project) -> Claim:
    return ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)


def test_project_is_published_after_a_question(
    sign_in, secretary: User, open_list: ProjectList
) -> None:
    project = ProjectFactory(list=open_list, state=Project.State.DRAFT)
    client, url = sign_in(secretary), reverse("project_publish", args=[project.pk])
    page = client.get(project.get_absolute_url()).content.decode()
    assert f'href="{url}"' in page
    assert f'action="{url}"' not in page
    asked = client.get(url).content.decode()
    assert "合伙人可以立即认领" in asked
    project.refresh_from_db()
    assert project.state == Project.State.DRAFT
    client.post(url)
    project.refresh_from_db()
    assert project.state == Project.State.PUBLISHED


def test_project_is_completed_after_a_question(sign_in, secretary: User, project: Project) -> None:
    completed_claim(project)
    ClaimFactory(project=project, waiting=True)
    client, url = sign_in(secretary), reverse("project_complete", args=[project.pk])
    page = client.get(project.get_absolute_url()).content.decode()
    assert f'href="{url}"' in page
    assert f'action="{url}"' not in page
    asked = client.get(url).content.decode()
    assert "候补的1家合伙人会收到" in asked
    project.refresh_from_db()
    assert project.state == Project.State.PUBLISHED
    client.post(url)
    project.refresh_from_db()
    assert project.state == Project.State.COMPLETED


def test_reopening_asks_whoever_comes_by_a_link(sign_in, secretary: User, project: Project) -> None:
    claim = completed_claim(project)
    client = sign_in(secretary)
    assert "确定撤销" in client.get(reverse("claim_reopen", args=[claim.pk])).content.decode()
    Project.objects.update(state=Project.State.COMPLETED)
    assert "确定重开" in client.get(reverse("project_reopen", args=[project.pk])).content.decode()
    claim.refresh_from_db()
    project.refresh_from_db()
    assert (claim.state, project.state) == ("completed", "completed")


def test_link_to_marking_a_step_leads_to_its_claim(sign_in, member: User, confirmed: Claim) -> None:
    step = StepFactory(claim=confirmed)
    answer = sign_in(member).get(reverse("step_done", args=[step.pk]))
    assert answer.url == confirmed.get_absolute_url()
    step.refresh_from_db()
    assert step.done_on is None
