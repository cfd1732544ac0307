"""What is sent twice, by a double click or after going back, is done once."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.reminders.models import Reminder
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.lists.actions import ProjectDetails, create_project
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project
from projects.lists.needs import project_of
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.conftest import SignIn
from tests.races import SECONDS, at_once, once_all_wait

pytestmark = pytest.mark.django_db

DETAILS = ProjectDetails(title="换楼道灯", capacity=2)


def test_project_sent_twice_is_drafted_once(sign_in, secretary, draft_list) -> None:
    need = NeedFactory(community=draft_list.community, on_board=True)
    browser, url = sign_in(secretary), reverse("project_create") + f"?need={need.pk}"
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "list": draft_list.pk, "title": "换楼道灯", "capacity": 2}
    first, second = (browser.post(url, sent) for _click in range(2))
    project = Project.objects.get()
    assert first.url == second.url == project.get_absolute_url()
    assert project_of(need) == project


def test_form_of_a_project_sent_again_with_other_words_drafts_another(
    sign_in, secretary, draft_list
) -> None:
    browser, url = sign_in(secretary), reverse("project_create")
    token = browser.get(url).context["form"]["form_token"].value()
    sent = {"form_token": str(token), "list": draft_list.pk, "capacity": 2}
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


# --- What has a state ----------------------------------------------------------------------


@pytest.fixture
def press_twice(sign_in: SignIn, secretary: User) -> Callable[..., list[str]]:
    """Let the secretary send the same twice; what the page says, which is the same both times."""

    def _press_twice(name: str, thing: Model, **sent: Any) -> list[str]:
        browser, url = sign_in(secretary), reverse(name, args=[thing.pk])
        answers = [browser.post(url, sent, follow=True) for _click in range(2)]
        first, second = ([str(said) for said in answer.context["messages"]] for answer in answers)
        assert first == second
        assert [answer.redirect_chain for answer in answers] == [
            [(thing.get_absolute_url(), 302)]
        ] * 2
        thing.refresh_from_db()
        return first

    return _press_twice


def plan(**changes: Any) -> dict[str, Any]:
    in_a_week = (timezone.localdate() + timedelta(days=7)).isoformat()
    steps: dict[str, Any] = {"steps-TOTAL_FORMS": 2, "steps-INITIAL_FORMS": 0}
    for number, text in enumerate(("进社区理发", "回访")):
        steps |= {f"steps-{number}-text": text, f"steps-{number}-due_on": in_a_week}
    agreed = {"aim": "方便老年人", "content": "每月一次", "deadline_on": in_a_week}
    return steps | agreed | changes


def test_claim_is_confirmed_once(press_twice, project, partner, member) -> None:
    claim = ClaimFactory(project=project, partner=partner)
    assert "已确认" in press_twice("claim_confirm", claim, **plan())[0]
    assert claim.steps.count() == 2
    assert Reminder.objects.filter(kind="claim_confirmed").count() == 1


@pytest.mark.parametrize("changes", [{"aim": "别的目标"}, {"steps-1-text": "别的步骤"}])
def test_claim_confirmed_is_not_said_to_be_confirmed_with_another_plan(
    changes, sign_in, secretary, project, partner
) -> None:
    claim = ClaimFactory(project=project, partner=partner)
    browser, url = sign_in(secretary), reverse("claim_confirm", args=[claim.pk])
    assert browser.post(url, plan()).status_code == 302
    assert browser.post(url, plan(**changes)).context["form"].errors
    claim.refresh_from_db()
    assert claim.aim == "方便老年人"


def test_claim_is_completed_once(press_twice, confirmed, member) -> None:
    DeliveryFactory(claim=confirmed)
    press_twice("claim_complete", confirmed)
    assert confirmed.state == Claim.State.COMPLETED
    assert Reminder.objects.filter(kind="claim_completed").count() == 1


def test_project_is_completed_once(press_twice, project) -> None:
    ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    press_twice("project_complete", project)
    assert project.state == Project.State.COMPLETED


def test_project_is_cancelled_once_and_its_released_claims_are_told_both_times(
    press_twice, sign_in, secretary, project
) -> None:
    ClaimFactory(project=project)
    assert "1" in press_twice("project_cancel", project, reason="场地维修")[0]
    assert project.state == Project.State.CANCELLED
    url = reverse("project_cancel", args=[project.pk])
    assert sign_in(secretary).post(url, {"reason": "别的原因"}).context["form"].errors
    project.refresh_from_db()
    assert project.cancel_reason == "场地维修"


def test_project_is_published_once(press_twice, open_list) -> None:
    project = ProjectFactory(list=open_list, state=Project.State.DRAFT)
    press_twice("project_publish", project)
    assert project.state == Project.State.PUBLISHED


def test_list_is_published_once(press_twice, draft_list, member) -> None:
    ProjectFactory.create_batch(3, list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.localtime() + timedelta(days=3)
    [said] = press_twice("projectlist_publish", draft_list, opens_at=f"{opens_at:%Y-%m-%dT%H:%M}")
    assert "3" in said
    assert Reminder.objects.get().recipient == member


def test_list_with_a_draft_added_since_is_not_said_to_be_published_again(
    sign_in, secretary, draft_list
) -> None:
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.localtime() + timedelta(days=3)
    sent = {"opens_at": f"{opens_at:%Y-%m-%dT%H:%M}"}
    browser, url = sign_in(secretary), reverse("projectlist_publish", args=[draft_list.pk])
    assert browser.post(url, sent).status_code == 302
    draft = ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    assert browser.post(url, sent).context["form"].errors
    draft.refresh_from_db()
    assert draft.state == Project.State.DRAFT


@pytest.mark.parametrize(
    ("state", "told"), [("claimed", "已持有"), ("waiting", "候补"), ("completed", "已办结")]
)
def test_claim_on_another_quantity_is_not_said_to_be_taken(
    state, told, sign_in, member, partner, open_list
) -> None:
    boards = ProjectFactory(list=open_list, capacity=60, by_quantity=True)
    claim = ClaimFactory(
        project=boards, partner=partner, quantity=5, confirmed=state == "completed", state=state
    )
    browser, url = sign_in(member), reverse("project_claim", args=[boards.pk])
    [error] = browser.post(url, {"quantity": 30}).context["form"].non_field_errors()
    assert told in error
    assert "5块" in error
    assert browser.post(url, {"quantity": 5}).url == claim.get_absolute_url()
    assert Claim.objects.get().quantity == 5


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
