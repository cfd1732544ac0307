"""One-time links: how somebody gets a first password, and a new one."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from banyang.accounts import actions, invitations
from banyang.accounts.models import User
from banyang.foundation.errors import Refused

PASSWORD = "chuang-kou-9-hua"
BOTH = {"new_password1": PASSWORD, "new_password2": PASSWORD}


@pytest.fixture
def invited(staff: User) -> User:
    return actions.invite_user(name="李新", phone="139 0000 0001", by=staff)


def test_invite_user_makes_username_from_name(staff: User, invited: User) -> None:
    assert (invited.username, invited.phone, invited.access) == ("lixin", "13900000001", "invited")
    again = actions.invite_user(name="李新", phone="13900000002", by=staff)
    assert again.username == "lixin2"


def test_invite_user_refuses_known_phone_and_says_whose(staff: User, invited: User) -> None:
    with pytest.raises(Refused, match="李新"):
        actions.invite_user(name="李欣", phone="１３９００００００01", by=staff)
    assert User.objects.filter(name="李欣").count() == 0


def test_user_invite_shows_the_link_to_send(sign_in, staff: User) -> None:
    client = sign_in(staff)
    data = {"name": "李新", "phone": "13900000001"}
    response = client.post(reverse("user_invite"), data, follow=True)
    person = User.objects.get(phone="13900000001")
    assert response.redirect_chain == [(reverse("user_detail", args=[person.pk]), 302)]
    assert invitations.path(person).rsplit("/", 3)[0] in response.text
    assert "李新您好！" in response.text


def test_user_invite_keeps_the_form_when_refused(sign_in, staff: User, invited: User) -> None:
    data = {"name": "李欣", "phone": "13900000001"}
    response = sign_in(staff).post(reverse("user_invite"), data)
    assert response.status_code == 200
    assert "李新" in response.context["form"].non_field_errors()[0]
    assert "李欣" in response.text


def test_invitation_sets_password_and_signs_in(client: Client, invited: User) -> None:
    path = invitations.path(invited)
    assert "李新" in client.get(path).text
    response = client.post(path, BOTH)
    assert response.url == reverse("home")
    invited.refresh_from_db()
    assert invited.check_password(PASSWORD)
    assert invited.access == "active"
    assert client.get(reverse("me")).context["user"] == invited


@pytest.mark.parametrize("password", ["a13900000001", "139-0000-0001"])
def test_invitation_refuses_a_password_made_of_name_or_phone(
    client: Client, invited: User, password: str
) -> None:
    both = {"new_password1": password, "new_password2": password}
    assert client.post(invitations.path(invited), both).status_code == 200
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_invitation_keeps_asking_while_passwords_differ(client: Client, invited: User) -> None:
    path = invitations.path(invited)
    response = client.post(path, {"new_password1": PASSWORD, "new_password2": "other"})
    assert response.status_code == 200
    assert client.post(path, BOTH).status_code == 302


def test_invitation_works_once(client: Client, invited: User) -> None:
    path = invitations.path(invited)
    client.post(path, BOTH)
    again = Client()
    assert again.get(path).status_code == 410
    assert (
        again.post(path, {"new_password1": "b-6-xiao", "new_password2": "b-6"}).status_code == 410
    )
    invited.refresh_from_db()
    assert invited.check_password(PASSWORD)


def test_invitation_expires_after_a_week(
    client: Client, invited: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = invitations.path(invited)
    assert timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) == timedelta(days=7)
    later = datetime.now() + timedelta(days=7, minutes=1)  # noqa: DTZ005 (as Django's tokens do)
    monkeypatch.setattr(invitations._tokens, "_now", lambda: later)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize("uidb64", ["", "MQ", "!!!", "5pyq", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_invitation_with_foreign_token_is_over(
    client: Client, staff: User, invited: User, uidb64: str
) -> None:
    other = actions.invite_user(name="赵新", phone="13900000009", by=staff)
    _, _, own_uid, _, _ = invitations.path(invited).split("/")
    _, _, _, token, _ = invitations.path(other).split("/")
    response = client.get(
        reverse("invitation", kwargs={"uidb64": uidb64 or own_uid, "token": token})
    )
    assert response.status_code == 410


def test_reissue_kills_old_link_and_password(client: Client, staff: User, invited: User) -> None:
    old = invitations.path(invited)
    client.post(old, BOTH)
    actions.reissue_invitation(user=invited, by=staff)
    invited.refresh_from_db()
    assert not invited.check_password(PASSWORD)
    assert client.get(reverse("me")).status_code == 302
    assert client.get(old).status_code == 410
    assert client.get(invitations.path(invited)).status_code == 200


def test_invitation_of_deactivated_user_is_over(client: Client, staff: User, invited: User) -> None:
    path = invitations.path(invited)
    actions.deactivate_user(user=invited, by=staff)
    assert client.get(path).status_code == 410
    with pytest.raises(Refused):
        actions.reissue_invitation(user=invited, by=staff)


def test_invitation_says_in_chinese_what_is_wrong_with_the_new_password(
    client: Client, invited: User
) -> None:
    both = {"new_password1": "k7", "new_password2": "k7"}

    response = client.post(invitations.path(invited), both)

    assert response.context["form"].errors == {"new_password1": ["密码太短，至少要有8个字符。"]}


def test_field_left_empty_is_said_in_our_own_words(client: Client, invited: User) -> None:
    response = client.post(invitations.path(invited), {"new_password1": "", "new_password2": ""})

    assert "此项必填。" in response.content.decode()
