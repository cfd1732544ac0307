"""Turning to large type or another language in the middle of a form."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from banyang.accounts.models import User
from communities.models import Community
from tests.browser.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = "三号楼二单元的灯不亮\n晚上看不清台阶"


def press(visitor: Visitor, name: str) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator("header button:visible").filter(has_text=name).first.click()
    visitor.look()


def stands_in(visitor: Visitor, name: str) -> str:
    return visitor.page.locator(f"main [name='{name}']").input_value()


def test_what_is_filled_in_stays_when_the_type_grows(
    visitor: Callable[..., Visitor], community: Community
) -> None:
    resident = visitor(viewport=PHONE)
    resident.open(reverse("need_create"))
    resident.fill(community=str(community), text=WORDS, asker_phone="139 1234")
    press(resident, "大字版")
    assert resident.page.locator("html.elder").count()
    assert stands_in(resident, "community") == str(community.pk)
    assert stands_in(resident, "text") == WORDS
    assert stands_in(resident, "asker_phone") == "139 1234"
    # It comes along once: whoever opens the page the next time finds it empty.
    resident.open(reverse("need_create"))
    assert stands_in(resident, "text") == ""


def test_what_was_refused_stays_when_the_language_changes(
    visitor: Callable[..., Visitor], community: Community
) -> None:
    resident = visitor()
    resident.open(reverse("need_create"))
    resident.fill(community=str(community), text=WORDS, asker_phone="139 1234")
    resident.click("提交")
    resident.sees("不是电话号码")
    press(resident, "English")
    assert stands_in(resident, "text") == WORDS
    resident.fill(asker_phone="13912345678")
    resident.click("Send")
    resident.sees("thank you")


def test_password_is_not_kept_when_the_language_changes(
    visitor: Callable[..., Visitor], member: User
) -> None:
    anybody = visitor()
    anybody.open(reverse("sign_in"))
    anybody.fill(username="member", password="secret")
    press(anybody, "English")
    assert stands_in(anybody, "username") == "member"
    assert stands_in(anybody, "password") == ""
    assert anybody.page.evaluate("sessionStorage.getItem('filled-in')") is None


def test_what_somebody_else_has_stored_is_not_lost_by_a_switch(
    visitor: Callable[..., Visitor], member: User
) -> None:
    person = visitor(member)
    person.open(reverse("me"))
    person.fill(name="新名")
    User.objects.filter(pk=member.pk).update(name="后改")
    press(person, "大字版")
    person.click("保存")
    person.sees("您打开本页后")
    assert User.objects.get(pk=member.pk).name == "后改"
