"""What people fill in about partners; the actions save it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.accounts.holders import HolderForm
from banyang.foundation import phones
from banyang.foundation.forms import (
    LAST_YEAR,
    DayField,
    EditForm,
    PhoneField,
    ReasonField,
    TextArea,
)
from banyang.foundation.text import name_key
from partners.codes import normalise_credit_code
from partners.models import Contact, Partner
from partners.search import NAME_KEY
from partners.terms import last_day

TERM_YEARS = 2  # of the term that the forms propose


class PartnerForm(EditForm):
    """Everything about a partner except its status, number and term."""

    class Meta:
        model = Partner
        fields = (
            "name",
            "kind",
            "credit_code",
            "community",
            "address",
            "party_branch",
            "offers",
            "note",
        )
        widgets = {
            "offers": TextArea(attrs={"rows": 3}),
            "note": TextArea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Longer than what is stored, for people who paste a code with blanks in it.
        self.fields["credit_code"] = _CreditCodeField(self.fields["credit_code"])

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class _CreditCodeField(forms.CharField):
    """A unified social credit code, cleaned to its stored form, or `None` for none."""

    def __init__(self, model_field: forms.Field) -> None:
        super().__init__(
            label=model_field.label,
            help_text=model_field.help_text,
            required=False,
            max_length=40,
            validators=model_field.validators,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def to_python(self, value: Any) -> str:
        return normalise_credit_code(super().to_python(value))

    def clean(self, value: Any) -> str | None:
        return super().clean(value) or None


class PartnerCreateForm(PartnerForm):
    """A partner and the first person to speak to there, entered together.

    Two partners may share a name, but mostly it is one entered twice: whoever enters the second
    is shown the first, and says that this one is another.
    """

    field_order = ("name", "is_another")

    is_another = forms.BooleanField(
        label=_("Enter it all the same: it is another partner of this name"), required=False
    )
    applied_on = DayField(label=_("Applied on"), initial=timezone.localdate)
    contact_name = forms.CharField(
        label=_("Contact's name"),
        max_length=50,
        required=False,
        validators=[phones.validate_no_number],
    )
    contact_post = forms.CharField(label=_("Contact's post"), max_length=50, required=False)
    contact_phone = PhoneField(label=_("Contact's phone"), required=False)

    CONTACT = ("contact_name", "contact_post", "contact_phone")
    same_named: Sequence[Partner] = ()  # those of the entered name that are listed already

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["is_another"]

    def _is_said_to_be_another(self, name: str) -> bool:
        """Whether the tick is set, and was set at this name; from now on it stands for it."""
        tick = self.add_prefix("is_another")
        said = name_key(self.data.get(tick, "")) == name_key(name)
        self.data = self.data.copy()
        if not said:
            self.data.pop(tick, None)
        self.fields["is_another"].widget.attrs["value"] = name
        return said

    def clean_applied_on(self) -> date:
        day: date = self.cleaned_data["applied_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The day of application can't be in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if name := data.get("name"):
            same = Partner.objects.alias(name_key=NAME_KEY).filter(name_key=name_key(name))
            self.same_named = list(same[:5])
        if not self.same_named:
            del self.fields["is_another"]
        elif not self._is_said_to_be_another(data["name"]):
            self.add_error(
                "is_another", _("A partner of this name is listed already. Tick if it is another.")
            )
        if not data.get("contact_name") and (data.get("contact_phone") or data.get("contact_post")):
            self.add_error("contact_name", _("Say whose phone this is."))
        return data

    @property
    def partner_data(self) -> dict[str, Any]:
        return {
            k: v for k, v in self.cleaned_data.items() if k not in (*self.CONTACT, "is_another")
        }

    @property
    def contact_data(self) -> dict[str, str] | None:
        """The first contact as `add_contact` takes it, or `None` if none was named."""
        data = {name.removeprefix("contact_"): self.cleaned_data[name] for name in self.CONTACT}
        return data if data["name"] else None


class ProfileForm(EditForm):
    """What a partner's own members keep up."""

    class Meta:
        model = Partner
        fields = ("address", "party_branch", "offers")
        widgets = {"offers": TextArea(attrs={"rows": 4})}


