"""What staff do with accounts, and what everybody does with their own."""

import pytest
from django.test import Client
from django.urls import reverse

from banyang.accounts import actions
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import Disclosure, User
from banyang.foundation.errors import Refused
from communities.factories import SecretaryFactory
from partners.factories import MemberFactory


def names(client: Client, **params: str) -> set[str]:
    response = client.get(reverse("user_list"), params)
    return {person.username for person in response.context["page"]}


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"search": "王芳"}, {"wangfang"}),
        ({"search": "WANGF"}, {"wangfang"}),
        ({"search": "138-1234 5678"}, {"wangfang"}),
        ({"search": "5678"}, {"wangfang"}),
        ({"search": "138 1234"}, set()),  # the mask hides that
        ({"role": "staff"}, {"staff"}),
        ({"role": "secretary"}, {"secretary"}),
        ({"role": "member"}, {"member"}),
        ({"role": "none"}, {"wangfang", "gone", "new"}),
        ({"access": "inactive"}, {"gone"}),
        ({"access": "invited"}, {"new"}),
        ({"access": "active", "role": "none"}, {"wangfang"}),
    ],
)
def test_user_list_finds(
    sign_in, staff: User, secretary: User, member: User, params: dict[str, str], found: set[str]
) -> None:
    UserFactory(username="wangfang", name="王芳", phone="13812345678")
    UserFactory(username="gone", name="孙去", is_active=False)
    actions.invite_user(name="李新", phone="13900000001", username="new", by=staff)
    assert names(sign_in(staff), **params) == found


@pytest.mark.parametrize("rows", [1, 30])
def test_user_list_costs_the_same(
    sign_in, staff: User, rows: int, django_assert_num_queries
) -> None:
    for _ in range(rows):
        SecretaryFactory(user=MemberFactory().user)
    client = sign_in(staff)
    client.get(reverse("user_list"))  # the office comes into the cache
    with django_assert_num_queries(8):
        assert len(client.get(reverse("user_list")).context["page"].rows) == min(rows + 1, 30)


def test_user_list_masks_phones(sign_in, staff: User) -> None:
    UserFactory(phone="13812345678")
    text = sign_in(staff).get(reverse("user_list")).text
    assert "138****5678" in text
    assert "13812345678" not in text


def test_user_phone_is_shown_and_written_down(sign_in, staff: User, member: User) -> None:
    client = sign_in(staff)
    assert member.phone not in client.get(reverse("user_detail", args=[member.pk])).text
    assert member.phone in client.post(reverse("user_phone", args=[member.pk])).text
    assert Disclosure.objects.get().object_id == member.pk


def test_user_edit_writes_down_that_it_shows_the_phone(sign_in, staff: User, member: User) -> None:
    assert member.phone in sign_in(staff).get(reverse("user_edit", args=[member.pk])).text
    assert Disclosure.objects.filter(user=staff, object_id=member.pk).count() == 1


def test_user_edit_refuses_a_taken_phone(
    sign_in, staff: User, member: User, other_member: User
) -> None:
    data = {"name": "高新", "phone": f" {other_member.phone}"}
    response = sign_in(staff).post(reverse("user_edit", args=[member.pk]), data)
    assert "phone" in response.context["form"].errors
    assert User.objects.get(pk=member.pk).name == member.name


def test_user_edit_gives_the_staff_role(sign_in, staff: User, stranger: User) -> None:
    data = {"name": stranger.name, "phone": stranger.phone, "is_staff": "on"}
    sign_in(staff).post(reverse("user_edit", args=[stranger.pk]), data)
    assert User.objects.get(pk=stranger.pk).is_staff


def test_user_edit_brings_no_role_back_that_was_taken_meanwhile(sign_in, staff: User) -> None:
    wang = UserFactory(name="王芳", is_staff=True)
    client, url = sign_in(staff), reverse("user_edit", args=[wang.pk])
    opened = client.get(url).context["form"].initial
    actions.update_user(user=User.objects.get(pk=wang.pk), is_staff=False, by=staff)

    answer = client.post(url, opened | {"is_staff": "on", "email": "wang@example.org"})

    assert "现在已保存的街道工作人员：“否”" in answer.text
    wang.refresh_from_db()
    assert (wang.is_staff, wang.email == "wang@example.org") == (False, False)


def test_me_keeps_an_address_that_the_office_has_corrected_meanwhile(
    sign_in, staff: User, member: User
) -> None:
    client = sign_in(member)
    opened = client.get(reverse("me")).context["form"].initial
    actions.update_user(user=User.objects.get(pk=member.pk), email="new@example.org", by=staff)

    answer = client.post(reverse("me"), opened | {"name": "新名"})

    assert answer.context["form"].non_field_errors()
    member.refresh_from_db()
    assert (member.email, member.name == "新名") == ("new@example.org", False)


