"""Forms for market days and stalls."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.foundation.forms import DayField, EditForm, ReasonField, TextArea, TimeInput
from banyang.foundation.public_words import PublicWords
from communities.models import Community
from events.markets.models import LONGEST_AHEAD, MarketDay, Stall
from events.markets.rotation import SATURDAY
from partners.forms import ForPartnerForm
from projects.catalogue.forms import ServiceField

MOST_STALLS = 500


class PeriodForm(forms.Form):
    """Which Saturdays to plan, and the hours and stalls that all of them get."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("Until"))
    starts_at = forms.TimeField(label=gettext_lazy("Market opens at"), widget=TimeInput())
    ends_at = forms.TimeField(label=gettext_lazy("Market closes at"), widget=TimeInput())
    capacity = forms.IntegerField(label=gettext_lazy("Stalls"), min_value=1, max_value=MOST_STALLS)

    def clean_first(self) -> date:
        if self.cleaned_data["first"] < timezone.localdate():
            raise forms.ValidationError(_("Plan from today on."))
        if self.cleaned_data["first"] > timezone.localdate() + LONGEST_AHEAD:
            raise forms.ValidationError(_("Plan a year ahead at most."))
        return self.cleaned_data["first"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last, end = data.get("first"), data.get("last"), data.get("ends_at")
        if first and last and not first <= last <= timezone.localdate() + LONGEST_AHEAD:
            self.add_error(
                "last", _("The last day comes after the first, and within a year from today.")
            )
        if (start := data.get("starts_at")) and end and end <= start:
            self.add_error("ends_at", _("The market must begin before it ends."))
        if first and end and first.weekday() == SATURDAY:
            why_over = MarketDay(held_on=first, ends_at=end).why_over
            if why_over:
                self.add_error("first", why_over)
        return data


class TurnsForm(forms.Form):
    """One choice of a host for each Saturday of a plan; an empty one leaves the day out."""

    def __init__(self, days: list[tuple[date, Community | None]], *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.days = [held_on for held_on, _host in days]
        communities = list(Community.objects.order_by("code"))
        self.by_pk = {str(community.pk): community for community in communities}
        choices = [("", _("no market")), *((c.pk, c.short_name) for c in communities)]
        for held_on, host in days:
            field = forms.ChoiceField(choices=choices, required=False, label=_("Host community"))
            field.initial = host.pk if host else ""
            field.widget.attrs["class"] = "form-select"
            self.fields[str(held_on)] = field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Choose the host of one Saturday at least."))
        return data

    def turns(self) -> list[tuple[date, Community]]:
        """The days that get a market, each with its host."""
        return [
            (held_on, self.by_pk[pk])
            for held_on in self.days
            if (pk := self.cleaned_data.get(str(held_on)))
        ]


class MarketDayForm(PublicWords, EditForm):
    public = ("location", "note")

    capacity = forms.IntegerField(label=gettext_lazy("Stalls"), min_value=1, max_value=MOST_STALLS)

    class Meta:
        model = MarketDay
        fields = ["location", "starts_at", "ends_at", "capacity", "note"]
        labels = {
            "starts_at": gettext_lazy("Market opens at"),
            "ends_at": gettext_lazy("Market closes at"),
        }
        widgets = {
            "starts_at": TimeInput(),
            "ends_at": TimeInput(),
            "note": TextArea(attrs={"rows": 3}),
        }


class HandOverForm(MarketDayForm):
    """For staff, who may also let another community host the market."""

    field_order = ["host"]

    class Meta(MarketDayForm.Meta):
        # Last, so that what was opened is compared field by field once the market is over, too.
        fields = [*MarketDayForm.Meta.fields, "host"]
        help_texts = {
            "host": gettext_lazy("If you choose another, both are told. The stalls stay.")
        }


class CancelForm(PublicWords, forms.Form):
    """Why a market is not held as planned."""

    public = ("reason",)

    reason = ReasonField(
        help_text=gettext_lazy("Everybody may read it; whoever has a stall is told.")
    )


class PostponeForm(CancelForm):
    """On which day it is held instead, and why."""

    held_on = DayField(label=gettext_lazy("New day"))

    field_order = ["held_on"]


class ReleaseForm(forms.Form):
    reason = ReasonField(help_text=gettext_lazy("The partner reads it."))


class StallForm(PublicWords, EditForm):
    """What a stall offers and needs."""

    public = ("offer",)
    locked_first = ("market_day",)

    service = ServiceField(label=gettext_lazy("Service of the catalogue (optional)"))

    class Meta:
        model = Stall
        fields = ["offer", "service", "tables", "needs_power"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].keep(self.instance.service_id)  # type: ignore[attr-defined]

    @property
    def wishes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class NewStallForm(ForPartnerForm, StallForm):
    """Which partner takes a stall, and for what."""

    field_order = ["partner"]
