"""Words that everybody will read: a number or the asker's name stays in them only on purpose."""

import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import User
from communities.models import Community
from projects.catalogue.factories import GroupFactory
from projects.catalogue.models import Service
from projects.lists.models import Project, ProjectList
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.conftest import SignIn
from tests.public_words import NUMBER, OTHER, WIDE, is_held_back, ticked

State = Need.State
ASKER = "王桂英"


def ask(client: Client, community: Community, **fields: Any) -> Any:
    form = {
        "community": community.pk,
        "text": "三号楼道灯不亮",
        "form_token": uuid.uuid4(),
        **fields,
    }
    return client.post(reverse("need_create"), form)


# --- Needs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "13912345678",
        "139 1234 5678",
        "１３９１２３４５６７８",
        "0533-5181234",
        "（0533）5181234 或 138—1234—5678",
    ],
)
def test_resident_is_asked_before_a_number_goes_into_public_words(
    number: str, client: Client, community: Community
) -> None:
    words = {"text": f"楼道灯不亮，联系{number}", "asker_name": "王秀英"}
    asked = ask(client, community, **words)
    form = asked.context["form"]
    assert form.errors.keys() == {"text"}
    assert "“您的电话”一栏" in form.errors["text"][0]
    assert words["text"] in asked.text
    capacity = [
        asked.text.index(f'name="{name}"') for name in ("text", "keeps_private", "location")
    ]
    assert capacity == sorted(capacity)
    assert not Need.objects.exists()
    assert ask(client, community, **words, **ticked(asked.text)).status_code == 302
    assert Need.objects.get().text == words["text"]


def test_number_in_the_place_is_named_there(client: Client, community: Community) -> None:
    asked = ask(client, community, location="3号楼，13912345678")
    assert asked.context["form"].errors.keys() == {"location"}


@pytest.mark.parametrize("field", ["text", "location", "asker_name"])
def test_words_longer_than_their_field_are_not_looked_through(
    field: str, client: Client, community: Community
) -> None:
    begun = time.process_time()
    asked = ask(client, community, **{field: "\ufdfa" * 400_000})  # each stands for 18 letters
    assert time.process_time() - begun < 1
    assert asked.context["form"].errors.keys() == {field}
    asked = ask(client, community, text="13912345678 " * 100_000)
    assert asked.context["form"].errors.keys() == {"text"}
    assert "keeps_private" not in asked.context["form"].fields


def test_words_are_looked_through_to_the_limit_of_their_field(
    client: Client, community: Community
) -> None:
    blanks = " " * 1_000  # which the field takes off, so that they don't count
    asked = ask(client, community, text=f"{blanks}{'灯' * 489}13912345678{blanks}")
    assert "13912345678" in asked.context["form"].errors["text"][0]


def test_of_many_numbers_the_first_are_named(client: Client, community: Community) -> None:
    numbers = [f"139{serial:08}" for serial in range(30)]
    words = {"text": "、".join([*numbers, *numbers[:2]])}
    asked = ask(client, community, **words)
    [error] = asked.context["form"].errors["text"]
    said = "、".join(f"电话号码{number}" for number in numbers[:5])
    assert f"{said}等30处" in error
    assert numbers[5] not in error
    tick = ticked(asked.text)
    other = {"text": words["text"].replace(numbers[29], OTHER)}
    assert ask(client, community, **other, **tick).context["form"].errors.keys() == {"text"}
    assert ask(client, community, **words, **tick).status_code == 302


def test_words_without_a_phone_number_ask_nothing(client: Client, community: Community) -> None:
    assert ask(client, community, text="编号 202611221234567 的灯坏了，3号楼").status_code == 302


