"""Needs on the secretary's desk: checked, answered, joined, refused, and not over a colleague."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import Disclosure, User
from communities.models import Community
from projects.catalogue.factories import GroupFactory
from projects.lists.factories import ProjectFactory, need_of
from projects.lists.models import Project
from projects.needs import actions
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.conftest import SignIn
from tests.projects.conftest import PRIVATE

State = Need.State


def test_phone_is_shown_to_its_secretary_and_recorded(
    hidden: list[Need], secretary: User, sign_in: SignIn
) -> None:
    client = sign_in(secretary)
    page = client.get(hidden[0].get_absolute_url()).content.decode()
    assert "138****1234" in page
    assert PRIVATE["asker_phone"] not in page
    shown = client.post(reverse("need_phone", args=[hidden[0].pk]))
    assert PRIVATE["asker_phone"] in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Disclosure.objects.get().user == secretary


@pytest.mark.parametrize("name", ["need_check", "need_edit", "need_reject", "need_answer"])
def test_other_secretary_cannot_work_on_a_need(
    name: str, hidden: list[Need], other_secretary: User, sign_in: SignIn
) -> None:
    client = sign_in(other_secretary)
    assert client.post(reverse(name, args=[hidden[0].pk]), {}).status_code == 404
    shown = Need.objects.on_board().get()
    assert client.post(reverse(name, args=[shown.pk]), {}).status_code == 403
    assert client.post(reverse("need_phone", args=[shown.pk])).status_code == 403
    assert not Disclosure.objects.exists()


def test_secretary_checks_answers_and_the_receipt_tells(
    hidden: list[Need], secretary: User, sign_in: SignIn
) -> None:
    need, client, group = hidden[0], sign_in(secretary), GroupFactory()
    words = {"text": "楼道灯不亮", "location": "3号楼", "group": group.pk}
    client.post(reverse("need_check", args=[need.pk]), words)
    need.refresh_from_db()
    assert (need.state, need.text, need.group) == (State.OPEN, "楼道灯不亮", group)
    answer = {"outcome": State.SOLVED, "answer": "已换新灯"}
    client.post(reverse("need_answer", args=[need.pk]), answer)
    page = Client().get(need.get_receipt_url()).content.decode()
    assert "已解决" in page
    assert "已换新灯" in page


def test_secretary_rejects_and_only_the_receipt_tells_why(
    hidden: list[Need], secretary: User, sign_in: SignIn
) -> None:
    need = hidden[0]
    sign_in(secretary).post(reverse("need_reject", args=[need.pk]), {"reason": "已单独联系"})
    assert "已单独联系" in Client().get(need.get_receipt_url()).content.decode()
    assert Client().get(need.get_absolute_url()).status_code == 404


def test_refused_act_is_shown_on_its_form(
    hidden: list[Need], secretary: User, sign_in: SignIn
) -> None:
    answer = {"outcome": State.SOLVED, "answer": "已换新灯"}
    response = sign_in(secretary).post(reverse("need_answer", args=[hidden[0].pk]), answer)
    assert response.status_code == 200
    assert "已换新灯" in response.content.decode()
    assert response.context["form"].non_field_errors()


def test_joined_need_is_answered_with_the_other(
    hidden: list[Need], secretary: User, sign_in: SignIn
) -> None:
    need, other = hidden[0], Need.objects.on_board().get()
    client = sign_in(secretary)
    client.post(reverse("need_join", args=[need.pk]), {"other": other.pk})
    answer = {"outcome": State.PARTLY, "answer": "先装两盏"}
    client.post(reverse("need_answer", args=[other.pk]), answer)
    assert "先装两盏" in Client().get(need.get_receipt_url()).content.decode()


def test_secretary_enters_a_need_for_their_own_community_only(
    community: Community, other_community: Community, secretary: User, sign_in: SignIn
) -> None:
    client = sign_in(secretary)
    form = {"source": "visit", "text": "缺长椅", "publish": "on", **PRIVATE}
    form |= {"form_token": str(uuid.uuid4())}
    url = reverse("need_enter")
    refused = client.post(url, form | {"community": other_community.pk})
    assert refused.context["form"].errors.keys() == {"community"}
    assert client.post(url, form | {"community": community.pk}).status_code == 302
    need = Need.objects.get()
    assert (need.community, need.source, need.state) == (community, "visit", State.OPEN)


def test_ended_project_asks_the_secretary_for_the_outcome(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    project = ProjectFactory(list__community=community, state=Project.State.COMPLETED)
    need = need_of(project)
    NeedFactory(community=community, on_board=True, text="别的事")
    page = sign_in(secretary).get(reverse("need_list"), {"state": "todo"}).content.decode()
    assert reverse("need_answer", args=[need.pk]) in page


@pytest.mark.parametrize("count", [1, 30])
def test_need_list_query_count(
    count: int,
    community: Community,
    secretary: User,
    sign_in: SignIn,
    django_assert_num_queries: Any,
) -> None:
    client = sign_in(secretary)
    NeedFactory.create_batch(count, community=community, group=GroupFactory())
    client.get(reverse("need_list"))
    with django_assert_num_queries(8):
        client.get(reverse("need_list"))


def refuse(need: Need, by: User) -> None:
    actions.reject_need(need=need, reason="涉及个人纠纷，请走调解", by=by)


def publish(need: Need, by: User) -> None:
    actions.publish_need(need=need, text=need.text, location="", group=None, by=by)


def answer(need: Need, by: User) -> None:
    actions.answer_need(need=need, outcome=State.SOLVED, answer="已换新灯", by=by)


@pytest.mark.parametrize(
    ("page", "is_on_board", "sent", "decided", "told", "becomes"),
    [
        ("need_check", False, {"text": "灯不亮"}, refuse, "不予发布：涉及个人纠纷", State.OPEN),
        ("need_reject", False, {"reason": "不属于本社区"}, publish, "已上栏", State.REJECTED),
        (
            "need_answer",
            True,
            {"outcome": State.UNSOLVED, "answer": "还要再等等"},
            answer,
            "已解决：已换新灯",
            State.SOLVED,
        ),
    ],
)
def test_decision_is_not_overtaken_by_whoever_has_not_read_it(
    page: str,
    is_on_board: bool,
    sent: dict[str, str],
    decided: Callable[[Need, User], None],
    told: str,
    becomes: str,
    sign_in: SignIn,
    secretary: User,
    staff: User,
    community: Community,
) -> None:
    need = NeedFactory(community=community, on_board=is_on_board)
    client, url = sign_in(secretary), reverse(page, args=[need.pk])
    opened = client.get(url).context["form"].initial["opened_with"]
    decided(need, staff)
    decision = Need.objects.get().state

    answered = client.post(url, sent | {"opened_with": opened})

    assert Need.objects.get().state == decision
    [_said, stored] = answered.context["form"].non_field_errors()
    assert told in stored
    again = answered.context["form"]["opened_with"].value()
    client.post(url, sent | {"opened_with": again})
    assert Need.objects.get().state == becomes
