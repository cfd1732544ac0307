"""What people fill in about communities; the actions save it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from banyang.accounts.holders import HolderForm
from banyang.foundation import phones
from banyang.foundation.forms import EditForm, PhoneField, TextArea
from banyang.foundation.public_words import PublicWords
from communities.models import Community, Helper, Secretary


class AboutForm(PublicWords, EditForm):
    """What a community says about itself, which its secretary changes as well."""

    public = ("brand", "brand_summary", "address")

    phone = PhoneField(
        label=_("office phone"), required=False, help_text=_("Everybody can read it.")
    )

    class Meta:
        model = Community
        fields: tuple[str, ...] = ("brand", "brand_summary", "address", "phone")
        widgets = {"brand_summary": TextArea(attrs={"rows": 4})}
        help_texts = {
            "brand": _("The community's own feature, in a few words."),
            "brand_summary": _("What the community does under this name, for everybody to read."),
        }


class CommunityForm(AboutForm):
    """Everything about a community, for street-office staff."""

    class Meta(AboutForm.Meta):
        fields: tuple[str, ...] = ("code", "name", "short_name", *AboutForm.Meta.fields)


class AppointForm(HolderForm):
    field_order = ("phone", "name", "is_them", "post")

    phone = PhoneField(
        label=_("phone"),
        signs_in=True,
        help_text=_("Whoever has an account with this number gets the post; else one is made."),
    )
    name = forms.CharField(
        label=_("full name"), max_length=50, validators=[phones.validate_no_number]
    )
    post = forms.ChoiceField(
        label=_("post"),
        choices=Secretary.Post.choices,
        widget=forms.RadioSelect,
        initial=Secretary.Post.SECRETARY,
        help_text=_("Both have the same rights in the product."),
    )


class HelperForm(EditForm):
    phone = PhoneField(
        label=_("phone"),
        required=False,
        help_text=_("Shown masked; you and the street office see it in full by a recorded press."),
    )

    class Meta:
        model = Helper
        fields = ("role", "name", "area", "phone")
        labels = {"name": _("full name")}
