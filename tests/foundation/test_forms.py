"""What the forms of every room are made of."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver, reverse
from django.utils import translation
from django.utils.timezone import localtime

from banyang.accounts.models import Disclosure, User
from banyang.foundation.errors import Refused
from banyang.foundation.forms import (
    DASHES,
    DayField,
    GroupedChoiceField,
    MomentField,
    PhoneField,
    TextArea,
    _fingerprint,
    submitted,
)
from communities.factories import CommunityFactory, HelperFactory
from communities.forms import AboutForm
from communities.models import Community
from partners.factories import PartnerFactory
from projects.catalogue.factories import CategoryFactory, GroupFactory, ServiceFactory
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory
from projects.needs.factories import NeedFactory


def test_empty_choice_says_whether_one_must_choose() -> None:
    class Form(forms.Form):
        must = forms.ChoiceField(choices=[("", DASHES), ("a", "A")])
        may = forms.ChoiceField(choices=[("", DASHES), ("a", "A")], required=False)
        own = forms.ChoiceField(choices=[("", "nowhere"), ("a", "A")], required=False)

    with translation.override("zh-hans"):
        form = Form()
        must, may, own = (str(form[name]) for name in ("must", "may", "own"))

    assert '<option value="" selected>请选择</option>' in must
    assert '<option value="" selected>无</option>' in may
    assert '<option value="" selected>nowhere</option>' in own


def test_line_break_counts_once_as_it_does_in_the_browser() -> None:
    class Form(forms.Form):
        words = forms.CharField(max_length=3, widget=TextArea())

    form = Form({"words": "一\r\n二"})
    assert form.is_valid()
    assert form.cleaned_data["words"] == "一\n二"


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_day_of_an_impossible_year_is_refused(day: str) -> None:
    for field, typed in ((DayField(), day), (MomentField(), f"{day}T19:00")):
        with pytest.raises(ValidationError):
            field.clean(typed)


def test_day_of_our_times_is_taken() -> None:
    class Form(forms.Form):
        day = DayField()

    for day in ("2000-01-01", "2100-12-31"):
        assert DayField().clean(day).isoformat() == day
        assert localtime(MomentField().clean(f"{day}T00:00")).isoformat()[:16] == f"{day}T00:00"
    assert 'min="2000-01-01" max="2100-12-31"' in str(Form()["day"])


def fields_of_ours() -> dict[str, forms.Field]:
    """Every field of every form of the product, by the form's name and its own."""
    get_resolver().url_patterns  # noqa: B018 - every view is loaded, and with them the forms

    def kinds(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
        for kind in form.__subclasses__():
            yield kind
            yield from kinds(kind)

    rooms = ("banyang.", "communities.", "partners.", "projects.", "events.")
    return {
        f"{kind.__qualname__}.{name}": field
        for kind in kinds(forms.BaseForm)
        if kind.__module__.startswith(rooms)
        for name, field in getattr(kind, "base_fields", {}).items()
    }


def test_every_form_of_ours_asks_for_days_of_our_times() -> None:
    asked = {
        name: field
        for name, field in fields_of_ours().items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
    }
    assert len(asked) > 10
    assert [n for n, field in asked.items() if not isinstance(field, DayField | MomentField)] == []


def test_every_form_of_ours_limits_its_texts() -> None:
    texts = {
        name: field
        for name, field in fields_of_ours().items()
        if isinstance(field.widget, forms.Textarea)
    }
    assert len(texts) > 10
    assert [name for name, field in texts.items() if not getattr(field, "max_length", None)] == []


@pytest.mark.parametrize(("empty_value", "stored"), [("", ""), (None, None)])
def test_phone_field_cleans_to_what_is_stored(empty_value: str | None, stored: str | None) -> None:
    field = PhoneField(required=False, empty_value=empty_value)

    assert field.clean("（0533）518 1234") == "05335181234"
    assert field.clean(" ") == stored
    with pytest.raises(ValidationError):
        field.clean("12")


@pytest.mark.django_db
def test_grouped_choices_stand_under_their_headings() -> None:
    for code, name in (("370302001001", "甲"), ("370302001002", "乙"), ("370302002001", "丙")):
        CommunityFactory(code=code, short_name=name)
    field = GroupedChoiceField(
        Community.objects.order_by("code"), heading=lambda it: it.code[:9], empty_label="all"
    )

    blank, first, second = list(field.choices)
    assert blank == ("", "all")
    assert (first[0], [label for _pk, label in first[1]]) == ("370302001", ["甲", "乙"])
    assert (second[0], [label for _pk, label in second[1]]) == ("370302002", ["丙"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "url", "field", "more"),
    [
        (PartnerFactory, "partner_edit", "address", {"name": "甲店", "kind": "resident"}),
        (CommunityFactory, "community_edit", "brand", {}),
        (ProjectFactory, "project_edit", "location", {"title": "理发", "capacity": 1}),
        (NeedFactory, "need_edit", "location", {"text": "修灯"}),
        (DeliveryFactory, "delivery_edit", "location", {}),
        (ServiceFactory, "service_edit", "typical_partners", {}),
        (CategoryFactory, "category_edit", "name", {}),
        (GroupFactory, "group_edit", "name", {}),
    ],
)
def test_edit_form_keeps_what_somebody_else_has_stored_meanwhile(
    kind: Any, url: str, field: str, more: dict[str, Any], sign_in: Any, staff: User
) -> None:
    client, thing = sign_in(staff), kind()
    where = reverse(url, args=[thing.code if kind is CommunityFactory else thing.pk])
    whole = client.get(where).context["form"].initial
    assert f'name="opened_with" value="{whole["opened_with"]}"' in client.get(where).text
    typed = {k: v for k, v in whole.items() if v is not None} | more | {field: "我写的"}

    type(thing).objects.filter(pk=thing.pk).update(**{field: "同事写的"})
    answer = client.post(where, typed)

    assert answer.status_code == 200
    assert "“同事写的”" in answer.text
    assert 'value="我写的"' in answer.text
    thing.refresh_from_db()
    assert getattr(thing, field) == "同事写的"

    seen = answer.context["form"]["opened_with"].value()
    assert client.post(where, typed | {"opened_with": seen}).status_code == 302
    thing.refresh_from_db()
    assert getattr(thing, field) == "我写的"


def test_edit_form_says_of_a_stored_phone_number_only_what_tells_it_apart(
    sign_in: Any, secretary: User, community: Community
) -> None:
    helper = HelperFactory(community=community, phone="19800001234")
    url = reverse("helper_edit", args=[helper.pk])
    typed = {"role": helper.role, "name": helper.name, "area": helper.area, "phone": "19700005678"}

    page = sign_in(secretary).post(url, typed | {"opened_with": "x"}).text

    assert "“198****1234”" in page
    assert helper.phone not in page
    assert not Disclosure.objects.exists()


def test_fingerprints_of_one_number_are_others_elsewhere(settings: Any) -> None:
    here = _fingerprint("19800001234")
    settings.SECRET_KEY = "another"
    assert _fingerprint("19800001234") != here


class DayForm(forms.Form):
    day = DayField()


@pytest.mark.parametrize(("beside", "key"), [(None, "__all__"), ("day", "day")])
def test_refusal_stands_on_top_of_the_form_or_beside_a_field(beside: str | None, key: str) -> None:
    form = DayForm({"day": "2026-05-04"})
    with submitted(form, refusals_beside=beside) as is_valid:
        assert is_valid
        raise Refused("The office is closed on this day.")
    assert form.errors == {key: ["The office is closed on this day."]}


def test_fault_that_is_no_refusal_is_not_put_into_the_form() -> None:
    with pytest.raises(ZeroDivisionError), submitted(DayForm({"day": "2026-05-04"})):
        raise ZeroDivisionError


@pytest.mark.django_db
def test_edit_form_leaves_the_page_its_own_object_as_it_is_stored() -> None:
    community = CommunityFactory(brand="before")
    opened_with = AboutForm(instance=community).initial["opened_with"]
    form = AboutForm({"brand": "after", "opened_with": opened_with}, instance=community)
    with submitted(form) as is_valid:
        assert is_valid
    assert (form.instance.brand, community.brand) == ("after", "before")
