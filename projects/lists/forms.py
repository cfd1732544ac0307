"""Forms for the yearly lists and the projects on them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Case, F, Q, When
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.accounts.models import User, Visitor
from banyang.foundation.forms import FIRST_YEAR, LAST_YEAR, EditForm, MomentField, TextArea
from banyang.foundation.listing import Chip, FilterForm, Sort, query
from banyang.foundation.public_words import PublicWords
from banyang.office.calendar import add_working_days
from communities.models import Community
from partners.capacity import MOST_PLACES
from projects.catalogue.forms import ServiceField
from projects.catalogue.models import Category, Service
from projects.lists.actions import ProjectDetails
from projects.lists.models import Project, ProjectList
from projects.needs.models import Need

OPENING_TIME = time(9, 0)  # unless the secretary chooses another


class ListFilters(FilterForm):
    SORTS = {
        "year": Sort(_("year"), "year"),
        "community": Sort(_("community"), "community"),
    }

    community = forms.ModelChoiceField(
        Community.objects.all(), label=_("Community"), empty_label=_("every community")
    )
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)

    @property
    def sort(self) -> str:
        """This year's lists come first unless another order is asked for."""
        return self.cleaned_data.get("sort") or "-year"

    def filtered(self, queryset: Any) -> Any:
        return queryset.filter(**self.active)


class ListForm(forms.Form):
    """Which community's list, of which year."""

    community = forms.ModelChoiceField(Community.objects.none(), label=_("Community"))
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        communities = Community.objects.manageable_by(user)
        self.fields["community"].queryset = communities  # type: ignore[attr-defined]
        if len(communities) == 1:
            self.initial.setdefault("community", communities[0])
        self.initial.setdefault("year", self._first_year_without_list())

    def _first_year_without_list(self) -> int:
        """From this year on; this year where the community is still to be chosen."""
        year = timezone.localdate().year
        if community := self.initial.get("community"):
            while ProjectList.objects.of(community, year).exists():
                year += 1
        return year

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        community, year = data.get("community"), data.get("year")
        if community and year and (there := ProjectList.objects.of(community, year).first()):
            raise forms.ValidationError(
                format_html(
                    gettext(
                        "The community already has a list for this year: {list}. Open it there."
                    ),
                    list=format_html('<a href="{}">{}</a>', there.get_absolute_url(), there),
                )
            )
        return data


