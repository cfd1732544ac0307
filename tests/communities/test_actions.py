"""Communities and their people: public pages, private numbers, each its own secretary."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import Disclosure, User
from banyang.foundation.errors import Refused
from communities import actions
from communities.factories import CommunityFactory, HelperFactory, SecretaryFactory
from communities.models import Community, Helper, Secretary
from events.markets.factories import MarketDayFactory
from projects.lists.factories import ProjectFactory
from projects.needs.factories import NeedFactory
from tests.conftest import SignIn
from tests.public_words import NUMBER, WIDE, is_held_back


def test_community_page_shows_what_is_public(client: Client, community: Community) -> None:
    ProjectFactory(list__community=community, title="楼道扶手加装")
    ProjectFactory(list__community=community, title="草稿项目", state="draft")
    NeedFactory(community=community, on_board=True)
    NeedFactory.create_batch(2, community=community)  # unchecked
    HelperFactory(community=community, name="热心大姐", phone="19800001111")
    page = client.get(community.get_absolute_url()).content.decode()
    assert "暖心驿站" in page
    assert "楼道扶手加装" in page
    assert "1条需求" in page
    for private in ("草稿项目", "热心大姐", "198****1111"):
        assert private not in page


def test_community_page_lists_buildings_as_people_count(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    for area in ("10号楼", "2号楼", "11号楼", "1号楼"):
        HelperFactory(community=community, role=Helper.Role.BUILDING_LEADER, area=area)
    page = sign_in(secretary).get(community.get_absolute_url())
    areas = [helper.area for helper in page.context["helpers"]]
    assert areas == ["1号楼", "2号楼", "10号楼", "11号楼"]


def test_community_page_shows_its_next_market_day(client: Client, community: Community) -> None:
    market_day = MarketDayFactory(host=community)
    page = client.get(community.get_absolute_url()).content.decode()
    assert market_day.get_absolute_url() in page


@pytest.mark.parametrize(
    ("role", "form"),
    [
        ("staff", "need_enter"),
        ("secretary", "need_enter"),
        ("other_secretary", "need_create"),
        ("member", "need_create"),
    ],
)
def test_community_page_offers_the_form_for_needs_that_is_for_one(
    role: str,
    form: str,
    community: Community,
    other_community: Community,
    sign_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    client = sign_in(request.getfixturevalue(role))
    page = client.get(community.get_absolute_url()).content.decode()
    offered = {name for name in ("need_enter", "need_create") if reverse(name) in page}
    assert offered == {form}
    url = f"{reverse(form)}?community={community.code}"
    assert f'href="{url}"' in page
    assert client.get(url).context["form"]["community"].value() == community.pk


@pytest.mark.parametrize("role", ["secretary", "other_secretary", "member"])
def test_helper_numbers_are_masked_until_shown(
    role: str, community: Community, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    helper = HelperFactory(community=community, phone="19800001111")
    client = sign_in(request.getfixturevalue(role))
    page = client.get(community.get_absolute_url()).content.decode()
    assert "198****1111" in page
    assert "19800001111" not in page
    shown = client.post(reverse("helper_phone", args=[helper.pk]))
    assert ("19800001111" in shown.content.decode()) is (role == "secretary")
    assert Disclosure.objects.count() == (role == "secretary")


def test_editing_a_helper_is_recorded_because_the_form_shows_the_number(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    helper = HelperFactory(community=community)
    client = sign_in(secretary)
    client.get(reverse("helper_edit", args=[helper.pk]))
    assert Disclosure.objects.get().object_id == helper.pk
    form = {"role": helper.role, "name": "新名字", "area": "9号楼", "phone": "198 0000 2222"}
    client.post(reverse("helper_edit", args=[helper.pk]), form)
    helper.refresh_from_db()
    assert (helper.name, helper.phone) == ("新名字", "19800002222")


@pytest.mark.parametrize("name", ["小周19800002222", "小周（0533）5180000"])
def test_helper_is_refused_a_number_as_name(
    name: str, community: Community, secretary: User, sign_in: SignIn
) -> None:
    form = {"role": Helper.Role.GRID_WORKER, "name": name, "area": "9号楼"}
    url = reverse("helper_add", args=[community.code])
    assert sign_in(secretary).post(url, form).context["form"].errors.keys() == {"name"}
    with pytest.raises(Refused):
        actions.add_helper(community=community, by=secretary, **form)
    assert not Helper.objects.exists()


def test_secretary_edits_what_is_said_but_not_the_code(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    form = {"brand": "新品牌", "phone": "0533-5180000", "code": "999999999999", "name": "别名"}
    sign_in(secretary).post(reverse("community_edit", args=[community.code]), form)
    before = community.code, community.name
    community.refresh_from_db()
    assert (community.brand, community.phone) == ("新品牌", "05335180000")
    assert (community.code, community.name) == before


@pytest.mark.parametrize("field", ["brand", "brand_summary", "address"])
def test_community_gives_a_number_away_only_on_purpose(
    field: str, community: Community, secretary: User, sign_in: SignIn
) -> None:
    url = reverse("community_edit", args=[community.code])
    is_held_back(
        sign_in(secretary), url, {"brand": "花灯"} | {field: f"找李师傅{WIDE}"}, field, NUMBER
    )


def test_staff_change_code_and_names(community: Community, staff: User, sign_in: SignIn) -> None:
    form = {"code": "370302001099", "name": "新东升社区居委会", "short_name": "新东升社区"}
    response = sign_in(staff).post(reverse("community_edit", args=[community.code]), form)
    assert response.url == reverse("community_detail", args=["370302001099"])
    community.refresh_from_db()
    assert community.short_name == "新东升社区"


def test_staff_add_a_community_and_bad_codes_are_refused(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    form = {"code": "12", "name": "甲社区居委会", "short_name": "甲社区"}
    assert client.post(reverse("community_create"), form).context["form"].errors["code"]
    client.post(reverse("community_create"), form | {"code": "370302001099"})
    assert Community.objects.get().short_name == "甲社区"


def test_appoint_secretary_with_a_known_number_takes_that_account(
    community: Community, staff: User, sign_in: SignIn
) -> None:
    person = UserFactory(phone="13900001111")
    form = {"phone": "139 0000 1111", "name": "随便", "post": "assistant"}
    client, url = sign_in(staff), reverse("secretary_appoint", args=[community.code])
    assert client.post(url, form).context["form"].errors.keys() == {"is_them"}
    assert not Secretary.objects.exists()
    client.post(url, form | {"is_them": str(person.pk)})
    secretary = Secretary.objects.get()
    assert (secretary.user, secretary.post) == (person, "assistant")
    assert person.name != "随便"


def test_appoint_secretary_with_a_new_number_leads_to_the_invitation(
    community: Community, staff: User, sign_in: SignIn
) -> None:
    form = {"phone": "13900001111", "name": "新书记", "post": "secretary"}
    response = sign_in(staff).post(reverse("secretary_appoint", args=[community.code]), form)
    person = User.objects.get(phone="13900001111")
    assert response.url == reverse("user_detail", args=[person.pk])
    assert person.community_ids == {community.pk}


def test_appoint_secretary_refuses_a_number_as_name(
    community: Community, staff: User, sign_in: SignIn
) -> None:
    form = {"phone": "13900001111", "name": "李书记13833334444", "post": "secretary"}
    url = reverse("secretary_appoint", args=[community.code])
    assert sign_in(staff).post(url, form).context["form"].errors.keys() == {"name"}
    with pytest.raises(ValidationError):
        actions.appoint_secretary(community=community, **form, by=staff)
    assert not User.objects.filter(phone="13900001111").exists()


def test_appoint_secretary_twice_changes_the_post(community: Community, staff: User) -> None:
    person = SecretaryFactory(community=community).user
    fields: dict[str, Any] = {"community": community, "name": "", "phone": person.phone}
    actions.appoint_secretary(**fields, post="assistant", by=staff)
    assert Secretary.objects.get().post == "assistant"


def test_appoint_secretary_who_may_not_sign_in_is_refused(
    community: Community, staff: User
) -> None:
    person = UserFactory(is_active=False)
    fields: dict[str, Any] = {"community": community, "name": "", "phone": person.phone}
    with pytest.raises(Refused):
        actions.appoint_secretary(**fields, post="secretary", by=staff)
    assert not Secretary.objects.exists()


def test_removed_secretary_loses_the_community(
    community: Community, secretary: User, staff: User, sign_in: SignIn
) -> None:
    row = Secretary.objects.get(user=secretary)
    sign_in(staff).post(reverse("secretary_remove", args=[row.pk]))
    url = reverse("community_edit", args=[community.code])
    assert sign_in(secretary).get(url).status_code == 403


def test_helper_listed_twice_is_refused_with_a_sentence(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    helper = HelperFactory(community=community)
    form = {"role": helper.role, "name": helper.name, "area": helper.area}
    response = sign_in(secretary).post(reverse("helper_add", args=[community.code]), form)
    assert "已登记此人" in response.content.decode()
    assert Helper.objects.count() == 1


def test_secretary_adds_and_removes_a_helper(
    community: Community, secretary: User, sign_in: SignIn
) -> None:
    client = sign_in(secretary)
    form = {"role": "grid_worker", "name": "小周", "area": "第2网格", "phone": "19800002222"}
    client.post(reverse("helper_add", args=[community.code]), form)
    helper = Helper.objects.get()
    assert helper.community == community
    client.post(reverse("helper_remove", args=[helper.pk]))
    assert not Helper.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_community_list_query_count(
    count: int, client: Client, db: None, django_assert_num_queries: Any
) -> None:
    CommunityFactory.create_batch(count)
    client.get(reverse("community_list"))
    with django_assert_num_queries(1):
        client.get(reverse("community_list"))


@pytest.mark.parametrize("count", [1, 30])
def test_community_page_query_count(
    count: int,
    community: Community,
    secretary: User,
    sign_in: SignIn,
    django_assert_num_queries: Any,
) -> None:
    HelperFactory.create_batch(count, community=community)
    SecretaryFactory.create_batch(count, community=community)
    ProjectFactory.create_batch(count, list__community=community)
    client = sign_in(secretary)
    client.get(community.get_absolute_url())
    with django_assert_num_queries(12):
        client.get(community.get_absolute_url())
