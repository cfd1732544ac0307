"""What every list page is made of: filters, sorting and paging that live in the URL.

A list page reads its query string into a `FilterForm`, takes `filters.filtered(queryset)`, and
shows a `Page` of it: `numbered_page` for short lists in any order, `keyset_page` where a table
may grow to a million rows. `components/filters.html`, `chips.html`, `sort_header.html`,
`pager.html` and `empty.html` show them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Expression, F, Func, Model, QuerySet, TextField, Value
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyang.foundation.dates import day
from banyang.foundation.forms import DASHES

PER_PAGE = 30
COUNT_CAP = 10_000  # rows; counting further costs more than anybody learns from it
# Rows that are sorted when a page is asked for. Where more match, their index is walked in order;
# doing so for a few would pass by all those that don't match, and PostgreSQL's guess of how many
# do is not good enough to leave the choice to it (450 ms against 1 ms for none of 200,000).
FEW = 1_000
PAGING = ("page", "after", "before", "last")


def query(params: QueryDict, *without: str, **changes: object) -> str:
    """The query string of `params`, from its first page, without some names and with `changes`."""
    kept = {
        name: values
        for name, values in params.lists()
        if name not in PAGING and name not in without and any(values)
    }
    kept |= {name: [str(value)] for name, value in changes.items()}
    return "?" + urlencode(kept, doseq=True)


# --- Filters -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sort:
    """An order that a list can be read in.

    `by` names a field or is an expression that is never null; the primary key breaks ties.
    `down` is used in its place from last to first, for what should come last both ways.
    `last_first` is for an order that people mostly want the other way round.
    """

    label: str | Promise
    by: str | Expression
    down: str | Expression | None = None
    last_first: bool = False

    def expression(self, descending: bool) -> Any:
        chosen = self.down if descending and self.down is not None else self.by
        return F(chosen) if isinstance(chosen, str) else chosen


@dataclass(frozen=True)
class Chip:
    """An active filter, and the query string without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True)
class Control:
    """A filter as the form shows it; `kind` is "select", "checkbox" or an input's type."""

    name: str
    label: str
    kind: str
    value: str
    placeholder: str
    choices: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        return f"filter_{self.name}"


@dataclass(frozen=True)
class SortHeader:
    """A column's title as a link: where it leads and how the list is sorted by it now."""

    name: str
    label: str
    query: str
    direction: str  # "ascending", "descending" or ""


class FilterForm(forms.Form):
    """What narrows and orders one list, read from its query string.

    A subclass declares fields, of which none is ever required, `SORTS` (the first is the
    default; `-name` turns it round) and `filtered`. A choice that is empty says “all” unless the
    field says something else. A value that is not valid is left out and listed in `ignored`, so
    that an old or a mistyped link still opens.
    """

    SORTS: dict[str, Sort] = {}
    data: QueryDict

    def __init__(self, params: QueryDict, **kwargs: Any) -> None:
        super().__init__(params, **kwargs)
        if self.SORTS:
            self.fields["sort"] = forms.ChoiceField(label=_("Sort by"), choices=self._sort_choices)
        for field in self.fields.values():
            field.required = False
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
                field.empty_label = _("all")
        self.ignored = [
            _("“%(value)s” is no value for “%(label)s”, so it was left out.")
            % {"value": params.get(name, ""), "label": self.fields[name].label}
            for name in self.errors
        ]
        if self.ignored:
            self.data = params.copy()
            for name in list(self.errors):
                del self.data[name]
            self.full_clean()

    def filtered(self, queryset: Any) -> Any:
        """Those of `queryset` that the filters in `self.active` leave."""
        raise NotImplementedError

    @cached_property
    def active(self) -> dict[str, Any]:
        """The filters that are set: field name to cleaned value."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "sort" and value not in (None, "", False) and value != []
        }

    @cached_property
    def chips(self) -> list[Chip]:
        return [
            Chip(str(self.fields[name].label), self._shown(name, value), query(self.data, name))
            for name, value in self.active.items()
        ]

    @cached_property
    def controls(self) -> list[Control]:
        """The form's fields, ready for a template to write them without rendering widgets.

        Widgets render a template for every option, which would take longer than the list.
        """
        return [self._control(name, field) for name, field in self.fields.items()]

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter other than the search has been chosen."""
        return any(self.data.get(name) for name in self.active if name != "q")

    def _control(self, name: str, field: forms.Field) -> Control:
        kind, value = getattr(field.widget, "input_type", "text"), str(self.data.get(name, ""))
        if name == "sort":
            value = self.sort
        choices = tuple((str(key), str(label)) for key, label in _choices(field))
        placeholder = str(field.widget.attrs.get("placeholder", ""))
        kind = field.widget.attrs.get("type", kind)
        return Control(name, str(field.label), kind, value, placeholder, choices)

    @cached_property
    def query(self) -> str:
        """The query string of what is shown, without its page: for exports."""
        return query(self.data)

    @property
    def query_without_filters(self) -> str:
        return query(self.data, *(name for name in self.fields if name != "sort"))

    # Sorting

    @property
    def sort(self) -> str:
        """The sort as the URL names it: `name` or `-name`."""
        return self.cleaned_data.get("sort") or next(iter(self.SORTS))

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def sort_expression(self) -> Any:
        return self.SORTS[self.sort.removeprefix("-")].expression(self.descending)

    def sorted(self, queryset: Any) -> Any:
        """`queryset` in the chosen order."""
        return in_order(queryset, self.sort_expression, descending=self.descending)

    @cached_property
    def headers(self) -> dict[str, SortHeader]:
        """The sortable columns' titles by name."""
        headers = {}
        for name, sort in self.SORTS.items():
            direction = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
            down_next = direction == "ascending" or (not direction and sort.last_first)
            turned = f"-{name}" if down_next else name
            headers[name] = SortHeader(
                name, str(sort.label), query(self.data, sort=turned), direction
            )
        return headers

    def _sort_choices(self) -> Iterator[tuple[str, str]]:
        for name, sort in self.SORTS.items():
            yield name, _("%(label)s, ascending") % {"label": sort.label}
            yield f"-{name}", _("%(label)s, descending") % {"label": sort.label}

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(value, bool):
            return ""  # the label says it all
        if hasattr(value, "isoformat"):
            return day(value)
        if isinstance(value, Model):
            return str(value)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(choices).get(value, value))
        return str(value)


