"""What every page has around its content."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import User
from banyang.site.navigation import markup
from projects.lists.factories import ProjectFactory


def links(client: Client, page: str) -> dict[str, str]:
    """The addresses that `page`'s navigation leads to, with what their `aria-current` says."""
    shown = markup(client.get(page).wsgi_request)
    return dict(re.findall(r'<a href="([^"]+)"(?: aria-current="(\w+)")?', shown))


def test_language_is_remembered_on_device_and_account(sign_in, member: User) -> None:
    client = sign_in(member)
    data = {"language": "en", "next": reverse("me")}
    assert client.post(reverse("language_switch"), data).url == reverse("me")
    assert client.get(reverse("me")).headers["Content-Language"] == "en"
    assert User.objects.get(pk=member.pk).language == "en"
    assert client.cookies["django_language"]["max-age"] >= 60 * 60 * 24 * 365


def test_language_of_a_visitor_is_remembered(client: Client, db: None) -> None:
    assert client.get(reverse("sign_in")).headers["Content-Language"] == "zh-hans"
    client.post(reverse("language_switch"), {"language": "en"})
    assert client.get(reverse("sign_in")).headers["Content-Language"] == "en"


def test_language_that_is_none_is_ignored(sign_in, member: User) -> None:
    sign_in(member).post(reverse("language_switch"), {"language": "xx"})
    assert User.objects.get(pk=member.pk).language == "zh-hans"


def test_elder_view_is_remembered_until_switched_off(client: Client, db: None) -> None:
    def is_elder() -> bool:
        return 'class="elder"' in client.get(reverse("sign_in")).text

    assert not is_elder()
    client.post(reverse("view_switch"), {"view": "elder"})
    assert client.cookies["view"]["max-age"] >= 60 * 60 * 24 * 365
    assert is_elder()
    client.post(reverse("view_switch"), {"view": "standard"})
    assert not is_elder()


@pytest.mark.parametrize("name", ["language_switch", "view_switch"])
def test_switches_lead_to_no_other_site(client: Client, db: None, name: str) -> None:
    response = client.post(reverse(name), {"next": "//evil.example/"})
    assert response.url == reverse("front")


def test_navigation_marks_where_one_is(sign_in, staff: User, member: User) -> None:
    client, users = sign_in(staff), reverse("user_list")
    for page, current in ((users, "page"), (reverse("user_detail", args=[member.pk]), "true")):
        marked = {url: mark for url, mark in links(client, page).items() if mark}
        assert marked == {users: current}


def test_one_thing_has_one_name(sign_in, staff: User) -> None:
    client = sign_in(staff)
    office = client.get(reverse("office_edit")).text
    assert "<h1>街道信息</h1>" in office
    password = client.get(reverse("password_change")).text
    refused = client.post(reverse("password_change"), {"old_password": "x"}).text
    assert "原密码" in password
    assert "旧密码" not in password + refused


def test_missing_page_shows_the_frame(sign_in, member: User) -> None:
    response = sign_in(member).get("/no-such-page/")
    assert response.status_code == 404
    assert reverse("home") in response.text
    assert "site-header" in response.text


def test_forbidden_page_says_who_is_signed_in(sign_in, member: User) -> None:
    response = sign_in(member).get(reverse("user_list"))
    assert response.status_code == 403
    assert member.name in response.text
    assert member.username in response.text


def test_forbidden_page_tells_staff_who_claims_and_takes_stalls_only_there(
    sign_in, staff: User
) -> None:
    client, said = sign_in(staff), "由合伙人成员办理"
    claim = client.get(reverse("project_claim", args=[ProjectFactory().pk]))
    stop_all = client.get(reverse("reminder_stop_all"))
    assert (claim.status_code, said in claim.text) == (403, True)
    assert (stop_all.status_code, said in stop_all.text) == (403, False)


def test_address_that_takes_forms_only_shows_the_frame(sign_in, member: User) -> None:
    for visitor, page in ((sign_in(member), "home"), (Client(), "front")):
        response = visitor.get(reverse("sign_out"))
        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert f'href="{reverse(page)}"' in response.text
        assert "site-header" in response.text
        assert visitor.put(reverse("sign_out")).content == b""


def test_server_error_page_needs_no_database(django_assert_num_queries, rf) -> None:
    from banyang.foundation.error_pages import bad_request, server_error

    assert reverse("front") in server_error(rf.get("/")).content.decode()
    assert reverse("front") in bad_request(rf.get("/"), ValueError()).content.decode()


def test_every_crispy_form_has_its_error_summary() -> None:
    """`bootstrap5/errors.html` is empty, so without the summary errors of the whole form are lost."""
    folder = Path(settings.BASE_DIR) / "templates"
    without = []
    for template in folder.rglob("*.html"):
        text = template.read_text()
        shows_form = "|crispy" in text or "{% crispy " in text
        if shows_form and "components/form_errors.html" not in text:
            without.append(str(template.relative_to(folder)))
    assert without == []


def test_no_template_has_inline_style_or_script() -> None:
    """The Content-Security-Policy would refuse them, silently."""
    folder = Path(settings.BASE_DIR) / "templates"
    found = [
        f"{template.relative_to(folder)}: {bad}"
        for template in folder.rglob("*.html")
        if "email" not in template.name
        for bad in (" style=", "<style", "<script>", " onclick=", " onchange=", "javascript:")
        if bad in template.read_text()
    ]
    assert found == []


@pytest.mark.parametrize(
    ("role", "first", "count"),
    [
        ("staff", "home", 11),
        ("secretary", "home", 8),
        ("member", "home", 5),
        ("stranger", "home", 6),
    ],
)
def test_navigation_by_role_leads_to_pages_that_open(
    request: pytest.FixtureRequest, sign_in, role: str, first: str, count: int
) -> None:
    client = sign_in(request.getfixturevalue(role))
    urls = list(links(client, reverse("me")))
    assert urls[0] == reverse(first)
    assert len(urls) == count
    assert {client.get(url).status_code for url in urls} == {200}


def test_navigation_of_a_visitor_leads_to_pages_that_open(client: Client, db: None) -> None:
    urls = list(links(client, reverse("sign_in")))
    assert urls[0] == reverse("front")
    assert {client.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize("name", ["need_receipt", "community_detail"])
def test_address_with_a_nul_in_it_is_a_bad_request(client, db: None, name: str) -> None:
    assert client.get(reverse(name, args=["\0"])).status_code == 400
    assert client.get(reverse("need_create") + "?community=%00").status_code == 400


def test_cookie_with_a_nul_in_it_is_a_bad_request(client, db: None) -> None:
    cookie = f'{settings.SESSION_COOKIE_NAME}="abcdefgh\\000ijkl"'
    assert client.get(reverse("sign_in"), headers={"Cookie": cookie}).status_code == 400
