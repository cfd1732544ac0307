"""The catalogue: public, in order, kept by staff, emptied only when it is empty."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from projects.catalogue import actions
from projects.catalogue.factories import CategoryFactory, GroupFactory, ServiceFactory
from projects.catalogue.models import Category, Group, Service
from projects.lists.factories import ProjectFactory
from projects.needs.factories import NeedFactory
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_retired_service_is_shown_to_staff_only(staff: User, sign_in: SignIn) -> None:
    service = ServiceFactory(name="停办的服务", is_current=False)
    for url in (reverse("service_list"), service.get_absolute_url()):
        assert "停办的服务" not in Client().get(url).content.decode()
        assert "停办的服务" in sign_in(staff).get(url).content.decode()


def test_service_list_filters(client: Client) -> None:
    wanted = ServiceFactory(name="免费理发", typical_partners="理发店")
    other = ServiceFactory(name="法律咨询")
    for params in (
        {"q": "理发"},
        {"q": wanted.code.lower()},
        {"group": wanted.group_id},
        {"category": wanted.group.category_id},
    ):
        page = client.get(reverse("service_list"), params).content.decode()
        assert wanted.get_absolute_url() in page
        assert other.get_absolute_url() not in page


def test_service_detail_shows_open_projects_only(client: Client) -> None:
    service = ServiceFactory()
    ProjectFactory(service=service, title="正在认领的项目")
    ProjectFactory(service=service, title="还是草稿的项目", draft=True, list__year=2027)
    page = client.get(service.get_absolute_url()).content.decode()
    assert "正在认领的项目" in page
    assert "还是草稿的项目" not in page


def test_staff_add_edit_retire_and_restore_a_service(staff: User, sign_in: SignIn) -> None:
    client, group = sign_in(staff), GroupFactory()
    form = {"group": group.pk, "code": "X-1", "name": "磨剪刀", "summary": "每月一次"}
    client.post(reverse("service_create"), form)
    service = Service.objects.get()
    client.post(reverse("service_edit", args=[service.pk]), form | {"name": "磨刀"})
    service.refresh_from_db()
    assert (service.name, service.group) == ("磨刀", group)
    for is_current in (False, True):
        client.post(reverse("service_retire", args=[service.pk]))
        service.refresh_from_db()
        assert service.is_current is is_current


def test_service_code_twice_is_refused_beside_its_field(staff: User, sign_in: SignIn) -> None:
    taken = ServiceFactory()
    form = {"group": taken.group_id, "code": taken.code, "name": "磨剪刀"}
    response = sign_in(staff).post(reverse("service_create"), form)
    assert "code" in response.context["form"].errors
    assert Service.objects.count() == 1


def test_move_section_changes_places_with_its_neighbour(staff: User) -> None:
    category = CategoryFactory()
    groups = [GroupFactory(category=category, position=0, name=name) for name in "甲乙丙"]
    elsewhere = GroupFactory(position=0)
    actions.move_section(section=groups[2], up=True, by=staff)
    assert [str(group) for group in category.groups.all()] == ["甲", "丙", "乙"]
    actions.move_section(section=groups[0], up=True, by=staff)  # already first
    assert [str(group) for group in category.groups.all()] == ["甲", "丙", "乙"]
    elsewhere.refresh_from_db()
    assert elsewhere.position == 0


def test_new_and_moved_sections_come_last(staff: User) -> None:
    first = CategoryFactory(position=0)
    GroupFactory(category=first, position=4)
    second = Category(name="新门类")
    actions.save_category(category=second, by=staff)
    group = GroupFactory(category=second, position=0)
    group.category = first
    actions.save_group(group=group, by=staff)
    assert (second.position, group.position) == (1, 5)


@pytest.mark.parametrize("fill", [ServiceFactory, NeedFactory])
def test_remove_group_in_use_is_refused(fill: Any, staff: User) -> None:
    group = GroupFactory()
    fill(group=group)
    with pytest.raises(Refused, match="不是空的"):
        actions.remove_section(section=group, by=staff)
    assert Group.objects.filter(pk=group.pk).exists()


def test_staff_name_move_and_remove_sections(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    client.post(reverse("category_create"), {"name": "甲门类"})
    category = Category.objects.get()
    client.post(reverse("group_create"), {"category": category.pk, "name": "甲小组"})
    group = Group.objects.get()
    client.post(reverse("group_edit", args=[group.pk]), {"category": category.pk, "name": "乙小组"})
    client.post(reverse("category_edit", args=[category.pk]), {"name": "乙门类"})
    page = client.get(reverse("category_list")).content.decode()
    assert "乙门类" in page
    assert "乙小组" in page
    client.post(reverse("group_remove", args=[group.pk]))
    client.post(reverse("category_remove", args=[category.pk]))
    assert not Category.objects.exists()


def test_group_name_twice_in_a_category_is_refused(staff: User, sign_in: SignIn) -> None:
    group = GroupFactory(name="甲小组")
    form = {"category": group.category_id, "name": "甲小组"}
    response = sign_in(staff).post(reverse("group_create"), form)
    assert "该门类下已有同名小组" in response.content.decode()
    assert Group.objects.count() == 1


@pytest.mark.parametrize("count", [1, 30])
def test_service_list_query_count(
    count: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _serial in range(count):
        ServiceFactory()
    client.get(reverse("service_list"))
    with django_assert_num_queries(4):
        client.get(reverse("service_list"))


@pytest.mark.parametrize("count", [1, 30])
def test_category_list_query_count(
    count: int, staff: User, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    client = sign_in(staff)
    for _serial in range(count):
        GroupFactory()
    client.get(reverse("category_list"))
    with django_assert_num_queries(4):
        client.get(reverse("category_list"))


@pytest.mark.parametrize("service", ["nonsense", "0"])
def test_filling_in_from_no_service_keeps_what_was_typed(
    sign_in, secretary, draft_list, service
) -> None:
    data = {"prefill": "1", "service": service, "title": "自拟项目", "list": draft_list.pk}
    response = sign_in(secretary).post(reverse("project_create"), data)
    assert response.status_code == 200
    assert 'value="自拟项目"' in response.content.decode()


def test_saving_what_was_read_before_leaves_alone_what_others_changed(staff: User) -> None:
    service = ServiceFactory()
    group, category = service.group, service.group.category
    actions.retire_service(service=Service.objects.get(pk=service.pk), by=staff)
    Category.objects.update(position=7)
    Group.objects.update(position=5)

    service.name = group.name = category.name = "新名称"
    actions.save_service(service=service, by=staff)
    actions.save_group(group=group, by=staff)
    actions.save_category(category=category, by=staff)

    for thing, kept in ((service, {"is_current": False}), (group, {"position": 5})):
        thing.refresh_from_db()
        assert thing.name == "新名称"
        assert {name: getattr(thing, name) for name in kept} == kept
    category.refresh_from_db()
    assert (category.name, category.position) == ("新名称", 7)