class ContactForm(EditForm):
    locked_first = ("partner",)

    phone = PhoneField(label=_("Phone"), required=False)

    class Meta:
        model = Contact
        fields = ("name", "post", "phone", "is_main")
        labels = {"name": _("Full name")}


class MemberForm(HolderForm):
    """A person who is to act for a partner."""

    field_order = ("name", "phone", "is_them", "email")

    name = forms.CharField(
        label=_("Full name"), max_length=50, validators=[phones.validate_no_number]
    )
    phone = PhoneField(
        label=_("Phone"),
        signs_in=True,
        help_text=_("The person signs in with it. Somebody who has an account keeps it."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)


class ForPartnerForm(forms.Form):
    """Which partner takes something. Asks only where there is a choice.

    `free` are those of `partners` that hold none of it yet: only they are offered. Any of
    `partners` is taken, so that a second click is answered like the first.
    """

    partner = forms.ChoiceField(label=_("Partner"))

    def __init__(
        self, *args: Any, partners: Sequence[Partner], free: Sequence[Partner], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {str(partner.pk): partner for partner in partners}
        if len(partners) == 1:
            del self.fields["partner"]
        else:
            self._offer(free)

    def _offer(self, free: Sequence[Partner]) -> None:
        field: Any = self.fields["partner"]
        field.choices = [(pk, partner.name) for pk, partner in self.partners.items()]
        offered = [(str(partner.pk), partner.name) for partner in free]
        if len(free) == 1:
            self.initial["partner"] = free[0].pk
            field.widget = forms.HiddenInput()
        else:
            field.widget.choices = [("", gettext("Choose the partner")), *offered]

    @property
    def chosen_partner(self) -> Partner:
        only = next(iter(self.partners))
        return self.partners[self.cleaned_data.get("partner", only)]


# --- Transitions of the status --------------------------------------------------------------


class TransitionForm(forms.Form):
    """A transition of a partner's status: the day, and why if there is something to say."""

    on = DayField(label=_("On"), initial=timezone.localdate)
    reason = forms.CharField(label=_("Reason or remark"), max_length=200, required=False)


class EndingForm(TransitionForm):
    reason = ReasonField(help_text=_("It is kept in the partner's history."))


def proposed_end(running_until: date | None = None) -> date | None:
    """The last day of a usual term from today, or from the end of one that still runs.

    Nothing is proposed after an agreement that runs for good.
    """
    if running_until and running_until.year + TERM_YEARS > LAST_YEAR:
        return None  # as people write “for good”
    today = timezone.localdate()
    first = max(today, running_until + timedelta(days=1)) if running_until else today
    return last_day(first, years=TERM_YEARS)


class SignForm(forms.Form):
    signed_on = DayField(label=_("Signed on"), initial=timezone.localdate)
    agreement_ends_on = DayField(
        label=_("Agreement ends on"),
        initial=proposed_end,
        help_text=_("The last day, as the co-building agreement has it."),
    )
    reason = forms.CharField(label=_("Remark"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Say beside its field, and all at once, what the action would refuse one by one."""
        data = super().clean() or self.cleaned_data
        signed_on, ends_on = data.get("signed_on"), data.get("agreement_ends_on")
        if signed_on and signed_on > timezone.localdate():
            self.add_error("signed_on", _("The day of signing can't be in the future."))
        if signed_on and ends_on and ends_on <= signed_on:
            self.add_error(
                "agreement_ends_on", _("An agreement ends after the day on which it is signed.")
            )
        return data


class RenewForm(forms.Form):
    on = DayField(label=_("Renewed on"), initial=timezone.localdate)
    agreement_ends_on = DayField(
        label=_("Agreement now ends on"),
        help_text=_("The last day, as the renewed co-building agreement has it."),
    )
    reason = forms.CharField(label=_("Remark"), max_length=200, required=False)
