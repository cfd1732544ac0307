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


HEADINGS = "<h2>一</h2><h3>二</h3><h4>三</h4>"
FIELDS = "<label for='a'>姓</label><input id='a'><label for='%s'>名</label><input id='b'>"


@pytest.mark.parametrize(
    ("sound", "wrong", "noticed"),
    [
        (FIELDS % "b", FIELDS % "a", "Form elements must have labels"),
        (HEADINGS, HEADINGS + "<h2>四</h2><h4>五</h4>", "Heading levels"),
        ("<nav>一</nav>", "<nav>一</nav><nav>一</nav>", "Landmarks should have a unique"),
    ],
    ids=["label", "headings", "landmarks"],
)
def test_visitor_notices_what_differs_from_a_sound_page_only_by_its_place(
    sound: str, wrong: str, noticed: str, visitor: Callable[..., Visitor]
) -> None:
    anybody = visitor(viewport=PHONE)
    anybody.page.set_content(PAGE % sound)
    anybody.look()
    assert anybody.problems == []
    anybody.page.set_content(PAGE % wrong)
    anybody.look()
    problems = "\n".join(anybody.problems)
    anybody.problems.clear()
    assert noticed in problems


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
