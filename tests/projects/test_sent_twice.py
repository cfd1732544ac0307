"""A form that is sent twice, by a double click or after going back, writes its thing once."""

import uuid
from threading import Barrier

import pytest
from django.urls import reverse

from banyang.accounts.factories import UserFactory
from projects.actions.projects import ProjectDetails, create_project
from projects.factories import NeedFactory, ProjectListFactory
from projects.models import Need, Project
from tests.races import SECONDS, at_once, once_all_wait

pytestmark = pytest.mark.django_db

DETAILS = ProjectDetails(title="换楼道灯", places=2)


def test_project_sent_twice_is_drafted_once(sign_in, secretary, draft_list) -> None:
    need = NeedFactory(community=draft_list.community, on_board=True)
    browser, url = sign_in(secretary), reverse("project_create") + f"?need={need.pk}"
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "list": draft_list.pk, "title": "换楼道灯", "places": 2}
    first, second = (browser.post(url, sent) for _click in range(2))
    project = Project.objects.get()
    assert first.url == second.url == project.get_absolute_url()
    need.refresh_from_db()
    assert need.project == project


def test_form_of_a_project_sent_again_with_other_words_drafts_another(
    sign_in, secretary, draft_list
) -> None:
    browser, url = sign_in(secretary), reverse("project_create")
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "list": draft_list.pk, "places": 2}
    for title in ("换楼道灯", "修井盖", "换楼道灯"):
        assert browser.post(url, sent | {"title": title}).status_code == 302
    assert sorted(project.title for project in Project.objects.all()) == ["修井盖", "换楼道灯"]


def test_filling_in_from_a_service_keeps_the_forms_token(sign_in, secretary, draft_list) -> None:
    browser, url = sign_in(secretary), reverse("project_create")
    token = str(uuid.uuid4())
    answer = browser.post(url, {"form_token": token, "list": draft_list.pk, "prefill": "1"})
    assert answer.context["form"]["form_token"].value() == token


def test_need_that_a_secretary_sends_twice_is_entered_once(sign_in, secretary, community) -> None:
    browser, url = sign_in(secretary), reverse("need_enter")
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "community": community.pk, "source": "phone"}
    urls = [
        browser.post(url, sent | {"text": text}).url for text in ("缺长椅", "缺长椅", "井盖松动")
    ]
    assert urls[0] == urls[1] != urls[2]
    assert sorted(need.text for need in Need.objects.all()) == ["井盖松动", "缺长椅"]


@pytest.mark.parametrize("changed", [{"source": "visit"}, {"publish": ""}, {"asker_name": "邻居"}])
def test_need_sent_again_with_something_else_is_not_said_to_be_saved(
    sign_in, secretary, community, changed
) -> None:
    browser, url = sign_in(secretary), reverse("need_enter")
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "community": community.pk, "source": "phone"}
    sent |= {"text": "缺长椅", "publish": "on"}
    assert browser.post(url, sent).status_code == 302
    answer = browser.post(url, sent | changed)
    need = Need.objects.get()
    assert need.receipt_in_groups in str(answer.context["form"].errors)
    assert (need.source, need.state, need.asker_name) == ("phone", Need.State.OPEN, "")


# --- At the same moment --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_project_sent_twice_at_the_same_moment_is_drafted_once() -> None:
    user, project_list, token = UserFactory(), ProjectListFactory(draft=True), uuid.uuid4()

    def create() -> Project:
        return create_project(project_list=project_list, details=DETAILS, form_token=token, by=user)

    [second] = once_all_wait([create], behind=create)
    assert second == Project.objects.get()


@pytest.mark.django_db(transaction=True)
def test_project_looked_for_and_then_created_without_a_token_is_drafted_twice() -> None:
    """The control."""
    project_list, looked = ProjectListFactory(draft=True), Barrier(2, timeout=SECONDS)

    def create() -> None:
        found = Project.objects.filter(list=project_list, title=DETAILS.title).exists()
        looked.wait()
        if not found:
            Project.objects.create(list=project_list, **DETAILS.values())

    assert at_once([create, create]) == [None, None]
    assert Project.objects.count() == 2
