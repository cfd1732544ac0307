"""What is a phone number, and what one may sign in with."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.forms import model_to_dict
from django.urls import reverse

from banyang.accounts import phones
from banyang.accounts.models import User
from banyang.forms import PhoneField
from banyang.office.models import Office


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("＋86 １３８１２３４５６７８", "13812345678"),
        ("0533-5181234", "05335181234"),
        ("（0533）5181234 转 12", "05335181234-12"),
        ("010-62345678", "01062345678"),
        ("0533-518-1234", "05335181234"),
        ("0533-5181234#8", "05335181234-8"),
        ("0533 5181234 - 12", "05335181234-12"),
        ("05335181234—12", "05335181234-12"),
        ("010-6234-5678 ext. 12345", "01062345678-12345"),
        ("0533-5181234转1", "05335181234-1"),
        ("400-800-1234", "4008001234"),
        ("400-800-1234-5", "4008001234-5"),
        (" ", ""),
    ],
)
def test_phone_number_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert phones.normalise(typed) == stored
    assert phones.normalise(stored) == stored


def test_extension_stays_when_a_contact_is_saved(sign_in: Any, staff: User, partner: Any) -> None:
    client, page = sign_in(staff), reverse("contact_add", args=[partner.pk])
    client.post(page, {"name": "王小明", "phone": "0533-5181234转1"})
    contact = partner.contacts.get()
    assert contact.phone == "05335181234-1"
    page = reverse("contact_edit", args=[contact.pk])
    form = client.get(page).context["form"]
    again = {name: form[name].value() or "" for name in form.fields} | {"post": "经理"}
    assert client.post(page, again).status_code == 302
    contact.refresh_from_db()
    assert (contact.phone, contact.post) == ("05335181234-1", "经理")


@pytest.mark.parametrize(
    "typed",
    [
        "1381234",
        "13812345",
        "0533-518",
        "5181234",
        "51812345",
        "12812345678",
        "00005181234",
        "13812345678-12",
        "0533-5181234-123456",
    ],
)
def test_number_that_cannot_be_called_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        phones.normalise(typed)


@pytest.mark.parametrize(
    ("office_phone", "stored"),
    [
        ("05335550000", "05335181234"),
        ("0533-5550000", "05335181234"),
        ("（0533）555 0000", "05335181234"),
        ("010 - 5550 0000", "0105181234"),
        ("13812345678", None),
        ("5550000", None),
    ],
)
def test_number_without_area_code_gets_that_of_the_office(
    office_phone: str,
    stored: str | None,
    sign_in: Any,
    staff: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    office = model_to_dict(Office.current()) | {"phone": office_phone}
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_in(staff).post(reverse("office_edit"), office).status_code == 302
    field = PhoneField(required=False)
    if stored:
        assert field.clean("518 1234") == stored
    else:
        with pytest.raises(ValidationError):
            field.clean("518 1234")
    with pytest.raises(ValidationError):
        field.clean("1381234")


@pytest.mark.parametrize("typed", ["1381234", "0533-5181234", "4008001234"])
def test_landline_signs_nobody_in(typed: str, sign_in: Any, staff: User) -> None:
    answer = sign_in(staff).post(reverse("user_invite"), {"name": "新人", "phone": typed})
    assert answer.context["form"].errors.keys() == {"phone"}
    assert f'value="{typed}"' in answer.text
    assert not User.objects.filter(name="新人").exists()


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("05335181234", "0533****1234"),
        ("01085181234", "010****1234"),
        ("4008001234", "400****1234"),
        ("05335551234-8", "0533****1234"),
        ("4008001234-12", "400****1234"),
        ("82271234", "****1234"),
        ("5181234", "****234"),
        ("", ""),
        (None, ""),
    ],
)
def test_masked_number_can_be_recognised_and_not_called(phone: str | None, masked: str) -> None:
    assert phones.mask(phone) == masked
