"""A real Chromium, and somebody who uses the product in it."""

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    sync_playwright,
)

from banyang.accounts.models import User
from tests.plugin_browser import find_chromium

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PATIENCE = 60_000  # milliseconds; a busy machine is slow, not broken
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What passes is not told, which makes it twice as fast.
    "resultTypes": ["violations"],
    "preload": False,
}


# What axe judges a page by, without its words: every element with its parent and attributes, and
# whether it is ticked and shows, once; which heading follows on which; how many landmarks of a
# kind there are.
SHAPE = """() => {
    const worded = /^(lang|href|src|action|value|content|data-label|hx-.*|id|for|name|aria-label)$/;
    const sign = element => element.tagName + [...element.attributes]
        .filter(attribute => !worded.test(attribute.name))
        .map(attribute => ` ${attribute.name}=${attribute.value}`).join('');
    const named = element => ['id', 'for', 'name', 'aria-label', 'href', 'data-label']
        .filter(name => element.getAttribute(name)).join(',');
    const shape = [...document.querySelectorAll('*')].map(element =>
        `${element.parentElement ? sign(element.parentElement) : ''} > ${sign(element)} ` +
        `${named(element)} ${element.labels?.length} ${element.textContent.trim() !== ''} ` +
        `${element.checked} ${element.getClientRects().length > 0}`);
    const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
        .map((heading, index, all) => `${all[index - 1]?.tagName} before ${heading.tagName}`);
    const landmarks = ['main', 'nav', 'body > header', 'body > footer', 'aside']
        .map(kind => `${kind}: ${document.querySelectorAll(kind).length}`);
    return [...new Set([...shape, ...headings, ...landmarks])].join('\\n');
}"""

# What a shape leaves out: ids that two elements have, and references that lead nowhere.
ASTRAY = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    const lost = ['for', 'aria-labelledby', 'aria-describedby'].flatMap(name =>
        [...document.querySelectorAll(`[${name}]`)]
            .flatMap(element => element.getAttribute(name).split(/\\s+/))
            .filter(id => !document.getElementById(id))
            .map(id => `${name}="${id}" leads nowhere`));
    return [...twice.map(id => `two elements have the id ${id}`), ...lost];
}"""


class Visitor:
    """A person in front of a browser; every page they see is checked.

    `problems` gathers what a page must never do: errors in the console, broken policies, failed
    requests, sideways scrolling, ids that are not unique, and whatever axe finds.
    """

    # The shapes of pages that axe has found nothing wrong with, by window.
    sound: ClassVar[set[tuple[int, str]]] = set()

    def __init__(self, context: BrowserContext, base: str, *, javascript: bool) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.base, self.javascript = base, javascript
        self.width = (self.page.viewport_size or DESKTOP)["width"]
        self.problems: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium repeats every failed request in the console; responses are looked at below.
        if message.type in {"error", "warning"} and "status of" not in message.text:
            self.problems.append(f"{self.page.url}: {message.text}")

    def _on_response(self, response: Any) -> None:
        if response.status >= 400 and "favicon" not in response.url:
            self.problems.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        """Type an address of the site, or paste a whole one."""
        self.page.goto(path if path.startswith("http") else self.base + path)
        self.look()

    def go(self, name: str) -> None:
        """Follow the entry of the main navigation with this name; on a phone out of the menu."""
        menu = self.page.locator("header summary")
        if menu.is_visible():
            menu.click()
            self.look()
        entry = self.page.locator("header nav a:visible").filter(has_text=re.compile(rf"^{name}"))
        with self.page.expect_navigation():
            entry.first.click()
        self.look()

    def click(self, name: str) -> None:
        """Press the button or follow the link that begins with these words, then look."""
        with self.page.expect_navigation():
            self.named(name).click()
        self.look()

    def named(self, name: str) -> Locator:
        """The first button or link in the page's content that begins with these words.

        One that says nothing else goes before one that says more.
        """
        main = self.page.locator("main")
        for pattern in (rf"^\s*{re.escape(name)}\s*$", rf"^\s*{re.escape(name)}"):
            words = re.compile(pattern)
            found = main.get_by_role("button", name=words)
            found = found.or_(main.get_by_role("link", name=words))
            if found.count():
                return found.first
        return found.first

    def fill(self, **values: str) -> None:
        """Fill in the form's fields by their names; on a phone those that are folded away too."""
        fold = self.page.locator("main label.filters-fold")
        for name, value in values.items():
            wanted = self.page.locator(f"main [name='{name}']")
            if wanted.count() and not wanted.locator("visible=true").count() and fold.is_visible():
                fold.click()
            field = wanted.locator("visible=true").first
            if field.and_(self.page.locator("select")).count():
                field.select_option(label=value)
            elif field.and_(self.page.locator("[type=radio], [type=checkbox]")).count():
                self.page.locator("main").get_by_label(value, exact=True).check()
            else:
                field.fill(value)

    def arrives(self, part: str) -> None:
        """Wait until the address has `part` in it, also where a second click called the first off."""
        deadline = time.monotonic() + PATIENCE / 1000
        while part not in self.page.url:
            assert time.monotonic() < deadline, f"still at {self.page.url}"
            self.page.wait_for_timeout(50)
        self.page.wait_for_load_state()

    def sees(self, text: str) -> None:
        self.page.locator("main").get_by_text(text).locator("visible=true").first.wait_for()

    def sign_in(self, username: str, password: str) -> None:
        self.open("/sign-in/")
        self.fill(username=username, password=password)
        self.click("登录")

    def look(self) -> None:
        """Check the page as it is now."""
        if not self.javascript:
            return
        overflow = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            self.problems.append(f"{self.page.url} is {overflow} px wider than the window")
        astray = self.page.evaluate(ASTRAY)
        self.problems += [f"{self.page.url}: {problem}" for problem in astray]
        shape = self.width, self.page.evaluate(SHAPE)
        if shape in self.sound:
            return
        violations = Axe().run(self.page, options=AXE).response["violations"]
        for violation in violations:
            capacity = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            self.problems.append(f"{self.page.url}: {violation['help']}: {capacity}")
        if not violations:
            self.sound.add(shape)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; Django's check for it would refuse the database.
    # Tests elsewhere keep that check, and a thread without a loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; at the end of the test none of them may have met a problem."""
    visitors: list[Visitor] = []
    contexts: list[BrowserContext] = []

    def _visitor(
        user: User | None = None,
        *,
        viewport: dict[str, int] = DESKTOP,
        language: str = "zh-CN",
        javascript: bool = True,
        elder: bool = False,
    ) -> Visitor:
        context = chromium.new_context(
            viewport=viewport, locale=language, java_script_enabled=javascript
        )
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
        if elder:
            context.add_cookies([{"name": "view", "value": "elder", "url": live_server.url}])
        visitors.append(Visitor(context, live_server.url, javascript=javascript))
        return visitors[-1]

    yield _visitor
    for context in contexts:
        context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []
