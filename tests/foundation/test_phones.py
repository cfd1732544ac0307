"""What is a phone number, and what one may sign in with."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.forms import model_to_dict
from django.urls import reverse

from banyang.accounts.models import User
from banyang.foundation import phones
from banyang.foundation.forms import PhoneField
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
        ("138.0000.0000", "13800000000"),
        ("138——0000——0000", "13800000000"),
        ("（+86）138·0000·0000", "13800000000"),
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


@pytest.mark.parametrize(
    "number",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "138—0000—0000",
        "138——0000——0000",
        "138 - 0000 - 0000",
        "138.0000.0000",
        "138·0000·0000",
        "138\n0000\n0000",
        "138  0000  0000",
        "1380-000-0000",
        "(138)0000-0000",
        "+86 138 0000 0000",
        "+86-138-0000-0000",
        "(+86)13800000000",
        "008613800000000",
        "05335180000",
        "0533 5180000",
        "0533-5180000",
        "0533 - 5180000",
        "0533—518—0000",
        "0533-518-0000",
        "0533.518.0000",
        "(0533)5180000",
        "(0533) 518 0000",
        "(0533)-5180000",
        "+86-0533-5180000",
        "010-6234-5678",
        "020 81234567",
        "4008001234",
        "400-800-1234",
        "400 800 1234",
        "800-810-1234",
    ],
)
def test_number_is_found_in_a_text_in_every_usual_form(number: str) -> None:
    text = f"张三{number}，请联系"
    assert phones.numbers_in(text) == [number]
    wide = text.translate({ord(narrow): ord(narrow) + 0xFEE0 for narrow in "0123456789()-+."})
    assert phones.numbers_in(wide) == [number]
    assert phones.masked(wide) == f"张三{phones.mask(phones.normalise(number))},请联系"


def test_every_number_of_a_text_is_found() -> None:
    text = "0533-5180000转8或138—1234—5678/139 1234 5678 13712345678"
    found = ["0533-5180000", "138—1234—5678", "139 1234 5678", "13712345678"]
    assert phones.numbers_in(text) == found
    masked = "0533****0000转8或138****5678/139****5678 137****5678"
    assert phones.masked(text) == masked


@pytest.mark.parametrize(
    ("number", "behind"),
    [
        ("13805331234", "元旦"),
        ("138-0533-1234", "元"),
        ("0533-5180000", "人事科"),
        ("0533-5180000", "元"),
        ("400-800-1234", "元旦不休"),
        ("400-800-1234", "人工"),
    ],
)
def test_number_is_found_whatever_word_follows_it(number: str, behind: str) -> None:
    assert phones.numbers_in(f"请拨{number}{behind}") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026年11月22日",
        "2026.11.22-2027.11.21",
        "2025-2026年",
        "20261122",
        "1949-1978 2012",
        "08:30-11:30",
        "0830-1130 1400-1730",
        "13:30—17:00",
        "12-3-401",
        "8号楼1302室、1301室",
        "1302 1401 1503",
        "1380元",
        "补贴400-800元",
        "每户补贴400-800-1200元",
        "400—800—1200 元",
        "800-810-1200人次",
        "400 800 1200平方米",
        "400-800-1200㎡",
        "13,800,000.00元",
        "138.50元",
        "1380 0000元",
        "0.0533",
        "151 2026",
        "般阳合字〔2026〕第0151号",
        "BYHHR-2026-0151",
        "协议编号202611220151",
        "91370302MA3C0QXK4P",
        "91370302MA05335180",
        "913703021380533123",
        "370302198001011234",
        "370302 19800101 1234",
        "370302001001",
        "6222 0238 1380 5331 234",
        "订单1380000000012",
        "12345",
        "12345热线、96111、110",
        "192.168.0.1",
        "117.9676, 36.6536",
        "",
    ],
)
def test_other_digits_are_no_phone_number(text: str) -> None:
    assert phones.numbers_in(text) == []


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["1", "0533 ", "138-", "138 0000 ", "(0533", " ", "—", "+86 "])
def test_long_text_is_looked_through_in_one_go(piece: str) -> None:
    assert phones.numbers_in(piece * 200_000 + "x 13800000000")[-1] == "13800000000"