def _choices(field: forms.Field) -> Iterator[tuple[object, object]]:
    """What a field lets one choose from, if it does."""
    if isinstance(field, forms.ModelChoiceField):
        # Django's own iterator opens a cursor on the server: three round trips for a dozen rows.
        if field.empty_label is not None:
            yield "", field.empty_label
        for choice in field.queryset or ():
            yield field.prepare_value(choice), field.label_from_instance(choice)
    elif isinstance(field, forms.ChoiceField):
        choices: Iterable[Any] = field.widget.choices
        yield from choices


# --- Pages ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Some rows of a list, how many there are in all, and query strings to the other pages."""

    rows: list[Any]
    count: int
    first: str = ""
    previous: str = ""
    next: str = ""
    last: str = ""
    number: int = 0  # of a numbered page; 0 for keyset pages, which have no number
    pages: int = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    @property
    def total(self) -> str:
        """How many there are, in words; above the cap `10,000+`."""
        if self.count > COUNT_CAP:
            return _("%(count)s+ in all") % {"count": f"{COUNT_CAP:,}"}
        return ngettext("%(count)s in all", "%(count)s in all", self.count) % {
            "count": f"{self.count:,}"
        }


def capped_count(queryset: QuerySet) -> int:
    """How many rows `queryset` has, counted up to one above `COUNT_CAP`."""
    return queryset.order_by()[: COUNT_CAP + 1].count()


def numbered_page(request: HttpRequest, queryset: QuerySet, *, per_page: int = PER_PAGE) -> Page:
    """The page that `?page=` names, of a list in any order; no deeper than `COUNT_CAP` rows."""
    count = capped_count(queryset)
    pages = max(1, -(-min(count, COUNT_CAP) // per_page))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1

    def link(to: int) -> str:
        return query(request.GET, page=to) if 1 <= to <= pages and to != number else ""

    return Page(
        rows=list(queryset[(number - 1) * per_page : number * per_page]),
        count=count,
        first=link(1),
        previous=link(number - 1),
        next=link(number + 1),
        last=link(pages),
        number=number,
        pages=pages,
    )


class RowValue(Func):
    """`ROW(a, b)`: compared part by part, which an index on (a, b) answers."""

    function = "ROW"
    output_field = TextField()  # for Django's sake; PostgreSQL compares the parts' own types


def in_order(queryset: Any, by: Any, *, descending: bool = False) -> Any:
    """`queryset` by `by` and then by primary key, both in the same direction."""
    if descending:
        return queryset.order_by(by.desc(), "-pk")
    return queryset.order_by(by.asc(), "pk")


def keyset_page(
    request: HttpRequest,
    queryset: QuerySet,
    *,
    visible: QuerySet,
    by: Expression | F,
    descending: bool = False,
    shaped: Callable[[Any], Any] = lambda queryset: queryset,
    per_page: int = PER_PAGE,
) -> Page:
    """The page after or before the row that the URL names, or the last one.

    No page costs more than another: the rows are found by their place in the index on
    (`by`, primary key) and not by counting from the top, and the last page is read from the
    other end. `shaped` makes of the queryset what the rows show, which is not needed for
    counting them; rows need a `pk`: instances or named tuples. `visible` are those that the
    reader may see, before any filter: a row that no longer matches still has its place, one
    that is hidden from them must not tell its own.
    """
    backwards = "before" in request.GET or "last" in request.GET
    anchor = _anchor(request, visible, by)
    ahead = descending == backwards  # whether this page is read upwards
    rows = shaped(queryset)
    if anchor is not None:
        side = "gt" if ahead else "lt"
        anchored = RowValue(*(Value(part) for part in anchor))
        rows = rows.alias(_position=RowValue(by, F("pk"))).filter(
            **{f"_position__{side}": anchored}
        )
    count = capped_count(queryset)
    if count <= FEW:
        order = RowValue(by, F("pk"))
        rows = rows.order_by(order.asc() if ahead else order.desc())
    else:
        rows = in_order(rows, by, descending=not ahead)
    rows = list(rows[: per_page + 1])
    more = len(rows) > per_page
    rows = rows[:per_page]
    if backwards:
        rows.reverse()
    is_first = not more if backwards else anchor is None
    is_last = (anchor is None) if backwards else not more
    return Page(
        rows=rows,
        count=count,
        first="" if is_first else query(request.GET),
        previous="" if is_first or not rows else query(request.GET, before=rows[0].pk),
        next="" if is_last or not rows else query(request.GET, after=rows[-1].pk),
        last="" if is_last else query(request.GET, last=1),
    )


def _anchor(request: HttpRequest, visible: QuerySet, by: Any) -> tuple[Any, int] | None:
    """The place in the order, as (sort value, pk), that the page is asked to begin or end at."""
    pk = request.GET.get("after") or request.GET.get("before") or ""
    if not pk.isdecimal() or len(pk) > 18:
        return None
    return visible.filter(pk=pk).values_list(by, "pk").first()