@pytest.mark.parametrize("who", ["member", "secretary"])
def test_me_shows_a_phone_number_that_only_staff_change(
    sign_in, request: pytest.FixtureRequest, staff: User, stranger: User, who: str
) -> None:
    person: User = request.getfixturevalue(who)
    client, mine = sign_in(person), person.phone
    page = client.get(reverse("me"))
    assert mine in page.text
    assert "换了手机号，请告诉街道工作人员更改" in page.text

    for phone in ("13800009999", stranger.phone, ""):
        data = {"name": "新名", "phone": phone, "language": "zh-hans"}
        answer = client.post(reverse("me"), data)
        assert answer.status_code == 302  # as much as with a number that nobody has
    person.refresh_from_db()
    assert (person.name, person.phone) == ("新名", mine)


def test_me_lets_staff_change_their_own_phone_number(sign_in, staff: User) -> None:
    client = sign_in(staff)
    assert "请告诉街道工作人员" not in client.get(reverse("me")).text
    data = {"name": staff.name, "phone": "138 0000 9999", "language": "zh-hans"}
    assert client.post(reverse("me"), data).status_code == 302
    staff.refresh_from_db()
    assert staff.phone == "13800009999"


def test_role_is_not_given_to_who_calls_themselves_like_somebody_else(
    sign_in, staff: User, member: User
) -> None:
    """A number is an account's only because staff have entered it there."""
    data = {"name": "周书记", "phone": "13800009999", "language": "zh-hans"}
    sign_in(member).post(reverse("me"), data)
    zhou, is_new = actions.find_or_invite_user(name="周书记", phone="13800009999", by=staff)
    assert (is_new, zhou == member) == (True, False)


def test_staff_role_is_not_taken_from_oneself_on_the_page(sign_in, staff: User) -> None:
    data = {"name": staff.name, "phone": staff.phone}
    page = sign_in(staff).post(reverse("user_edit", args=[staff.pk]), data)
    assert page.context["form"].non_field_errors()
    assert User.objects.get(pk=staff.pk).is_staff


def test_staff_cannot_take_their_own_role_or_account(staff: User) -> None:
    with pytest.raises(Refused):
        actions.update_user(user=staff, is_staff=False, by=staff)
    with pytest.raises(Refused):
        actions.deactivate_user(user=staff, by=staff)
    with pytest.raises(Refused):
        actions.reissue_invitation(user=staff, by=staff)
    staff.refresh_from_db()
    assert staff.is_staff
    assert staff.is_active


def test_user_deactivate_asks_first_and_can_be_undone(sign_in, staff: User, member: User) -> None:
    client = sign_in(staff)
    client.get(reverse("user_deactivate", args=[member.pk]))
    assert User.objects.get(pk=member.pk).is_active
    client.post(reverse("user_deactivate", args=[member.pk]))
    assert not User.objects.get(pk=member.pk).is_active
    client.post(reverse("user_reactivate", args=[member.pk]))
    assert User.objects.get(pk=member.pk).is_active


def test_me_changes_only_what_is_mine(sign_in, member: User) -> None:
    data = {"name": "新名", "email": "a@example.org", "language": "en"}
    sign_in(member).post(reverse("me"), {**data, "is_staff": "on", "username": "boss"})
    me = User.objects.get(pk=member.pk)
    assert (me.name, me.email, me.language) == ("新名", "a@example.org", "en")
    assert not me.is_staff
    assert me.username == "member"


def test_me_keeps_the_stored_name_in_the_header_when_refused(sign_in, member: User) -> None:
    data = {"name": "新名", "email": "12", "language": "en"}
    response = sign_in(member).post(reverse("me"), data)
    assert "email" in response.context["form"].errors
    assert response.context["user"].name == member.name


def test_history_keeps_who_changed_an_account(sign_in, staff: User, member: User) -> None:
    sign_in(staff).post(reverse("user_deactivate", args=[member.pk]))
    event = member.events.order_by("-pgh_id").first()
    assert event.is_active is False
    assert event.pgh_context.metadata["user"] == staff.pk


def test_password_page_speaks_as_the_rest_does(sign_in, member: User) -> None:
    page = sign_in(member).get(reverse("password_change")).content.decode()

    assert "密码不能与您的其他个人信息太相似。" in page
    assert "再输一遍新密码" in page
    assert "请再输入一遍同样的密码。" in page
    assert "你" not in page


def test_history_keeps_that_a_password_was_taken(staff: User, member: User) -> None:
    before = member.events.count()
    actions.reissue_invitation(user=member, by=staff)
    assert member.events.count() == before + 1
