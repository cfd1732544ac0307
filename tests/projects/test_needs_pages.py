"""Needs in the browser: the board shows what is checked, the form takes a little and no more."""

import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import Disclosure, User
from banyang.office.models import Office
from communities.models import Community
from projects.actions import needs as actions
from projects.factories import (
    ClaimFactory,
    DeliveryFactory,
    GroupFactory,
    NeedFactory,
    ProjectFactory,
)
from projects.models import Need, Project
from projects.views import needs as views
from tests.conftest import SignIn

PRIVATE = {"asker_name": "王秀英", "asker_phone": "13812341234"}
State = Need.State


def ask(client: Client, community: Community, **fields: Any) -> Any:
    form = {
        "community": community.pk,
        "text": "三号楼道灯不亮",
        "place": "3号楼",
        "form_token": uuid.uuid4(),
        **PRIVATE,
        **fields,
    }
    return client.post(reverse("need_create"), form)


def test_resident_asks_and_reads_the_receipt(client: Client, community: Community) -> None:
    response = ask(client, community)
    need = Need.objects.get()
    assert response.url == f"{need.get_receipt_url()}?new"
    page = client.get(response.url).content.decode()
    assert page.index("已收到，谢谢！</h1>") < page.index(need.receipt_in_groups)
    assert "已收到" not in client.get(need.get_receipt_url()).content.decode()
    assert "待核实" in page
    assert PRIVATE["asker_phone"] not in page
    assert PRIVATE["asker_name"] not in page


def test_need_form_sent_twice_asks_once(client: Client, community: Community) -> None:
    token = uuid.uuid4()
    first, second = (ask(client, community, form_token=token) for _click in range(2))
    assert first.url == second.url
    assert Need.objects.count() == 1


def test_need_form_opened_again_and_sent_with_the_same_wish_asks_once(
    client: Client, community: Community
) -> None:
    """As after going back: a new page in which the browser fills in the old words."""
    url = reverse("need_create")
    visits = [client.get(url).context["form"]["form_token"].value() for _visit in range(2)]
    first, second = (ask(client, community, form_token=token) for token in visits)
    assert first.url == second.url
    neighbour = Client().get(url).context["form"]["form_token"].value()
    assert ask(client, community, form_token=neighbour).url != first.url


def test_need_form_sent_again_with_another_wish_asks_once_for_each(
    client: Client, community: Community
) -> None:
    token, wishes = uuid.uuid4(), "甲乙乙甲乙"
    urls = [ask(client, community, form_token=token, text=f"{wish}事").url for wish in wishes]
    assert urls == [{"甲": urls[0], "乙": urls[1]}[wish] for wish in wishes]
    assert sorted(need.text for need in Need.objects.all()) == ["乙事", "甲事"]


def test_need_form_keeps_what_was_typed_when_the_phone_is_wrong(
    client: Client, community: Community
) -> None:
    response = ask(client, community, asker_phone="123")
    page = response.content.decode()
    assert response.status_code == 200
    assert "三号楼道灯不亮" in page
    assert not Need.objects.exists()


def test_need_form_filled_by_a_program_is_refused(client: Client, community: Community) -> None:
    assert ask(client, community, website="https://example.org").status_code == 200
    assert not Need.objects.exists()


def test_need_form_takes_so_many_from_one_visitor(client: Client, community: Community) -> None:
    token = uuid.uuid4()
    for serial in range(views.ASKED_PER_SESSION):
        ask(
            client,
            community,
            text=f"第{serial}件事",
            form_token=token if serial == 0 else uuid.uuid4(),
        )
    response = ask(client, community, text="又一件事")
    assert response.status_code == 429
    assert "又一件事" in response.content.decode()
    assert ask(client, community, text="第0件事", form_token=token).status_code == 302
    assert Need.objects.count() == views.ASKED_PER_SESSION


