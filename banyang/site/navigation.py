"""The main navigation: which pages each role finds in it, in which order."""

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banyang.reminders.models import Message


@dataclass(frozen=True, eq=False)
class Entry:
    """One page of the navigation, by its URL name.

    `nouns` are those whose pages hang below it: views are named noun first, so that
    `partner_edit` shows the reader below “Partners”.
    """

    name: str
    label: str | Promise
    nouns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it; `current` is what its `aria-current` says.

    `count` says how much is new behind it.
    """

    url: str
    label: str | Promise
    current: str
    count: int = 0


def _entry(name: str, label: str | Promise, *nouns: str) -> Entry:
    return Entry(name, label, frozenset(nouns))


FRONT = _entry("front", _("Front page"))
HOME = _entry("home", _("Home"))
PARTNERS = _entry("partner_list", _("Partners"), "partner", "import", "contact", "member")
PROJECTS = _entry(
    "project_list", _("Projects"), "project", "projectlist", "claim", "step", "delivery"
)
OPEN_PROJECTS = _entry("project_list", _("Open projects"), "project", "projectlist")
CLAIMS = _entry("claim_list", _("My claims"), "claim", "step", "delivery")
NEEDS = _entry("need_list", _("Needs"), "need")
BOARD = _entry("need_board", _("Needs board"), "need")
MARKET_DAYS = _entry("marketday_list", _("Market days"), "marketday", "stall")
COMMUNITIES = _entry("community_list", _("Communities"), "community", "secretary", "helper")
CATALOGUE = _entry("service_list", _("Catalogue"), "service", "group", "category", "catalogue")
REMINDERS = _entry("reminder_list", _("Reminders"), "reminder", "message")
PEOPLE = _entry("user_list", _("People"), "user", "disclosure", "export")
OFFICE = _entry("office_edit", _("Office"), "office", "calendar", "calendarday")
INBOX = _entry("inbox", _("Inbox"))

PUBLIC = (FRONT, OPEN_PROJECTS, BOARD, MARKET_DAYS, COMMUNITIES)
STAFF = (
    HOME,
    PARTNERS,
    PROJECTS,
    NEEDS,
    MARKET_DAYS,
    COMMUNITIES,
    CATALOGUE,
    REMINDERS,
    PEOPLE,
    OFFICE,
)
SECRETARY = (HOME, PROJECTS, NEEDS, MARKET_DAYS, COMMUNITIES, PARTNERS, CATALOGUE)
PARTNER = (HOME, OPEN_PROJECTS, CLAIMS, MARKET_DAYS)
# Somebody whom no community and no partner has named yet.
SIGNED_IN = (HOME, OPEN_PROJECTS, BOARD, MARKET_DAYS, COMMUNITIES)


def _entries(request: HttpRequest) -> tuple[Entry, ...]:
    user = request.user
    if not user.is_authenticated:
        return PUBLIC
    if user.is_staff:
        return (*STAFF, INBOX)
    if user.is_secretary:
        return (*SECRETARY, CLAIMS, INBOX) if user.is_partner else (*SECRETARY, INBOX)
    return (*(PARTNER if user.is_partner else SIGNED_IN), INBOX)


def markup(request: HttpRequest) -> SafeString:
    """The navigation for whoever reads this page, with the page they are on marked.

    It is written once for all pages and people that share it.
    """
    return _markup(_entries(request), _here(request), _unread(request), get_language())


def _here(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return (match.url_name if match else "") or ""


def _unread(request: HttpRequest) -> int:
    user = request.user
    return Message.objects.count_unread_by(user) if user.is_authenticated else 0


def _links(entries: tuple[Entry, ...], here: str, unread: int) -> list[Link]:
    noun = here.partition("_")[0]
    exact = any(entry.name == here for entry in entries)
    found = []
    for entry in entries:
        current = "page" if entry.name == here else ""
        if not exact and noun in entry.nouns:
            current = "true"
        count = unread if entry is INBOX else 0
        found.append(Link(reverse(entry.name), entry.label, current, count))
    return found


@lru_cache(maxsize=1000)
def _markup(
    entries: tuple[Entry, ...], here: str, unread: int, _language: str | None
) -> SafeString:
    links = _links(entries, here, unread)
    return render_to_string("components/navigation.html", {"links": links})
