"""Signing in by phone number or username, and what keeps others out."""

from http.cookies import SimpleCookie

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from banyang.accounts import actions
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.accounts.views import own

PASSWORD = "haoma-7-menpai"
WRONG = "do not belong together"


@pytest.fixture(autouse=True)
def _english(client: Client) -> None:
    client.cookies = SimpleCookie({"django_language": "en"})


@pytest.fixture
def user(db: None) -> User:
    user = UserFactory(username="wangfang", phone="13812345678", name="王芳")
    user.set_password(PASSWORD)
    user.save()
    return user


def try_sign_in(client: Client, username: str, password: str = PASSWORD, **data: str):
    data = {"username": username, "password": password, **data}
    return client.post(reverse("sign_in"), data)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "spelling",
    [
        "wangfang",
        " wangfang ",
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "+86 13812345678",
    ],
)
def test_sign_in_takes_username_and_any_spelling_of_phone(
    client: Client, user: User, spelling: str
) -> None:
    response = try_sign_in(client, spelling)
    assert response.status_code == 302
    assert response.url == reverse("home")
    assert signed_in(client)


def test_sign_in_keeps_next_and_refuses_another_site(client: Client, user: User) -> None:
    page = client.get(reverse("sign_in"), {"next": reverse("me")})
    assert f'name="next" value="{reverse("me")}"' in page.text
    assert try_sign_in(client, "wangfang", next=reverse("me")).url == reverse("me")
    client.logout()
    assert try_sign_in(client, "wangfang", next="https://evil.example/").url == reverse("home")


def test_sign_in_says_that_what_was_sent_without_a_session_is_not_saved(
    client: Client, user: User
) -> None:
    form = f"{reverse('me')}?from=menu"
    sent = client.post(
        reverse("password_change"), headers={"referer": f"http://testserver{form}"}, follow=True
    )
    assert "is not saved" in sent.text
    assert f'name="next" value="{form}"' in sent.text
    assert try_sign_in(client, "wangfang", next=form).url == form


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/", "https://testserver.evil.example/"]
)
def test_sign_in_after_a_form_from_nowhere_leads_home(
    client: Client, db: None, referer: str
) -> None:
    sent = client.post(reverse("me"), headers={"referer": referer}, follow=True)
    assert f'name="next" value="{reverse("home")}"' in sent.text


def test_sign_in_before_a_page_says_nothing_of_a_form(client: Client, db: None) -> None:
    page = client.get(reverse("password_change"), follow=True)
    assert "is not saved" not in page.text
    assert f'name="next" value="{reverse("password_change")}"' in page.text


def test_sign_in_failure_does_not_tell_who_has_an_account(client: Client, user: User) -> None:
    def sentences(username: str, password: str) -> list[str]:
        response = try_sign_in(client, username, password)
        assert response.status_code == 200
        return list(response.context["form"].non_field_errors())

    wrong_password = sentences("wangfang", "wrong")
    assert WRONG in wrong_password[0]
    assert sentences("nobody", "wrong") == wrong_password
    actions.deactivate_user(user=user, by=UserFactory(is_staff=True))
    assert sentences("wangfang", PASSWORD) == wrong_password


@pytest.mark.parametrize("whose", ["somebody's", "nobody's"])
def test_sign_in_locks_after_five_failures_whatever_the_spelling(
    client: Client, user: User, whose: str
) -> None:
    if whose == "nobody's":  # which the lock does not tell
        user.delete()
    for spelling in ("13812345678", "138 1234 5678", "138-12345678", "+86 138 1234 5678"):
        assert try_sign_in(client, spelling, "wrong").status_code == 200
    locked = try_sign_in(client, "１３８１２３４５６７８", "wrong")
    assert locked.status_code == 429
    assert "15 minutes" in locked.text
    assert try_sign_in(client, "138.1234.5678").status_code == 429
    assert not signed_in(client)


def test_sign_in_locks_a_username_after_five_failures(client: Client, user: User) -> None:
    for spelling in ("wangfang", " wangfang", "wangfang ", "wangfang"):
        assert try_sign_in(client, spelling, "wrong").status_code == 200
    assert try_sign_in(client, "wangfang", "wrong").status_code == 429
    assert try_sign_in(client, "wangfang").status_code == 429


def test_sign_in_lock_does_not_tell_whose_a_number_is(client: Client, user: User) -> None:
    for _ in range(4):
        try_sign_in(client, "wangfang", "wrong")
    assert try_sign_in(client, "13812345678", "wrong").status_code == 200


@pytest.mark.parametrize("spelling", ["wangfang", "138 1234 5678"])
def test_sign_in_forgets_the_failures_before_it(client: Client, user: User, spelling: str) -> None:
    for _ in range(2):
        for name in ("wangfang", "13812345678"):
            for _ in range(4):
                assert try_sign_in(client, name, "wrong").status_code == 200
        assert try_sign_in(client, spelling).status_code == 302
        client.post(reverse("sign_out"))


def test_sign_in_lock_leaves_others_alone(client: Client, user: User) -> None:
    for _ in range(6):
        try_sign_in(client, "nobody", "wrong")
    assert try_sign_in(client, "wangfang").status_code == 302


def test_sign_in_lock_says_that_it_is_by_network(client: Client, user: User) -> None:
    client.cookies = SimpleCookie({"django_language": "zh-hans"})
    for _ in range(5):
        page = try_sign_in(client, "wangfang", "wrong")
    assert "从本网络登录该账号已暂停，请15分钟后再试" in page.text
    assert "设备" not in page.text


def test_sign_in_takes_so_many_failures_from_one_address(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "FAILURES_PER_ADDRESS", 3)
    for name in ("a", "b"):
        assert try_sign_in(client, name, "wrong").status_code == 200
    for _ in range(4):  # colleagues at the same address, whom nothing is counted against
        assert try_sign_in(client, "wangfang").status_code == 302
        client.post(reverse("sign_out"))
    assert try_sign_in(client, "c", "wrong").status_code == 200

    refused = try_sign_in(client, "wangfang")

    assert refused.status_code == 429
    assert not signed_in(client)
    assert client.get(reverse("sign_in")).status_code == 200
    elsewhere = Client(REMOTE_ADDR="10.0.0.2")
    assert try_sign_in(elsewhere, "wangfang").status_code == 302


def test_sign_in_refused_to_an_address_is_said_in_its_words(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "FAILURES_PER_ADDRESS", 0)
    assert "in an hour" in try_sign_in(client, "wangfang").text
    client.cookies = SimpleCookie({"django_language": "zh-hans"})
    page = try_sign_in(client, "wangfang")
    assert "从本网络登录已暂停，请一小时后再试" in page.text
    assert "该账号" not in page.text


def test_sign_in_sets_the_language_of_the_account(client: Client, user: User) -> None:
    actions.update_user(user=user, language="zh-hans", by=user)
    try_sign_in(client, "wangfang")
    assert client.cookies["django_language"].value == "zh-hans"
    assert client.get(reverse("me")).headers["Content-Language"] == "zh-hans"


def test_sign_out_needs_a_post(client: Client, user: User) -> None:
    client.force_login(user, backend="banyang.accounts.backends.PhoneOrUsernameBackend")
    assert client.get(reverse("sign_out")).status_code == 405
    client.post(reverse("sign_out"))
    assert not signed_in(client)


def test_live_session_ends_when_account_is_deactivated(client: Client, user: User) -> None:
    try_sign_in(client, "wangfang")
    assert client.get(reverse("me")).status_code == 200
    actions.deactivate_user(user=user, by=UserFactory(is_staff=True))
    assert client.get(reverse("me")).status_code == 302


def test_other_sessions_end_when_password_changes(client: Client, user: User) -> None:
    other = Client()
    for device in (client, other):
        try_sign_in(device, "wangfang")
    new = "xin-mima-2026-hao"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("password_change"), data).status_code == 302
    assert client.get(reverse("me")).status_code == 200
    assert other.get(reverse("me")).status_code == 302


def test_csrf_failure_says_what_to_do(user: User) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = try_sign_in(strict, "wangfang")
    assert response.status_code == 403
    assert "send it again" in response.text


@pytest.mark.parametrize("taken", ["138-1234-5678", "0533.5181234", "86-138-1234-5678"])
def test_username_that_reads_as_a_phone_number_is_refused(taken: str) -> None:
    with pytest.raises(ValidationError) as refused:
        UserFactory.build(username=taken).full_clean(validate_unique=False)
    assert "username" in refused.value.message_dict
