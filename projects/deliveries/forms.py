"""The form for what was delivered."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext

from banyang.foundation.dates import day
from banyang.foundation.forms import DayField, EditForm, TextArea
from projects.claims.models import Claim
from projects.deliveries.actions import DeliveryDetails
from projects.deliveries.models import Delivery


class DeliveryForm(EditForm):
    """One session or handover, as whoever was there records it."""

    form_token = forms.UUIDField(widget=forms.HiddenInput())

    locked_first = ("claim",)

    class Meta:
        model = Delivery
        fields = ["delivered_on", "content", "residents_served", "location"]
        field_classes = {"delivered_on": DayField}
        widgets = {"content": TextArea(attrs={"rows": 3})}

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claim = claim
        self.fields["delivered_on"].widget.attrs |= {
            "min": claim.asked_on.isoformat(),
            "max": timezone.localdate().isoformat(),
        }
        if self.instance.pk is not None:
            del self.fields["form_token"]
            return
        self.initial.setdefault("form_token", uuid.uuid4())
        self.initial.setdefault("delivered_on", timezone.localdate())

    def clean_delivered_on(self) -> date:
        delivered_on = self.cleaned_data["delivered_on"]
        if delivered_on > timezone.localdate():
            raise forms.ValidationError(gettext("This day has not come yet."))
        if delivered_on < self.claim.asked_on:
            raise forms.ValidationError(
                gettext("The project was claimed on %(day)s: nothing was delivered before.")
                % {"day": day(self.claim.asked_on)}
            )
        return delivered_on

    @property
    def details(self) -> DeliveryDetails:
        return DeliveryDetails(**{name: self.cleaned_data[name] for name in self.Meta.fields})