def test_secretary_is_shown_the_number_before_it_goes_on_the_board(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    need = NeedFactory(community=community, text="找张师傅13912345678修灯")
    client, url = sign_in(secretary), reverse("need_check", args=[need.pk])
    assert "保留电话号码13912345678" in client.get(url).text
    refused = client.post(url, {"text": need.text})
    form = refused.context["form"]
    assert form.errors.keys() == {"text"}
    assert "一栏" not in form.errors["text"][0]
    assert list(form.fields)[:2] == ["text", "keeps_private"]
    assert not Need.objects.on_board().exists()
    assert client.post(url, {"text": "修灯", "keeps_private": ""}).status_code == 302
    assert Need.objects.on_board().get().text == "修灯"


def test_answer_gives_a_number_away_only_on_purpose(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    need = NeedFactory(community=community, on_board=True)
    client = sign_in(secretary)
    answer = {"outcome": State.SOLVED, "answer": f"已修好，有事找李电工{WIDE}"}
    is_held_back(client, reverse("need_answer", args=[need.pk]), answer, "answer", NUMBER)
    corrected = {"state": State.PARTLY, "answer": f"修好一半，找李电工{WIDE}"}
    is_held_back(client, reverse("need_answer_edit", args=[need.pk]), corrected, "answer", NUMBER)
    need.refresh_from_db()
    assert need.answer == corrected["answer"]


def test_answer_names_whoever_asked_only_on_purpose(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    need = NeedFactory(community=community, on_board=True, asker_name=ASKER)
    answer = {"outcome": State.SOLVED, "answer": "王 桂英您好，灯已修好"}
    url = reverse("need_answer", args=[need.pk])
    is_held_back(sign_in(secretary), url, answer, "answer", f"姓名{ASKER}")


def test_reason_that_only_the_receipt_tells_may_hold_a_number(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    need = NeedFactory(community=community)
    client, reason = sign_in(secretary), "已单独联系，有事拨13912345678"
    client.post(reverse("need_reject", args=[need.pk]), {"reason": reason})
    corrected = {"answer": f"{reason}。"}
    url = reverse("need_answer_edit", args=[need.pk])
    assert client.post(url, corrected).status_code == 302
    need.refresh_from_db()
    assert need.answer == corrected["answer"]


@pytest.mark.parametrize("page", ["need_check", "need_edit"])
def test_secretary_is_shown_the_askers_own_name_in_public_words(
    page: str, community: Community, secretary: User, sign_in: SignIn
) -> None:
    text = f"楼道灯不亮，我叫{ASKER}"
    on_board = page == "need_edit"
    need = NeedFactory(community=community, text=text, asker_name=ASKER, on_board=on_board)
    client, url = sign_in(secretary), reverse(page, args=[need.pk])
    assert f"保留姓名{ASKER}，" in client.get(url).text
    is_held_back(client, url, {"text": text}, "text", f"姓名{ASKER}")


def test_need_put_down_for_somebody_holds_their_name_back(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    data = {
        "source": "visit",
        "community": community.pk,
        "text": f"{ASKER}家门口缺扶手",
        "asker_name": ASKER,
        "form_token": str(uuid.uuid4()),
    }
    is_held_back(sign_in(secretary), reverse("need_enter"), data, "text", f"姓名{ASKER}")


@pytest.mark.parametrize(
    ("name", "text"),
    [("", "楼道灯不亮"), ("王", "王家巷路灯不亮"), ("Li", "The lights are out"), (ASKER, "灯坏了")],
)
def test_words_that_name_nobody_are_not_held_back(
    name: str, text: str, community: Community, secretary: User, sign_in: SignIn
) -> None:
    need = NeedFactory(community=community, asker_name=name)
    url = reverse("need_check", args=[need.pk])
    assert sign_in(secretary).post(url, {"text": text}).status_code == 302


def test_number_and_name_are_held_back_with_one_tick(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    text = f"找{ASKER}，{WIDE}"
    need = NeedFactory(community=community, text=text, asker_name=ASKER)
    url = reverse("need_check", args=[need.pk])
    words = f"姓名{ASKER}、{NUMBER}"
    is_held_back(sign_in(secretary), url, {"text": text}, "text", words)


# --- Projects and the catalogue ------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "summary", "location"])
def test_project_gives_a_number_away_only_on_purpose(
    field: str, draft_list: ProjectList, secretary: User, sign_in: SignIn
) -> None:
    client = sign_in(secretary)
    data = {"title": "免费理发", "capacity": 1} | {field: f"找李师傅{WIDE}"}
    drafted = data | {"list": draft_list.pk, "form_token": uuid.uuid4()}
    is_held_back(client, reverse("project_create"), drafted, field, NUMBER)
    project = Project.objects.get()
    is_held_back(client, reverse("project_edit", args=[project.pk]), data, field, NUMBER)


def test_project_made_of_a_need_names_whoever_asked_only_on_purpose(
    draft_list: ProjectList, community: Community, secretary: User, sign_in: SignIn
) -> None:
    text = f"楼道灯不亮，我叫{ASKER}"
    need = NeedFactory(community=community, text=text, asker_name=ASKER, on_board=True)
    client, url = sign_in(secretary), f"{reverse('project_create')}?need={need.pk}"
    assert f"保留姓名{ASKER}，" in client.get(url).text
    data = {"title": "修灯", "summary": text, "capacity": 1}
    drafted = data | {"list": draft_list.pk, "form_token": uuid.uuid4()}
    is_held_back(client, url, drafted, "summary", f"姓名{ASKER}")
    url = reverse("project_edit", args=[Project.objects.get().pk])
    is_held_back(client, url, data, "summary", f"姓名{ASKER}")


def test_project_is_cancelled_with_a_number_only_on_purpose(
    project: Project, secretary: User, sign_in: SignIn
) -> None:
    url = reverse("project_cancel", args=[project.pk])
    is_held_back(sign_in(secretary), url, {"reason": f"有事拨{WIDE}"}, "reason", NUMBER)


def test_catalogue_gives_a_number_away_only_on_purpose(staff: User, sign_in: SignIn) -> None:
    client, url = sign_in(staff), reverse("service_create")
    data = {"group": GroupFactory().pk, "code": "ZX99-01", "name": "修灯", "summary": f"找{WIDE}"}
    is_held_back(client, url, data, "summary", NUMBER)
    assert Service.objects.get().summary == data["summary"]
