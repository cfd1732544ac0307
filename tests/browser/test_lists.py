"""Lists that are filtered, sorted and leafed through without a reload, and the same without scripts."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from banyang.accounts.models import User
from partners.factories import PartnerFactory
from tests.browser.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MARK = "() => { window.mark = true; }"


@pytest.fixture
def many_partners(staff: User) -> None:
    for number in range(1, 70):
        PartnerFactory(name=f"淄川第{number:02}便民店", signed=True)


def search(visitor: Visitor, words: str) -> None:
    visitor.page.locator("[name=q]").fill(words)
    visitor.page.locator("[name=q]").press("Enter")


@pytest.mark.usefixtures("many_partners")
def test_list_follows_without_a_reload(staff: User, visitor: Callable[..., Visitor]) -> None:
    clerk = visitor(staff)
    page = clerk.page
    clerk.open("/partners/")
    page.evaluate(MARK)

    search(clerk, "第07")
    page.wait_for_url("**/partners/?*%E7%AC%AC07*")
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
    clerk.sees("淄川第07便民店")
    page.wait_for_function("() => document.getElementById('announcement').textContent === '共1条'")
    page.wait_for_function("() => document.activeElement.name === 'q'")
    # What is outside the list follows too: from here the language is switched on this very page.
    assert "%E7%AC%AC07" in (page.locator("[name=next]").first.get_attribute("value") or "")
    clerk.look()

    page.locator(".chip").first.click()
    page.locator("tbody tr").nth(29).wait_for()
    page.locator("th a.sort", has_text="名称").click()
    page.locator("th[aria-sort=ascending] a", has_text="名称").wait_for()
    page.wait_for_function("() => document.activeElement.classList.contains('sort')")

    clerk.named("下一页").click()
    page.wait_for_url("**after=*")
    page.wait_for_function("() => document.activeElement.id === 'main' && window.scrollY === 0")
    assert page.evaluate("window.mark")
    clerk.look()

    page.go_back()
    page.wait_for_url("**/partners/?sort=name")
    page.locator("tbody tr").nth(29).wait_for()
    clerk.sees("淄川第01便民店")


@pytest.mark.usefixtures("many_partners")
def test_list_works_without_scripts(staff: User, visitor: Callable[..., Visitor]) -> None:
    clerk = visitor(staff, javascript=False, viewport=PHONE)
    clerk.open("/partners/")

    search(clerk, "第07")
    clerk.page.wait_for_url("**/partners/?*%E7%AC%AC07*")
    clerk.sees("淄川第07便民店")
    assert clerk.page.locator("tbody tr").count() == 1


@pytest.mark.usefixtures("many_partners")
def test_ended_session_leads_to_the_sign_in_page(
    staff: User, visitor: Callable[..., Visitor]
) -> None:
    clerk = visitor(staff)
    clerk.open("/partners/")
    clerk.page.context.clear_cookies()

    search(clerk, "第07")
    clerk.page.wait_for_url("**/sign-in/**")
    clerk.sees("密码")


@pytest.mark.parametrize(
    ("status", "answer", "shown"),
    [
        (500, lambda: render_to_string("500.html"), "系统出错了"),
        (502, lambda: "<h1>Bad Gateway</h1>", "Bad Gateway"),
    ],
    ids=["ours", "a-proxys"],
)
@pytest.mark.usefixtures("many_partners")
def test_error_is_shown_in_place_of_the_list(
    staff: User, visitor: Callable[..., Visitor], status: int, answer: Callable[[], str], shown: str
) -> None:
    clerk = visitor(staff)
    page = clerk.page
    with translation.override("zh-hans"):
        body = answer()
    clerk.open("/partners/")
    page.route(
        "**/partners/?*",
        lambda route: route.fulfill(status=status, content_type="text/html", body=body),
    )

    search(clerk, "第07")
    page.get_by_role("heading", name=shown).wait_for()
    page.wait_for_url("**/partners/?*%E7%AC%AC07*")
    clerk.problems.clear()  # the failed request itself


@pytest.mark.usefixtures("many_partners")
def test_filters_are_folded_away_on_a_phone_until_one_is_chosen(
    staff: User, visitor: Callable[..., Visitor]
) -> None:
    clerk = visitor(staff, viewport=PHONE)
    clerk.open("/partners/")
    kind = clerk.page.locator("[name=kind]")
    assert clerk.page.locator("[name=q]").is_visible()
    assert not kind.is_visible()

    clerk.page.get_by_label("筛选", exact=True).press("Space")
    assert kind.is_visible()
    clerk.look()

    clerk.open("/partners/?kind=resident")
    assert kind.is_visible()
