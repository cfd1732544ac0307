"""Names are shown to everybody who sees a partner, so no phone number hides in one."""

import pytest
from django.urls import reverse

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from partners.actions import add_contact
from partners.models import Contact, Partner

NAMES = [
    "张三13805331234",
    "张三 138 0533 1234",
    "张三（0533-5180000）",
    "张三１３８０５３３１２３４",
    "张三（0533）5180000",
    "张三138—0533—1234",
    "张三 400-800-1234",
]


@pytest.mark.parametrize("name", NAMES)
def test_contact_typed_in_with_a_number_in_the_name_is_refused(
    name, sign_in, staff, partner
) -> None:
    answer = sign_in(staff).post(reverse("contact_add", args=[partner.pk]), {"name": name})
    assert answer.context["form"].errors["name"] == [
        "姓名里不能有电话号码。这里只写姓名，号码请填在电话栏。"
    ]
    with pytest.raises(Refused):
        add_contact(partner=partner, by=staff, name=name)
    assert not Contact.objects.exists()


def test_first_contact_of_a_new_partner_is_refused_a_number_as_name(sign_in, staff) -> None:
    data = {"name": "般阳茶社", "kind": "enterprise", "contact_name": NAMES[0]}
    answer = sign_in(staff).post(reverse("partner_create"), data)
    assert "contact_name" in answer.context["form"].errors


def test_partner_is_refused_a_number_as_name(sign_in, staff, partner) -> None:
    """A resident's name is a partner's, which everybody reads."""
    data = {"name": NAMES[0], "kind": "resident"}
    pages = reverse("partner_create"), reverse("partner_edit", args=[partner.pk])
    for page in pages:
        assert "name" in sign_in(staff).post(page, data).context["form"].errors
    assert not Partner.objects.filter(name=NAMES[0]).exists()


def test_account_is_refused_a_number_as_name(sign_in, staff) -> None:
    data = {"name": NAMES[0], "phone": "13805331234"}
    answer = sign_in(staff).post(reverse("user_invite"), data)
    assert "name" in answer.context["form"].errors
    assert not User.objects.filter(name=NAMES[0]).exists()
