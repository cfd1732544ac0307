"""What the forms of every room are made of, and the one way in which views handle them.

form = ServiceForm(request.POST or None, instance=service)
with submitted(form) as is_valid:
    if is_valid:
        actions.save_service(service=form.instance, by=request.user)
        messages.success(request, _("Saved."))
        return redirect(service)
return render(request, "catalogue/service_edit.html", {"form": form, "service": service})
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import copy
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.db import DatabaseError, connection, transaction
from django.forms.models import ModelChoiceIterator, model_to_dict
from django.forms.renderers import DjangoTemplates
from django.utils.crypto import salted_hmac
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.foundation import phones
from banyang.foundation.errors import Refused, as_refusal
from banyang.foundation.moves import locked

FIRST_YEAR, LAST_YEAR = 2000, 2100  # that anything of ours can lie in


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


def possible_year(moment: date) -> None:
    """Refuses a year that is a slip of the keyboard: pages that count days from it would fail."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise forms.ValidationError(
            _("The year can't be right. It lies between %(first)s and %(last)s.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


class DayField(forms.DateField):
    """A day of our times."""

    widget = DayInput
    default_validators = [possible_year]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"min": f"{FIRST_YEAR}-01-01", "max": f"{LAST_YEAR}-12-31"}


class MomentField(forms.DateTimeField):
    """A day of our times and a time of day, in the office's time zone."""

    widget = MomentInput
    default_validators = [possible_year]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"min": f"{FIRST_YEAR}-01-01T00:00", "max": f"{LAST_YEAR}-12-31T23:59"}


class TextArea(forms.Textarea):
    """Several lines, in which a line break counts as one character, as it does in the browser."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class ReasonField(forms.CharField):
    """Why something is done; the help text says who will read it."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Reason"), max_length=max_length, **kwargs)


class PhoneField(forms.CharField):
    """A phone number, cleaned to its stored form.

    `autocomplete` is "tel" where people are asked for their own. `signs_in` asks for a mobile
    number; elsewhere a landline without its area code gets the street office's, if that is known.
    """

    def __init__(self, *, autocomplete: str = "off", signs_in: bool = False, **kwargs: Any) -> None:
        self.signs_in = signs_in
        widget = forms.TelInput(attrs={"autocomplete": autocomplete})
        # Longer than what is stored, for people who write blanks and brackets.
        super().__init__(max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if self.signs_in:
            return phones.mobile(text) or self.empty_value
        return phones.normalise(text, area_code=_area_code) or self.empty_value


def _area_code() -> str:
    return next(filter(None, phones.local_area_code()), "")


@contextmanager
def submitted(form: forms.BaseForm, *, refusals_beside: str | None = None) -> Iterator[bool]:
    """Say whether `form` was sent and is valid, for a view that then calls an action inside.

    A refusal by the action stands on top of the form, or beside the field `refusals_beside`. So a
    view answers inside the block when all went well, and shows the form again below it. What an
    `EditForm` changes stays locked until the block ends.
    """
    try:
        with form.locking() if isinstance(form, EditForm) else nullcontext():
            yield form.is_valid()
    except (Refused, DatabaseError) as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        form.add_error(refusals_beside, str(refusal))


class EditForm(forms.ModelForm):
    """Changes what is stored, but nothing that somebody else has stored since it was opened.

    The page holds a fingerprint of each field. Where one has changed meanwhile to something else
    than what was typed, the form says what is stored now and keeps what was typed: sent once
    more, it is taken. A form for something new has no fingerprints.

    What was sent is cleaned and written `with submitted(form)`, so that it is compared with what
    stands there once the row is locked. The form has its own copy of the `instance`: the page's
    stays as it is stored, whatever was typed.
    """

    opened_with = forms.CharField(required=False, widget=forms.HiddenInput)

    # What our actions lock before the thing itself, by the names of its keys: in another order two
    # people could wait for each other.
    locked_first: Sequence[str] = ()

    _is_locked = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["instance"] = copy(kwargs.get("instance"))
        super().__init__(*args, **kwargs)
        if self.stored():
            self._note_stored()
        else:
            del self.fields["opened_with"]

    @property
    def _compares(self) -> bool:
        return self.is_bound and "opened_with" in self.fields

    def _note_stored(self) -> None:
        self._stored = {name: _fingerprint(value) for name, value in self.stored().items()}
        self.initial["opened_with"] = " ".join(self._stored.values())

    @contextmanager
    def locking(self) -> Iterator[None]:
        """Let nobody else change what was sent to be changed until the block ends.

        Raises `Refused` if somebody has removed it.
        """
        if not self._compares:
            yield
            return
        with transaction.atomic():
            self._is_locked = True
            with connection.cursor() as cursor:
                # That something just removed is chosen shows where it is written, not at the end.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.lock()
            yield

    def lock(self) -> None:
        """Lock what is changed, and go on with what stands there now."""
        for name in self.locked_first:
            if (thing := getattr(self.instance, name)) is not None:
                locked(type(thing)._base_manager, thing.pk)
        self.instance = locked(self._meta.model._base_manager, self.instance.pk)
        self._note_stored()

    def full_clean(self) -> None:
        if self._compares and not self._is_locked:
            raise RuntimeError("An edit form is cleaned and written `with submitted(form)`.")
        super().full_clean()

    def stored(self) -> dict[str, Any]:
        """What is stored now and may be changed here, by its name; nothing if that is all new."""
        return {} if self.instance.pk is None else model_to_dict(self.instance, self._meta.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opened_with = data.pop("opened_with", "").split()
        if opened_with:
            opened = dict(zip(self._stored, opened_with, strict=False))
            changed = [n for n, now in self._stored.items() if opened.get(n) != now]
            if clashing := [name for name in changed if self.is_typed_otherwise(name)]:
                self.say_stored(clashing)
        return data

    def is_typed_otherwise(self, name: str) -> bool:
        typed = self.cleaned_data.get(name)
        return name in self.fields and typed != getattr(self.instance, name)

    def shown(self, name: str) -> tuple[Any, Any]:
        """The label of what is stored under this name, and how that reads."""
        display = getattr(self.instance, f"get_{name}_display", None)
        value = display() if display else getattr(self.instance, name)
        if isinstance(value, bool):
            value = _("yes") if value else _("no")
        elif isinstance(self.fields[name], PhoneField):
            value = phones.mask(value)  # in full only where that is written down
        return self.fields[name].label, value

    def say_stored(self, names: list[str]) -> None:
        said = [
            _(
                "Somebody has changed this since you opened the page, so nothing is saved yet. "
                "What you typed is still below. Compare it with what is stored now; sent once "
                "more, it takes its place."
            )
        ]
        for name in names:
            label, value = self.shown(name)
            said.append(
                _("Stored now: %(field)s “%(value)s”")
                % {"field": label, "value": localize(value) or _("none")}
            )
        self.add_error(None, said)
        data: Any = self.data.copy()
        data[self.add_prefix("opened_with")] = self.initial["opened_with"]
        self.data = data


def _fingerprint(value: object) -> str:
    """What tells a value from another; with our secret in it, so that nobody finds a phone number
    by trying all there are."""
    return salted_hmac("banyang.foundation.forms", repr(value)).hexdigest()[:12]


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
