"""Filters, sorting and paging as every list page uses them."""

from typing import Any

import pytest
from django import forms
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from banyang.foundation import listing as lists
from partners.factories import PartnerFactory
from partners.models import Partner

pytestmark = pytest.mark.django_db

NUMBER = Coalesce(F("number"), Value(2**31 - 1))


class Filters(lists.FilterForm):
    SORTS = {"number": lists.Sort("Number", NUMBER), "name": lists.Sort("Name", "name")}

    q = forms.CharField(label="Search")
    kind = forms.ChoiceField(label="Kind", choices=[("", "all"), *Partner.Kind.choices])

    def filtered(self, queryset: Any) -> Any:
        return queryset.filter(**{k: v for k, v in self.active.items() if k == "kind"})


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def keyset(
    params: str,
    *,
    descending: bool = False,
    visible: Any = Partner.objects,
    **filters: Any,
) -> lists.Page:
    request = RequestFactory().get("/?" + params.removeprefix("?"))
    return lists.keyset_page(
        request,
        visible.filter(**filters),
        visible=visible.all(),
        by=NUMBER,
        descending=descending,
        per_page=10,
    )


def walk(start: str, step: str, *, descending: bool = False) -> list[int]:
    """The keys met from `start` on by following the links named `step`."""
    found: list[int] = []
    query = start
    while True:
        page = keyset(query, descending=descending)
        keys = [row.pk for row in page]
        found = found + keys if step == "next" else keys + found
        query = getattr(page, step)
        if not query:
            return found


@pytest.fixture
def many(db: None) -> list[int]:
    """Twenty-three signed partners and four applicants, in the order of the list."""
    signed = [PartnerFactory(signed=True).pk for _ in range(23)]
    return signed + [PartnerFactory().pk for _ in range(4)]


@pytest.mark.parametrize("descending", [False, True])
def test_keyset_pages_meet_every_row_once_in_order(many: list[int], descending: bool) -> None:
    expected = many[::-1] if descending else many
    assert walk("", "next", descending=descending) == expected
    assert walk("last=1", "previous", descending=descending) == expected


def test_keyset_first_and_last_page_have_no_links_beyond(many: list[int]) -> None:
    first, last = keyset(""), keyset("last=1")
    assert (first.first, first.previous) == ("", "")
    assert (last.next, last.last) == ("", "")
    assert [row.pk for row in last] == many[-10:]


@pytest.mark.parametrize("params", ["after=999999999", "after=x", "after=", "page=-3", "after=٣"])
def test_keyset_page_opens_first_page_for_a_place_that_is_none(
    many: list[int], params: str
) -> None:
    assert [row.pk for row in keyset(params)] == many[:10]


def test_keyset_page_goes_on_from_a_row_that_no_longer_matches(many: list[int]) -> None:
    Partner.objects.filter(pk=many[9]).update(kind=Partner.Kind.ENTERPRISE)
    page = keyset(f"after={many[9]}", kind=Partner.Kind.SOLE_TRADER)
    assert [row.pk for row in page] == many[10:20]


def test_keyset_page_does_not_tell_the_place_of_a_row_that_is_hidden(many: list[int]) -> None:
    visible = Partner.objects.exclude(pk=many[9])
    for step in ("after", "before"):
        hidden, none = (
            [row.pk for row in keyset(f"{step}={pk}", visible=visible)]
            for pk in (many[9], 999_999_999)
        )
        assert hidden == none


@pytest.mark.parametrize(
    ("asked", "shown"), [("", 1), ("2", 2), ("3", 3), ("99", 3), ("0", 1), ("x", 1), ("²", 1)]
)
def test_numbered_page_is_the_nearest_that_exists(many: list[int], asked: str, shown: int) -> None:
    request = RequestFactory().get("/", {"page": asked, "q": "商"})
    page = lists.numbered_page(request, Partner.objects.all(), per_page=10)
    assert page.number == shown
    assert [row.pk for row in page] == many[(shown - 1) * 10 : shown * 10]
    assert page.pages == 3
    assert "q=" in (page.next or page.previous)


def test_count_stops_at_the_cap(many: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNT_CAP", 20)
    page = keyset("")
    assert page.count == 21
    assert page.total == "20+ in all"


def test_filters_tell_what_they_left_out() -> None:
    filters = Filters(QueryDict("kind=martian&sort=secret&q=店&unknown=1"))
    assert filters.active == {"q": "店"}
    assert filters.sort == "number"
    assert len(filters.ignored) == 2
    assert "martian" in filters.ignored[0]


def test_chip_removes_its_filter_and_the_page_and_keeps_the_rest() -> None:
    filters = Filters(QueryDict("kind=resident&q=a&sort=-name&after=7"))
    by_label = {chip.label: chip for chip in filters.chips}
    assert by_label["Kind"].value == "resident"
    assert by_label["Kind"].query == "?q=a&sort=-name"
    assert filters.query_without_filters == "?sort=-name"


@pytest.mark.parametrize(
    ("params", "is_narrowed"),
    [("q=a&sort=name", False), ("kind=martian", False), ("kind=resident", True)],
)
def test_list_is_narrowed_by_a_filter_and_not_by_a_search(params: str, is_narrowed: bool) -> None:
    assert Filters(QueryDict(params)).is_narrowed == is_narrowed


def test_sort_header_turns_the_direction_round() -> None:
    filters = Filters(QueryDict("sort=name"))
    assert filters.headers["name"].direction == "ascending"
    assert filters.headers["name"].query == "?sort=-name"
    assert filters.headers["number"].direction == ""
    assert filters.headers["number"].query == "?sort=number"
