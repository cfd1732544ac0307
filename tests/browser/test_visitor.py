"""That a visitor notices what is wrong with a page; else the other tests here would show nothing."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = """<!doctype html><html lang="zh-hans"><head><title>页</title></head>
<body><main><h1>页</h1>%s</main></body></html>"""


@pytest.mark.parametrize(
    ("wrong", "noticed"),
    [
        ("<input name='q'>", "Form elements must have labels"),
        ("<p style='color: #aaa'>看不清的字</p>", "contrast"),
        ("<p style='width: 900px'>太宽</p>", "wider than the window"),
        ("<p id='a'>一</p><p id='a'>二</p>", "two elements have the id a"),
        ("<label for='b'>名</label><input id='c' aria-label='名'>", 'for="b" leads nowhere'),
        ("<p aria-describedby='d'>字</p>", 'aria-describedby="d" leads nowhere'),
        ("<script>nonsense()</script>", "script error"),
        ("<script>console.error('Refused')</script>", "Refused"),
    ],
    ids=["label", "contrast", "wide", "twice", "for", "described", "script", "console"],
)
def test_visitor_notices(wrong: str, noticed: str, visitor: Callable[..., Visitor]) -> None:
    anybody = visitor(viewport=PHONE)
    anybody.page.set_content(PAGE % wrong)  # a blank page, which has no policy
    anybody.look()
    problems = "\n".join(anybody.problems)
    anybody.problems.clear()
    assert noticed in problems


def test_visitor_notices_a_label_that_has_moved(visitor: Callable[..., Visitor]) -> None:
    fields = "<label for='a'>姓</label><input id='a'><label for='%s'>名</label><input id='b'>"
    anybody = visitor(viewport=PHONE)
    anybody.page.set_content(PAGE % fields % "b")
    anybody.look()
    assert anybody.problems == []
    anybody.page.set_content(PAGE % fields % "a")  # the same shape but for that
    anybody.look()
    problems = "\n".join(anybody.problems)
    anybody.problems.clear()
    assert "Form elements must have labels" in problems


def test_visitor_notices_a_broken_policy(visitor: Callable[..., Visitor]) -> None:
    anybody = visitor()
    anybody.open("/sign-in/")
    with anybody.page.expect_console_message():  # it comes when it comes
        anybody.page.evaluate("document.body.setAttribute('onclick', 'nonsense()')")
    problems = "\n".join(anybody.problems)
    anybody.problems.clear()
    assert "Content Security Policy" in problems


def test_visitor_notices_a_page_that_is_not_there(visitor: Callable[..., Visitor]) -> None:
    anybody = visitor()
    anybody.open("/nowhere/")
    problems = "\n".join(anybody.problems)
    anybody.problems.clear()
    assert "404" in problems


def test_visitor_finds_nothing_wrong_with_a_sound_page(visitor: Callable[..., Visitor]) -> None:
    visitor(viewport=PHONE).open("/sign-in/")