def test_need_form_takes_so_many_from_one_address(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ASKED_PER_ADDRESS", 2)
    answers = [ask(Client(), community, text=f"第{serial}件事") for serial in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    assert ask(elsewhere, community, text="别处的事").status_code == 302
    assert Session.objects.count() == 3  # none for what was refused


def test_needs_refused_to_one_visitor_are_not_counted_at_their_address(
    client: Client, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ASKED_PER_SESSION", 1)
    monkeypatch.setattr(views, "ASKED_PER_ADDRESS", 2)
    answers = [ask(client, community, text=f"第{serial}件事") for serial in range(4)]
    assert [answer.status_code for answer in answers] == [302, 429, 429, 429]
    assert ask(Client(), community, text="邻居的事").status_code == 302


@pytest.fixture
def hidden(community: Community) -> list[Need]:
    """What must not show: unchecked, rejected, joined."""
    shown = NeedFactory(community=community, on_board=True, text="公开的事", **PRIVATE)
    return [
        NeedFactory(community=community, text="未核实的事", **PRIVATE),
        NeedFactory(
            community=community,
            text="不发布的事",
            state=State.REJECTED,
            answer="涉及隐私",
            answered_at=shown.checked_at,
        ),
        NeedFactory(community=community, text="合并的事", state=State.DOUBLE, double_of=shown),
    ]


@pytest.mark.parametrize("role", [None, "member", "other_secretary"])
def test_need_off_the_board_is_hidden(
    role: str | None,
    hidden: list[Need],
    client: Client,
    sign_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    if role:
        sign_in(request.getfixturevalue(role))
    board = client.get(reverse("need_board")).content.decode()
    assert "公开的事" in board
    for need in hidden:
        assert need.text not in board
        assert client.get(need.get_absolute_url()).status_code == 404


def test_public_pages_never_show_who_asked(hidden: list[Need], client: Client) -> None:
    shown = Need.objects.on_board().get()
    urls = [reverse("need_board"), shown.get_absolute_url(), shown.get_receipt_url()]
    for url in urls:
        page = client.get(url).content.decode()
        for private in (*PRIVATE.values(), "138****1234"):
            assert private not in page


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
    words = {"text": "楼道灯不亮", "place": "3号楼", "group": group.pk}
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


def test_need_shows_how_its_project_goes(client: Client, community: Community) -> None:
    project = ProjectFactory(list__community=community, title="楼道灯维修")
    need = NeedFactory(community=community, on_board=True, state=State.PROJECT, project=project)
    DeliveryFactory(claim=ClaimFactory(project=project, confirmed=True), residents_served=36)
    for url in (need.get_absolute_url(), need.get_receipt_url()):
        page = client.get(url).content.decode()
        assert "楼道灯维修" in page
        assert "36" in page
        assert "1家合伙人" in page


def test_need_does_not_name_a_draft_project(client: Client, community: Community) -> None:
    project = ProjectFactory(draft=True, list__community=community, title="保密的草稿")
    need = NeedFactory(community=community, on_board=True, state=State.PROJECT, project=project)
    for url in (need.get_absolute_url(), need.get_receipt_url(), reverse("need_board")):
        assert "保密的草稿" not in client.get(url).content.decode()


def test_ended_project_asks_the_secretary_for_the_outcome(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    project = ProjectFactory(list__community=community, state=Project.State.COMPLETED)
    need = NeedFactory(community=community, on_board=True, state=State.PROJECT, project=project)
    NeedFactory(community=community, on_board=True, text="别的事")
    page = sign_in(secretary).get(reverse("need_list"), {"state": "todo"}).content.decode()
    assert reverse("need_answer", args=[need.pk]) in page


def test_receipt_is_found_by_its_number_with_blanks(client: Client, community: Community) -> None:
    need = NeedFactory(community=community)
    url = reverse("need_find")
    found = client.get(url, {"receipt": f" {need.receipt_in_groups} "})
    assert found.url == need.get_receipt_url()
    wide = need.receipt.translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    assert client.get(url, {"receipt": wide}).url == need.get_receipt_url()
    wrong = client.get(url, {"receipt": "000"})
    assert wrong.status_code == 200
    assert wrong.context["form"].errors


@pytest.mark.parametrize("by", ["form", "link"])
def test_receipts_cannot_be_tried_for_ever(
    by: str, client: Client, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "RECEIPTS_PER_ADDRESS", 2)
    need, url = NeedFactory(community=community), reverse("need_find")
    for _look in range(4):  # one's own may be looked up as often as one likes
        assert client.get(url, {"receipt": need.receipt}, follow=True).status_code == 200
    for guess in ("1", "2"):
        if by == "form":
            client.get(url, {"receipt": guess})
        else:
            assert client.get(reverse("need_receipt", args=[guess])).status_code == 404
    assert client.get(url, {"receipt": need.receipt}).status_code == 429
    refused = client.get(need.get_receipt_url())
    assert refused.status_code == 429
    assert need.text not in refused.content.decode()


def test_link_with_no_receipt_number_in_it_is_not_found(client: Client, db: None) -> None:
    for wrong in ("9" * 60, "---"):
        assert client.get(reverse("need_receipt", args=[wrong])).status_code == 404


@pytest.mark.parametrize(
    ("community_phone", "office_phone", "rung"),
    [
        ("05330000001", "05330000002", "东升社区：05330000001"),
        ("", "05330000002", "街道办事处：05330000002"),
        ("", "", None),
    ],
)
def test_whoever_asks_too_often_is_told_whom_to_ring(
    client: Client,
    community: Community,
    monkeypatch: pytest.MonkeyPatch,
    community_phone: str,
    office_phone: str,
    rung: str | None,
) -> None:
    monkeypatch.setattr(views, "ASKED_PER_SESSION", 0)
    Community.objects.update(phone=community_phone)
    Office.objects.update_or_create(pk=1, defaults={"phone": office_phone})
    cache.clear()
    said = list(ask(client, community).context["form"].non_field_errors())
    assert "一小时后" in said[0]
    assert [rung in line for line in said[1:]] == ([True] if rung else [])


def test_board_filters_by_community_category_and_state(
    client: Client, community: Community, other_community: Community
) -> None:
    group = GroupFactory()
    NeedFactory(community=community, on_board=True, group=group, text="要找的事")
    NeedFactory(community=other_community, on_board=True, text="别处的事")
    for params in (
        {"community": community.code},
        {"category": group.category_id},
        {"community": community.code, "state": "open"},
    ):
        page = client.get(reverse("need_board"), params).content.decode()
        assert "要找的事" in page
        assert "别处的事" not in page
    nothing = client.get(reverse("need_board"), {"state": "solved"}).content.decode()
    assert "要找的事" not in nothing


@pytest.mark.parametrize("count", [1, 30])
def test_need_board_query_count(
    count: int, client: Client, community: Community, django_assert_num_queries: Any
) -> None:
    project = ProjectFactory(list__community=community)
    fields = {"state": State.PROJECT, "project": project, "group": GroupFactory()}
    NeedFactory.create_batch(count, community=community, on_board=True, **fields)
    client.get(reverse("need_board"))  # fills the cache of the office
    with django_assert_num_queries(4):
        client.get(reverse("need_board"))


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


def test_form_sent_again_with_other_wishes_counts_against_the_limit(
    client: Client, community: Community
) -> None:
    token = uuid.uuid4()
    answers = [
        ask(client, community, form_token=token, text=f"第{serial}件事").status_code
        for serial in range(views.ASKED_PER_SESSION + 2)
    ]
    assert answers == [302] * views.ASKED_PER_SESSION + [429, 429]
    assert Need.objects.count() == views.ASKED_PER_SESSION


def test_need_form_says_who_sees_what_is_private(client: Client, community: Community) -> None:
    page = client.get(reverse("need_create")).text
    assert "只有本社区书记、助理和街道工作人员能看到" in page
    assert "只有社区书记能看到" not in page


def test_need_refused_meanwhile_is_published_only_by_whoever_has_read_that(
    sign_in: SignIn, secretary: User, staff: User, community: Community
) -> None:
    need = NeedFactory(community=community)
    client, url = sign_in(secretary), reverse("need_check", args=[need.pk])
    opened = client.get(url).context["form"].initial["opened_with"]
    actions.reject_need(need=need, reason="涉及个人纠纷，请走调解", by=staff)

    page = client.post(url, {"text": need.text, "opened_with": opened})

    need.refresh_from_db()
    assert need.state == State.REJECTED
    [_said, stored] = page.context["form"].non_field_errors()
    assert "不予发布：涉及个人纠纷，请走调解" in stored
    again = page.context["form"]["opened_with"].value()
    client.post(url, {"text": need.text, "opened_with": again})
    need.refresh_from_db()
    assert need.state == State.OPEN
