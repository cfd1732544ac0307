"""Forms of accounts."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.utils.translation import gettext_lazy as _

from banyang.accounts import phones
from banyang.accounts.models import User


class SignInForm(auth_forms.AuthenticationForm):
    """Phone number or username, and password."""

    username = forms.CharField(
        label=_("Phone number or username"),
        max_length=50,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    # The same sentence for an unknown name, a wrong password and an account that may not sign
    # in: it must not tell who has an account.
    error_messages = {
        "invalid_login": _(
            "This phone number or username and this password do not belong together. "
            "Check both; upper and lower case matter in the password."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")


class PasswordChangeForm(auth_forms.PasswordChangeForm):
    """The old password once, the new one twice."""


class _PhoneField(forms.ModelForm):
    """A form of an account whose phone number is normalised before it is compared."""

    def clean_phone(self) -> str | None:
        return phones.normalise(self.cleaned_data["phone"]) or None


_PHONE_ERRORS = {"phone": {"unique": _("This phone number already belongs to another account.")}}
_ATTRS = {
    "name": forms.TextInput(attrs={"autocomplete": "name"}),
    "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    "email": forms.EmailInput(attrs={"autocomplete": "email"}),
}


class ProfileForm(_PhoneField):
    """What everybody sets about themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["name", "phone", "email", "language"]
        widgets = _ATTRS
        error_messages = _PHONE_ERRORS
