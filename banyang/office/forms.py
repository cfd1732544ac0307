"""The form of the office's own page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from banyang.foundation.forms import DayField, EditForm, TextArea, TimeInput
from banyang.office.models import CalendarDay, Office


class OfficeForm(EditForm):
    """What residents read about the street office, and when reminders may go out."""

    class Meta:
        model = Office
        fields = [
            "name",
            "short_name",
            "programme",
            "introduction",
            "address",
            "phone",
            "opening_hours",
            "remind_from",
            "remind_until",
        ]
        help_texts = {
            "name": _("In full, as on letters and ledgers."),
            "short_name": _("As people say it."),
            "programme": _("The name of the partnership, on top of every page."),
            "introduction": _("What residents read on the front page."),
            "phone": _("Shown in the footer and wherever somebody needs help."),
            "remind_from": _("From then on reminders go out, on working days."),
            "remind_until": _(
                "After that they wait for the next working day. Only what would then come too "
                "late, such as a market called off, goes out from 07:00 to 21:00 on any day."
            ),
        }
        widgets = {
            "introduction": TextArea(attrs={"rows": 5}),
            "phone": forms.TextInput(attrs={"inputmode": "tel"}),
            "remind_from": TimeInput(),
            "remind_until": TimeInput(),
        }


class CalendarDayForm(EditForm):
    """One day that differs from the week's rule."""

    is_working = forms.TypedChoiceField(
        label=_("On this day"),
        choices=[("False", _("the office is closed")), ("True", _("the office works"))],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CalendarDay
        fields = ["falls_on", "is_working", "name"]
        field_classes = {"falls_on": DayField}
        help_texts = {"name": _("Such as the name of the holiday.")}
