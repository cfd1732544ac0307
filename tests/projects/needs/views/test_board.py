"""Needs as everybody sees them: the board shows what is checked, the form takes a little and no more."""

import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from banyang.office.models import Office
from communities.models import Community
from projects.catalogue.factories import GroupFactory
from projects.claims.factories import ClaimFactory
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, need_of
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from projects.needs.views import board as views
from tests.conftest import SignIn
from tests.projects.conftest import PRIVATE

State = Need.State


def ask(client: Client, community: Community, **fields: Any) -> Any:
    form = {
        "community": community.pk,
        "text": "三号楼道灯不亮",
        "location": "3号楼",
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


def test_need_shows_how_its_project_goes(client: Client, community: Community) -> None:
    project = ProjectFactory(list__community=community, title="楼道灯维修")
    need = need_of(project)
    DeliveryFactory(claim=ClaimFactory(project=project, confirmed=True), residents_served=36)
    for url in (need.get_absolute_url(), need.get_receipt_url()):
        page = client.get(url).content.decode()
        assert "楼道灯维修" in page
        assert "36" in page
        assert "1家合伙人" in page


def test_need_does_not_name_a_draft_project(client: Client, community: Community) -> None:
    project = ProjectFactory(draft=True, list__community=community, title="保密的草稿")
    need = need_of(project)
    for url in (need.get_absolute_url(), need.get_receipt_url(), reverse("need_board")):
        assert "保密的草稿" not in client.get(url).content.decode()


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
    for group in GroupFactory.create_batch(count):
        need_of(project, group=group)
    client.get(reverse("need_board"))  # fills the cache of the office
    with django_assert_num_queries(5):
        client.get(reverse("need_board"))


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
