"""Forms for needs: the resident's, the secretary's, and the filters of both lists."""

import uuid
from collections.abc import Sequence
from string import digits
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.accounts.models import User
from banyang.foundation.forms import EditForm, PhoneField, ReasonField, TextArea
from banyang.foundation.listing import FilterForm, Sort
from banyang.foundation.public_words import PublicWords
from banyang.foundation.text import half_width
from communities.models import Community
from projects.catalogue.forms import GroupField
from projects.catalogue.models import Category
from projects.needs.hooks import lock_project_of
from projects.needs.models import Need, NeedQuerySet

NEED_TEXT = TextArea(attrs={"rows": 4})


class NeedWords(PublicWords, forms.ModelForm):
    """The words of a need, which go on the board."""

    public = ("text", "location")


class AskForm(NeedWords):
    """What a resident writes; nobody has to be signed in and little is asked."""

    asker_phone = PhoneField(
        label=_("Your phone"),
        required=False,
        autocomplete="tel",
        help_text=_(
            "You may leave it empty. Only your community's secretaries and the street office "
            "see it, to call you back about this."
        ),
    )
    # People never see it, programs fill it in.
    website = forms.CharField(required=False, label=_("Leave this empty, please"))
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Need
        fields = ("community", "text", "location", "asker_name", "asker_phone")
        labels = {
            "community": _("Which community is it in?"),
            "text": _("What is needed?"),
            "location": _("Which building or place?"),
            "asker_name": _("Your name"),
        }
        help_texts = {
            "text": _(
                "In your own words. Please leave out names, phone numbers and door numbers: "
                "once it is checked, everybody can read this."
            ),
            "location": _("For example “Building 3, stairwell 2”. You may leave it empty."),
            "asker_name": _(
                "You may leave it empty. Only your community's secretaries and the street office see it."
            ),
        }
        widgets = {
            "text": NEED_TEXT,
            "asker_name": forms.TextInput(attrs={"autocomplete": "name"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].empty_label = _("Choose your community")  # type: ignore[attr-defined]
        self.fields["website"].widget.attrs = {"tabindex": "-1", "autocomplete": "off"}

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _("A hidden field was filled in, as programs do. Empty it and send again.")
            )
        return ""

    @property
    def details(self) -> dict[str, Any]:
        """What the need is made of."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class EnterForm(NeedWords):
    """A need that a secretary puts down for somebody else."""

    source = forms.ChoiceField(
        label=_("How it came in"),
        choices=[choice for choice in Need.Source.choices if choice[0] != Need.Source.BOARD],
        widget=forms.RadioSelect,
    )
    group = GroupField(empty_label=_("to be filed later"))
    asker_phone = PhoneField(
        label=_("Their phone"),
        required=False,
        help_text=_("To call back about this; only the community and the street office see it."),
    )
    publish = forms.BooleanField(
        label=_("It has been checked: put it on the board now"), required=False, initial=True
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Need
        fields = ("source", "community", "text", "location", "group", "asker_name", "asker_phone")
        labels = {
            "text": _("What is needed?"),
            "location": _("Which building or place?"),
            "asker_name": _("Who asked"),
        }
        help_texts = {
            "text": _("Without names, phone numbers and door numbers: everybody can read this."),
        }
        widgets = {"text": NEED_TEXT}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_token", uuid.uuid4())
        communities = Community.objects.manageable_by(user)
        field = self.fields["community"]
        field.queryset = communities  # type: ignore[attr-defined]
        if len(communities) == 1:
            field.initial = communities[0]

    def private_names(self) -> Sequence[str]:
        return [self["asker_name"].value() or ""]

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class NeedForm(EditForm):
    """Changes a need, with the project that it became locked before it."""

    def lock(self) -> None:
        lock_project_of(self.instance)
        super().lock()


class WordingForm(NeedWords, NeedForm):
    """How a need reads on the board, and where it is filed."""

    group = GroupField(empty_label=_("to be filed later"))

    class Meta:
        model = Need
        fields = ("text", "location", "group")
        labels = {"text": _("As everybody will read it")}
        help_texts = {
            "text": _(
                "Take out names, phone numbers and door numbers, and whatever shows that a "
                "family is in hardship. The first wording is kept in the history."
            )
        }
        widgets = {"text": NEED_TEXT}

    def private_names(self) -> Sequence[str]:
        return [self.instance.asker_name]


class DecisionForm(NeedForm):
    """Decides on a need, unless somebody has decided otherwise since the page was opened."""

    def stored(self) -> dict[str, Any]:
        return super().stored() | {"state": self.instance.state}

    def is_typed_otherwise(self, name: str) -> bool:
        return name == "state" or super().is_typed_otherwise(name)

    def shown(self, name: str) -> tuple[Any, Any]:
        if name != "state":
            return super().shown(name)
        state = self.instance.get_state_display()
        if self.instance.is_answered:
            state = gettext("%(state)s: %(answer)s") % {
                "state": state,
                "answer": self.instance.answer,
            }
        return gettext("State"), state


class CheckForm(DecisionForm, WordingForm):
    """The words in which a need goes on the board."""


class RejectForm(DecisionForm):
    reason = ReasonField(
        help_text=_("Whoever asked reads this with their receipt number."),
        widget=NEED_TEXT,
        max_length=500,
    )

    class Meta:
        model = Need
        fields = ()


class AnswerForm(PublicWords, DecisionForm):
    outcome = forms.ChoiceField(
        label=_("What became of it"),
        choices=[(state.value, state.label) for state in Need.OUTCOMES],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"),
        help_text=_(
            "Everybody reads this on the board. Where it is not solved for now, say why and "
            "what comes next."
        ),
        widget=NEED_TEXT,
        max_length=500,
    )
    public = ("answer",)

    class Meta:
        model = Need
        fields = ()

    def private_names(self) -> Sequence[str]:
        return [self.instance.asker_name]


class AnswerEditForm(PublicWords, EditForm):
    """The answer in other words, and what became of the need, unless it is off the board."""

    state = AnswerForm.base_fields["outcome"]
    answer = AnswerForm.base_fields["answer"]

    class Meta:
        model = Need
        fields = ("state", "answer")

    def __init__(self, *args: Any, instance: Need, **kwargs: Any) -> None:
        is_on_board = instance.state in Need.OUTCOMES
        self.public = ("answer",) if is_on_board else ()  # else only the receipt tells it
        super().__init__(*args, instance=instance, **kwargs)
        if not is_on_board:
            del self.fields["state"]

    def private_names(self) -> Sequence[str]:
        return [self.instance.asker_name]


class JoinForm(forms.Form):
    other = forms.ModelChoiceField(
        Need.objects.none(),
        label=_("The need that asks for the same"),
        empty_label=_("Choose from the board"),
    )

    def __init__(self, *args: Any, need: Need, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on_board = Need.objects.on_board().filter(community=need.community_id)
        self.fields["other"].queryset = on_board.exclude(pk=need.pk)  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    receipt = forms.CharField(
        label=_("Receipt number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_receipt(self) -> str:
        receipt = half_width(self.cleaned_data["receipt"])
        return "".join(letter for letter in receipt if letter in digits)


# --- Filters -------------------------------------------------------------------------------


class BoardFilter(FilterForm):
    """Narrows the public board."""

    community = forms.ModelChoiceField(
        Community.objects.all(), label=_("Community"), to_field_name="code"
    )
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"))
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("all")),
            *((state.value, state.label) for state in Need.State if state not in Need.OFF_BOARD),
        ],
    )

    def filtered(self, queryset: NeedQuerySet) -> NeedQuerySet:
        lookups = {"category": "group__category"}
        narrowed = {lookups.get(name, name): value for name, value in self.active.items()}
        return queryset.filter(**narrowed)


class WorkFilter(FilterForm):
    """Narrows and orders the secretary's list of needs."""

    WORK_ORDER = "todo"
    SORTS = {
        WORK_ORDER: Sort(_("order of work"), "rank"),
        "created": Sort(_("when it was asked"), "created_at"),
    }

    q = forms.CharField(label=_("Words"), max_length=50)
    community = forms.ModelChoiceField(
        Community.objects.all(), label=_("Community"), to_field_name="code"
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("all")),
            ("todo", _("waits for you")),
            ("ended", _("its project has ended")),
            *Need.State.choices,
        ],
    )
    source = forms.ChoiceField(label=_("Source"), choices=[("", _("all")), *Need.Source.choices])
    overdue = forms.BooleanField(label=_("overdue only"))

    def sorted(self, queryset: NeedQuerySet) -> NeedQuerySet:
        """`queryset`, which comes in the order of work, in the chosen order."""
        if self.sort.removeprefix("-") == self.WORK_ORDER:
            return queryset.reverse() if self.descending else queryset
        return super().sorted(queryset)

    def filtered(self, queryset: NeedQuerySet) -> NeedQuerySet:
        active = dict(self.active)
        if words := active.pop("q", ""):
            queryset = queryset.filter(text__icontains=words)
        if active.pop("overdue", False):
            queryset = queryset.overdue(timezone.now())
        if active.get("state") in ("todo", "ended"):
            is_ended = active.pop("state") == "ended"
            queryset = queryset.awaiting_outcome() if is_ended else queryset.unfinished()
        return queryset.filter(**active)


class OwnWorkFilter(WorkFilter):
    """For a secretary of one community, who need not choose it."""

    community = None  # type: ignore[assignment]
