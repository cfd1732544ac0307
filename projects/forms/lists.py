"""Forms for the yearly lists."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.accounts.models import User
from banyang.forms import FIRST_YEAR, LAST_YEAR, MomentField
from banyang.lists import FilterForm, Sort
from banyang.office.calendar import add_working_days
from communities.models import Community
from projects.models import ProjectList

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