class PublishForm(forms.Form):
    """When a list opens for claims."""

    opens_at = MomentField(
        label=_("Opens at"),
        help_text=_("Until then everybody can read the list, and nobody can claim."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("opens_at", next_opening())


def next_opening() -> datetime:
    """The next working day at nine in the morning."""
    day = add_working_days(timezone.localdate() + timedelta(days=1), 0)
    return timezone.make_aware(datetime.combine(day, OPENING_TIME))


class ProjectFilters(FilterForm):
    SORTS = {
        "opens": Sort(_("opening"), "list__opens_at"),
        "left": Sort(_("places left"), F("capacity") - F("taken")),
        "title": Sort(_("title"), "title"),
    }
    WHEN = (
        ("", _("open and opening soon")),
        ("open", _("open now")),
        ("soon", _("opening soon")),
        ("completed", _("completed")),
        ("all", _("all published")),
    )

    q = forms.CharField(label=_("Search"), widget=forms.SearchInput, max_length=50)
    community = forms.ModelChoiceField(
        Community.objects.all(), label=_("Community"), empty_label=_("every community")
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), empty_label=_("every category")
    )
    when = forms.ChoiceField(label=_("State"), choices=WHEN)
    left = forms.BooleanField(label=_("with places left"))

    def filtered(self, queryset: Any) -> Any:
        chosen = self.active
        queryset = self._of_communities(queryset, chosen.get("community"))
        queryset = {
            "": queryset.published(),
            "open": queryset.open(),
            "soon": queryset.opening_soon(),
            "completed": queryset.completed(),
            "all": queryset.public(),
            "draft": queryset.drafts(),
        }[chosen.get("when", "")]
        if "category" in chosen:
            queryset = queryset.filter(service__group__category=chosen["category"])
        if "left" in chosen:
            queryset = queryset.with_capacity_left()
        if "q" in chosen:
            words = chosen["q"]
            queryset = queryset.filter(
                Q(title__icontains=words)
                | Q(summary__icontains=words)
                | Q(location__icontains=words)
            )
        return queryset

    def _of_communities(self, queryset: Any, chosen: Any) -> Any:
        return queryset if chosen is None else queryset.of_community(chosen)

    def sorted(self, queryset: Any) -> Any:
        """In the chosen order; if none is chosen, what is full comes last."""
        if self.cleaned_data.get("sort"):
            return super().sorted(queryset)
        full = Q(taken__gte=F("capacity"))
        return queryset.order_by(Case(When(full, then=1), default=0), "list__opens_at", "pk")


class DeskProjectFilters(ProjectFilters):
    """For those who draft projects: drafts can be listed too."""

    when = forms.ChoiceField(
        label=_("State"), choices=[*ProjectFilters.WHEN, ("draft", _("drafts"))]
    )


def _communities() -> list[tuple[str, Any]]:
    """For those who have communities of their own: these, all of them, or a single one."""
    each = [(str(community.pk), str(community)) for community in Community.objects.all()]
    return [("", _("your own")), (OwnProjectFilters.EVERY, _("every community")), *each]


class OwnProjectFilters(DeskProjectFilters):
    """For a secretary, who sees their own communities' projects unless they ask for others'."""

    OWN, EVERY = "own", "all"

    community = forms.ChoiceField(label=_("Community"), choices=_communities)

    def __init__(self, params: QueryDict, *, user: User | Visitor, **kwargs: Any) -> None:
        self.own = [str(pk) for pk in user.community_ids]
        super().__init__(params, **kwargs)

    @cached_property
    def active(self) -> dict[str, Any]:
        """Every community is no filter; one's own are, though nobody had to choose them."""
        active = super().active
        chosen = active.pop("community", self.OWN)
        return active if chosen == self.EVERY else {"community": chosen, **active}

    @cached_property
    def chips(self) -> list[Chip]:
        """Without the community's chip one sees every community, not one's own."""
        everywhere = query(self.data, community=self.EVERY)
        return [
            replace(chip, query=everywhere) if name == "community" else chip
            for name, chip in zip(self.active, super().chips, strict=True)
        ]

    @property
    def query_without_filters(self) -> str:
        return f"{super().query_without_filters}&community={self.EVERY}"

    def _of_communities(self, queryset: Any, chosen: Any) -> Any:
        if chosen is None:
            return queryset
        return queryset.filter(list__community__in=self.own if chosen == self.OWN else [chosen])

    def _shown(self, name: str, value: Any) -> str:
        if value != self.OWN:
            return super()._shown(name, value)
        field: Any = self.fields[name]
        return gettext(", ").join(str(label) for pk, label in field.choices if pk in self.own)


def project_filters(params: QueryDict, user: User | Visitor) -> ProjectFilters:
    """The filters that the project list has for `user`."""
    if user.is_staff:
        return DeskProjectFilters(params)
    if user.is_secretary:
        return OwnProjectFilters(params, user=user)
    return ProjectFilters(params)


class ProjectForm(PublicWords, EditForm):
    """What a community says about a project."""

    public = ("title", "summary", "location")

    service = ServiceField(
        label=_("Service"),
        empty_label=_("a project of our own"),
        help_text=_("From the suggested project list, if it is one of its services."),
    )

    class Meta:
        model = Project
        fields = ["service", "title", "summary", "location", "capacity", "by_quantity", "unit"]
        # “Place” would stand above “Places”.
        labels = {"location": _("Location")}
        widgets = {"summary": TextArea(attrs={"rows": 4})}
        help_texts = {
            "capacity": _("How many partners can take it, or how many pieces there are in all."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capacity"].min_value = 1  # type: ignore[attr-defined]
        self.fields["capacity"].widget.attrs |= {"min": 1, "max": MOST_PLACES}
        self.fields["service"].keep(self.instance.service_id)  # type: ignore[attr-defined]

    def clean_capacity(self) -> int:
        capacity = self.cleaned_data["capacity"]
        if capacity < 1:
            raise forms.ValidationError(_("A project needs at least one place."))
        return capacity

    def private_names(self) -> Sequence[str]:
        """Whoever asked for what the project is to meet."""
        return [need.asker_name for need in self.instance.needs.all()] if self.instance.pk else []

    @property
    def details(self) -> ProjectDetails:
        return ProjectDetails(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class NewProjectForm(ProjectForm):
    """A project on one of the lists that the person looks after: this year's or a later one.

    `opened_from` is the list from whose page the form was opened.
    """

    list = forms.ModelChoiceField(ProjectList.objects.none(), label=_("Project list"))
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["list"]

    def __init__(
        self,
        *args: Any,
        user: User,
        need: Need | None = None,
        opened_from: int | None = None,
        **kwargs: Any,
    ) -> None:
        self.need = need
        super().__init__(*args, **kwargs)
        lists = ProjectList.objects.manageable_by(user).select_related("community")
        if need is not None:
            lists = lists.filter(community=need.community_id)
        # Of past years only the one that somebody came from.
        lists = lists.filter(Q(year__gte=timezone.localdate().year) | Q(pk=opened_from))
        self.fields["list"].queryset = lists  # type: ignore[attr-defined]
        self.initial.setdefault("form_token", uuid.uuid4())
        if not self.is_bound:
            self.initial.setdefault("list", opened_from or lists.first())

    def private_names(self) -> Sequence[str]:
        return [self.need.asker_name] if self.need else []

    def prefill(self) -> dict[str, Any]:
        """What was typed, with title and summary filled in from the chosen service.

        Where somebody wrote words of their own, those stay; where another service's stand, they
        make way.
        """
        typed = self.data.dict()  # type: ignore[attr-defined]
        self.is_valid()
        service = self.cleaned_data.get("service")  # not if it is no longer offered
        if service is not None:
            for name, text in (("title", service.name), ("summary", service.summary)):
                if not self._is_their_own(name):
                    typed[name] = text
        return typed

    def kept(self) -> Sequence[str]:
        """The labels of what filling in from a service leaves as it was typed."""
        names = [name for name in ("title", "summary") if self._is_their_own(name)]
        return [str(self.fields[name].label) for name in names]

    def _is_their_own(self, name: str) -> bool:
        """Whether somebody wrote this, and did not fill it in from a service."""
        typed = self[name].value() or ""
        of_service = {"title": "name", "summary": "summary"}[name]
        return bool(typed) and not Service.objects.filter(**{of_service: typed}).exists()
