"""What the forms of every room are made of."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext as _

from banyang.accounts import phones

DASHES = "---------"  # Django's word for no choice, which says nothing


class Renderer(DjangoTemplates):
    """Renders forms as Django does, but says in words what an empty choice means."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        for _heading, options, _index in widget.get("optgroups", ()):
            for option in options:
                if option["label"] == DASHES:
                    option["label"] = _("Please choose") if widget["required"] else _("none")
        return super().render(template_name, context, request)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class MomentInput(forms.DateTimeInput):
    """A day and a time of day, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PhoneField(forms.CharField):
    """A phone number, cleaned to its stored form.

    `autocomplete` is "tel" where people are asked for their own.
    """

    def __init__(self, *, autocomplete: str = "off", **kwargs: Any) -> None:
        widget = forms.TelInput(attrs={"autocomplete": autocomplete})
        # Longer than what is stored, for people who write blanks and brackets.
        super().__init__(max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        return phones.normalise(super().clean(value)) or self.empty_value


class _Grouped(ModelChoiceIterator):
    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for heading, things in groupby(self.queryset, key=self.field.heading):
            yield str(heading), [self.choice(thing) for thing in things]


class GroupedChoiceField(forms.ModelChoiceField):
    """A choice among things listed under headings; those of one heading follow one another."""

    iterator = _Grouped

    def __init__(self, queryset: Any, *, heading: Callable[[Any], object], **kwargs: Any) -> None:
        self.heading = heading
        super().__init__(queryset, **kwargs)
