"""A partner's phone numbers become its contacts, beside those it has."""

import pytest

from partners.actions import update_contact
from partners.factories import ContactFactory, PartnerFactory
from partners.models import Contact, Partner
from tests.partners.imports.conftest import TITLES, code, everything, kinds, problems, row, workbook


def people(partner: Partner) -> list[tuple]:
    return list(partner.contacts.values_list("name", "phone", "is_main"))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("周八\n吴九", ["周八", "吴九"]),
        ("周八、吴九", ["周八", "吴九"]),
        ("周 八", ["周八", "周八"]),
        (None, ["般阳第1便民服务部", "般阳第1便民服务部"]),
    ],
)
def test_several_phones_in_a_cell_become_several_contacts(preview, commit, names, expected) -> None:
    content = workbook([TITLES, row(1, 联系人=names, 联系电话="13805339999/13805338888")])
    commit(preview(content))
    partner = Partner.objects.get()
    assert people(partner) == [
        (expected[0], "13805339999", True),
        (expected[1], "13805338888", False),
    ]
    assert Partner.objects.matching("13805338888").get() == partner
    before = everything()
    assert kinds(preview(content)) == {2: "unchanged"}
    assert everything() == before


def test_several_phones_are_added_to_those_the_list_has(preview, commit) -> None:
    partner = PartnerFactory(name="般阳第1便民服务部", credit_code=code(1))
    ContactFactory(partner=partner, name="吴九", phone="13805338888", is_main=True)
    content = workbook([TITLES, row(1, 联系人="周八\n吴九", 联系电话="13805339999/13805338888")])
    commit(preview(content))
    assert people(partner) == [("吴九", "13805338888", True), ("周八", "13805339999", False)]
    assert kinds(preview(content)) == {2: "unchanged"}


def test_rows_of_one_partner_with_other_further_phones_differ(preview) -> None:
    rows = [row(1, 联系电话=f"13805339999/1380533888{digit}") for digit in (7, 8)]
    found = preview(workbook([TITLES, *rows]))
    assert kinds(found) == {2: "new", 3: "error"}


def test_phones_that_nobody_can_tell_whose_they_are(preview) -> None:
    content = [TITLES, row(1, 联系人="周八、吴九、郑十", 联系电话="13805339999/13805338888")]
    ((name, said),) = problems(preview(workbook(content)), 2)
    assert name == "phone"
    assert "一格里有2个电话，联系人却有3位" in said


def test_one_person_stays_one_contact_though_nobody_is_said_to_be_main(
    preview, commit, staff
) -> None:
    content = workbook([TITLES, row(1)])
    commit(preview(content))
    contact = Contact.objects.get()
    update_contact(contact=contact, is_main=False, by=staff)
    assert kinds(preview(content)) == {2: "unchanged"}
    commit(preview(workbook([TITLES, row(1, 联系电话="13811112222")])))
    assert Contact.objects.get().phone == "13811112222"


def test_contacts_beside_the_main_one_stay_findable(preview, commit) -> None:
    partner = PartnerFactory(name="般阳理发店", kind="enterprise")
    ContactFactory(partner=partner, phone="19700000001", is_main=True)
    ContactFactory(partner=partner, phone="19700000002")
    commit(preview(workbook([["名称", "联系电话"], ["般阳理发店", "19700000003"]])))
    assert Partner.objects.matching("19700000002").get() == partner
    assert Partner.objects.matching("19700000003").get() == partner
    assert not Partner.objects.matching("19700000001").exists()
