"""What the partner list can be searched, narrowed and sorted by."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from banyang.accounts.models import User, Visitor
from banyang.foundation.listing import FilterForm, Sort
from communities.models import Community
from partners.models import (
    BY_ENDING,
    BY_ENDING_DOWN,
    BY_SIGNING,
    BY_SIGNING_DOWN,
    IN_ORDER,
    Partner,
    PartnerQuerySet,
)
from partners.terms import ENDING_WITHIN


class OfOnePartner(FilterForm):
    """Filters of a list that a link may narrow to one partner; there are too many to choose from.

    A partner that `user` does not see is no value for it.
    """

    partner = forms.IntegerField(label=_("Partner"), widget=forms.HiddenInput)

    def __init__(self, params: QueryDict, *, user: User | Visitor, **kwargs: Any) -> None:
        self.user = user
        super().__init__(params, **kwargs)

    def clean_partner(self) -> Partner | None:
        pk = self.cleaned_data["partner"]
        if pk is None:
            return None
        partner = Partner.objects.visible_to(self.user).filter(pk=pk).first()
        if partner is None:
            raise forms.ValidationError(_("There is no such partner."))
        return partner


class PartnerFilters(FilterForm):
    SORTS = {
        "number": Sort(_("Number"), IN_ORDER),
        "name": Sort(_("Name"), "name_pinyin"),
        "signed_on": Sort(
            _("Signed on"),
            by=BY_SIGNING,
            down=BY_SIGNING_DOWN,
            last_first=True,
        ),
        "agreement_ends_on": Sort(
            _("Agreement ends on"),
            by=BY_ENDING,
            down=BY_ENDING_DOWN,
        ),
    }

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        widget=forms.SearchInput(
            attrs={"placeholder": _("Name, number, pinyin, credit code, phone")}
        ),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("all")), *Partner.Status.choices, Partner.TURNED_DOWN],
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all")), *Partner.Kind.choices])
    community = forms.ModelChoiceField(Community.objects.all(), label=_("Community"))
    ending = forms.BooleanField(
        label=format_lazy(_("Agreement ends within {days} days"), days=ENDING_WITHIN)
    )
    no_contact = forms.BooleanField(label=_("No phone number"))

    def filtered(self, queryset: PartnerQuerySet) -> PartnerQuerySet:
        wanted: dict[str, Any] = self.active
        same = {name: wanted[name] for name in ("kind", "community") if name in wanted}
        queryset = queryset.filter(**same)
        if "status" in wanted:
            queryset = queryset.called(wanted["status"])
        if "q" in wanted:
            queryset = queryset.matching(wanted["q"])
        if "ending" in wanted:
            queryset = queryset.ending_by(timezone.localdate() + timedelta(days=ENDING_WITHIN))
        if "no_contact" in wanted:
            queryset = queryset.without_contact()
        return queryset
