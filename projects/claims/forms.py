"""Forms for claims and their plans."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.foundation.dates import day
from banyang.foundation.forms import DayField, EditForm, ReasonField, TextArea
from banyang.foundation.listing import Sort
from banyang.foundation.public_words import PublicWords
from communities.models import Community
from partners.filters import OfOnePartner
from partners.forms import ForPartnerForm
from projects.claims.actions.plans import MOST_STEPS, PlannedStep, too_many_steps
from projects.claims.models import Claim, Step
from projects.lists.models import Project

BLANK_ROWS = 4  # for steps, at first
MORE_ROWS = 3
MOST_ROWS = 2 * MOST_STEPS  # blank ones, and what a colleague has added meanwhile, take some


class ClaimFilters(OfOnePartner):
    SORTS = {
        "asked": Sort(_("Asked at"), "asked_at"),
        "deadline": Sort(_("Deadline"), "deadline_on"),
    }
    q = forms.CharField(label=_("Search"), widget=forms.SearchInput, max_length=50)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("all that run")), *Claim.State.choices, ("all", _("all, ended ones too"))],
    )
    community = forms.ModelChoiceField(
        Community.objects.all(), label=_("Community"), empty_label=_("every community")
    )
    overdue = forms.BooleanField(label=_("unconfirmed for too long"))
    resting = forms.BooleanField(label=_("without a running agreement"))

    def filtered(self, queryset: Any) -> Any:
        chosen = self.active
        state = chosen.get("state")
        if state is None:
            queryset = queryset.unfinished()
        elif state != "all":
            queryset = queryset.filter(state=state)
        if "overdue" in chosen:
            queryset = queryset.overdue()
        if "resting" in chosen:
            queryset = queryset.resting()
        if "community" in chosen:
            queryset = queryset.filter(project__list__community=chosen["community"])
        if "partner" in chosen:
            queryset = queryset.filter(partner=chosen["partner"])
        if "q" in chosen:
            words = chosen["q"]
            queryset = queryset.filter(
                Q(project__title__icontains=words) | Q(partner__name__icontains=words)
            )
        return queryset


class StepFilters(OfOnePartner):
    """Narrows the list of steps that are still to be done."""

    SORTS = {"due": Sort(_("Due on"), "due_on")}

    q = forms.CharField(label=_("Search"), widget=forms.SearchInput, max_length=50)
    due = forms.ChoiceField(
        label=_("Due"),
        choices=[("", _("all")), ("overdue", _("overdue")), ("soon", _("within 7 days"))],
    )

    def filtered(self, queryset: Any) -> Any:
        chosen = self.active
        queryset = {
            "": queryset.pending(),
            "overdue": queryset.overdue(),
            "soon": queryset.coming_up(),
        }[chosen.get("due", "")]
        if "partner" in chosen:
            queryset = queryset.filter(claim__partner=chosen["partner"])
        if "q" in chosen:
            words = chosen["q"]
            queryset = queryset.filter(
                Q(text__icontains=words)
                | Q(claim__project__title__icontains=words)
                | Q(claim__partner__name__icontains=words)
            )
        return queryset


class ClaimForm(ForPartnerForm):
    """Which partner claims, and how much. Asks only where there is a choice."""

    quantity = forms.IntegerField(
        label=_("Quantity"), min_value=1, error_messages={"required": _("Say how many you take.")}
    )
    waits = forms.BooleanField(
        label=_("If fewer are left, wait in line for the whole quantity"), required=False
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        if not project.by_quantity:
            del self.fields["quantity"], self.fields["waits"]
        else:
            if not self.is_bound and not project.left:
                del self.fields["waits"]  # whoever comes now waits in any case
            self.fields["quantity"].max_value = project.capacity  # type: ignore[attr-defined]
            self.fields["quantity"].widget.attrs["max"] = project.capacity
            self.fields["quantity"].help_text = self._how_much_is_left()

    def _how_much_is_left(self) -> str:
        return gettext("%(left)d of %(capacity)d%(unit)s left") % {
            "left": self.project.left,
            "capacity": self.project.capacity,
            "unit": self.project.unit,
        }

    @property
    def chosen_quantity(self) -> int:
        return self.cleaned_data.get("quantity", 1)

    @property
    def chosen_to_wait(self) -> bool:
        """Whether to wait in line for what is chosen if only a part of it is left."""
        return self.cleaned_data.get("waits", True)


class ReasonForm(forms.Form):
    """Why; whoever is concerned will read it."""

    reason = ReasonField(widget=TextArea(attrs={"rows": 2}))


class PublicReasonForm(PublicWords, ReasonForm):
    """Why; everybody may read it."""

    public = ("reason",)


class PlanForm(EditForm):
    """The aim, the content and the deadline that both sides have agreed, with the plan's `rows`.

    `rows` is the formset of the `steps` that there are now. Bound, it is cleaned with the form.
    """

    aim = forms.CharField(
        label=_("Aim"),
        max_length=500,
        widget=TextArea(attrs={"rows": 2}),
        help_text=_("What will be better for the residents."),
    )
    content = forms.CharField(
        label=_("Content"),
        max_length=1000,
        widget=TextArea(attrs={"rows": 4}),
        help_text=_("What the partner does, how often, where, for whom."),
    )
    deadline_on = DayField(label=_("Deadline"))

    class Meta:
        model = Claim
        fields = ("aim", "content", "deadline_on")

    def __init__(self, *args: Any, steps: Sequence[Step], rows: Any, **kwargs: Any) -> None:
        self.steps, self.rows = steps, rows
        super().__init__(*args, **kwargs)

    def stored(self) -> dict[str, Any]:
        """The plan with its steps; a claim that is to be confirmed has none yet."""
        if self.instance.confirmed_at is None:
            return {}
        steps = [(step.pk, step.text, step.due_on) for step in self.steps]
        return super().stored() | {"steps": steps}

    def is_valid(self) -> bool:
        return super().is_valid() and self.rows.is_valid()

    def clean_deadline_on(self) -> date:
        deadline_on = self.cleaned_data["deadline_on"]
        if deadline_on < timezone.localdate() and deadline_on != self.instance.deadline_on:
            raise forms.ValidationError(_("The deadline is in the past."))
        return deadline_on

    def clean(self) -> dict[str, Any]:
        self.rows.deadline_on = self.cleaned_data.get("deadline_on")
        self.rows.full_clean()
        return super().clean()

    def is_typed_otherwise(self, name: str) -> bool:
        if name != "steps":
            return super().is_typed_otherwise(name)
        now = [(step.text, step.due_on) for step in self.steps]
        return not self.rows.is_valid() or now != [
            (step.text, step.due_on) for step in self.rows.planned
        ]

    def shown(self, name: str) -> tuple[Any, Any]:
        if name != "steps":
            return super().shown(name)
        steps = [
            gettext("%(step)s (%(day)s)") % {"step": step, "day": day(step.due_on)}
            for step in self.steps
        ]
        return gettext("Steps"), gettext(", ").join(steps)

    def say_stored(self, names: list[str]) -> None:
        super().say_stored(names)
        if "steps" in names:
            self.rows = self.rows.caught_up(self.steps)


class StepForm(forms.Form):
    """One step; a row whose text and date are both empty is no step."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput())
    text = forms.CharField(label=_("Step"), max_length=200, required=False)
    due_on = DayField(label=_("Due on"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("text") and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", gettext("Say by when."))
        if data.get("due_on") and not data.get("text") and "text" not in self.errors:
            self.add_error("text", gettext("Say what is to be done."))
        return data

    @property
    def planned(self) -> PlannedStep | None:
        data = self.cleaned_data
        if not data.get("text"):
            return None
        return PlannedStep(text=data["text"], due_on=data["due_on"], pk=data.get("pk"))


class BaseSteps(forms.BaseFormSet):
    """The steps of a plan, each with a date that is not past and not after the deadline."""

    # The deadline as typed, and the dates that a changed plan may keep though they are past.
    deadline_on: date | None = None
    kept: dict[int, date] = {}

    @property
    def planned(self) -> list[PlannedStep]:
        return [form.planned for form in self.forms if form.planned is not None]

    @property
    def most_steps(self) -> int:
        """How many a plan may have; one that has more already may keep as many."""
        return max(MOST_STEPS, len(self.kept))

    def caught_up(self, steps: Sequence[Step]) -> Any:
        """The rows as typed, beside the `steps` that there are now.

        A step that somebody has removed is a new one, and what somebody has added gets a row.
        """
        data: Any = self.data.copy()
        rows = [self.add_prefix(number) for number in range(self.total_form_count())]
        seen = {data.get(f"{row}-pk") for row in rows}
        for row in rows:
            if data.get(f"{row}-pk") not in {str(step.pk) for step in steps}:
                data[f"{row}-pk"] = ""
        added = [step for step in steps if str(step.pk) not in seen]
        for number, step in enumerate(added, start=len(rows)):
            row = self.add_prefix(number)
            data[f"{row}-pk"], data[f"{row}-text"] = step.pk, step.text
            data[f"{row}-due_on"] = step.due_on.isoformat()
        data[f"{self.prefix}-TOTAL_FORMS"] = len(rows) + len(added)
        return steps_formset(data, steps=steps, deadline_on=self.deadline_on)

    def clean(self) -> None:
        right = {form: form.planned for form in self.forms if not form.errors}
        if len(right) == len(self.forms) and not any(right.values()):
            raise forms.ValidationError(gettext("A plan needs at least one step with its date."))
        if sum(step is not None for step in right.values()) > (most := self.most_steps):
            raise forms.ValidationError(too_many_steps(most))
        for form, step in right.items():
            if step and (problem := self._problem(step)):
                form.add_error("due_on", problem)

    def _problem(self, step: PlannedStep) -> str | None:
        if step.due_on < timezone.localdate() and self.kept.get(step.pk or 0) != step.due_on:
            return gettext("This day is in the past.")
        if self.deadline_on is not None and step.due_on > self.deadline_on:
            return gettext("This is after the deadline, %(day)s.") % {"day": day(self.deadline_on)}
        return None


def steps_formset(
    data: Any = None,
    *,
    steps: Sequence[Step] = (),
    typed: Sequence[dict[str, Any]] | None = None,
    deadline_on: date | None = None,
) -> Any:
    """The formset for a plan's steps: those there are, and blank rows for more.

    With `typed`, the rows as they were filled in so far, and more blank ones; the browser goes
    to the first of these.
    """
    blank = max(BLANK_ROWS - len(steps), 1) if typed is None else MORE_ROWS
    kind = forms.formset_factory(
        StepForm,
        formset=BaseSteps,
        extra=blank,
        max_num=MOST_STEPS,
        absolute_max=max(MOST_ROWS, len(steps) + BLANK_ROWS),
    )
    known = [{"pk": step.pk, "text": step.text, "due_on": step.due_on} for step in steps]
    too_many = {"too_many_forms": too_many_steps(max(MOST_STEPS, len(steps)))}
    first = known if typed is None else typed
    formset: Any = kind(data, initial=first, prefix="steps", error_messages=too_many)
    formset.deadline_on = deadline_on
    formset.kept = {step.pk: step.due_on for step in steps}
    if typed is not None and len(formset.forms) > len(typed):
        formset.forms[len(typed)].fields["text"].widget.attrs["autofocus"] = True
    return formset
