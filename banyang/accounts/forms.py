"""Forms of accounts."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from banyang.accounts.models import RecordQuerySet, User, UserQuerySet
from banyang.foundation import phones
from banyang.foundation.forms import DayField, EditForm, PhoneField
from banyang.foundation.listing import FilterForm, Sort


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


class SetPasswordForm(auth_forms.SetPasswordForm):
    """A new password, twice; what is wrong with it is said where it is entered first."""

    def validate_password_for_user(self, user: Any, password_field_name: str = "") -> None:
        super().validate_password_for_user(user, "new_password1")


class PasswordChangeForm(SetPasswordForm, auth_forms.PasswordChangeForm):
    """The old password once, the new one twice."""


def _phone(autocomplete: str = "off") -> PhoneField:
    """An account's phone number, which nobody else has."""
    return PhoneField(
        label=_("phone"),
        required=False,
        empty_value=None,
        signs_in=True,
        autocomplete=autocomplete,
        error_messages={"unique": _("This phone number already belongs to another account.")},
    )


class ProfileForm(EditForm):
    """What everybody sets about themselves.

    Not the phone number, which staff alone enter: a role goes to the account that has the number
    of whoever is appointed, so nobody may put somebody else's on their own. Nor is anybody told
    by a field whether a number has an account.
    """

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["name", "email", "language"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }


class StaffProfileForm(ProfileForm):
    """What staff set about themselves."""

    phone = _phone(autocomplete="tel")

    class Meta(ProfileForm.Meta):
        fields = ["name", "phone", "email", "language"]


class InviteForm(forms.Form):
    """Who is invited; `actions.invite_user` takes its data. Other apps' invitations extend it."""

    name = forms.CharField(
        label=_("Full name"), max_length=50, validators=[phones.validate_no_number]
    )
    phone = PhoneField(label=_("Phone"), signs_in=True, help_text=_("The person signs in with it."))
    username = forms.CharField(
        label=_("Username"),
        max_length=50,
        required=False,
        validators=User._meta.get_field("username").validators,
        help_text=_("A second way to sign in. Left empty, it is made from the name."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)


class UserInviteForm(InviteForm):
    """An invitation by the street office; communities and partners give their roles themselves."""

    is_staff = forms.BooleanField(
        label=_("Works at the street office"),
        required=False,
        help_text=_("Street-office staff see and change everything, and invite people."),
    )


class UserForm(EditForm):
    """What staff set about somebody."""

    phone = _phone()

    def lock(self) -> None:
        User.objects.lock_staff()
        super().lock()

    class Meta:
        model = User
        fields = ["name", "phone", "email", "is_staff"]
        labels = {"is_staff": _("Works at the street office")}
        help_texts = {
            "is_staff": _("Street-office staff see and change everything, and invite people.")
        }


class UserFilters(FilterForm):
    """What narrows the list of people."""

    class Role(models.TextChoices):
        STAFF = "staff", _("street-office staff")
        SECRETARY = "secretary", _("community secretary")
        MEMBER = "member", _("partner member")
        NONE = "none", _("no role")

    class Access(models.TextChoices):
        ACTIVE = "active", _("signs in")
        INVITED = "invited", _("invited")
        INACTIVE = "inactive", _("deactivated")

    SORTS = {
        # Mostly the name's pinyin, in which people look for a name.
        "username": Sort(_("Username"), "username"),
        "joined": Sort(_("Since"), "joined_at"),
    }

    search = forms.CharField(label=_("Name, username or phone"))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("all")), *Role.choices])
    access = forms.ChoiceField(label=_("Access"), choices=[("", _("all")), *Access.choices])

    def filtered(self, queryset: UserQuerySet) -> UserQuerySet:
        if search := self.active.get("search"):
            queryset = queryset.matching(search)
        if role := self.active.get("role"):
            queryset = queryset.with_role(role)
        if access := self.active.get("access"):
            queryset = queryset.with_access(access)
        return queryset


class RecordFilters(FilterForm):
    """What narrows the records of numbers shown and of lists taken out, each `at` its moment."""

    q = forms.CharField(
        label=_("Who"), widget=forms.SearchInput(attrs={"placeholder": _("Full name")})
    )
    since = DayField(label=_("From"))
    until = DayField(label=_("Until"))

    def filtered(self, queryset: RecordQuerySet) -> RecordQuerySet:
        if name := self.active.get("q"):
            queryset = queryset.filter(user__in=User.objects.matching(name))
        if since := self.active.get("since"):
            queryset = queryset.filter(at__date__gte=since)
        if until := self.active.get("until"):
            queryset = queryset.filter(at__date__lte=until)
        return queryset
