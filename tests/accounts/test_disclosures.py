"""Masked numbers: whoever is shown one leaves a record that nobody can edit."""

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from banyang.accounts.actions import disclose, record_export
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import Disclosure, User
from communities.factories import HelperFactory
from communities.models import Community
from partners.factories import ContactFactory
from partners.models import Partner


def test_disclose_records_who_saw_whose_number(staff: User) -> None:
    helper = HelperFactory(phone="19800000001")
    assert disclose(thing=helper, field="phone", by=staff) == "19800000001"
    disclosure = Disclosure.objects.get()
    assert (disclosure.user, disclosure.object_id) == (staff, helper.pk)
    assert disclosure.content_type.model_class() is type(helper)


def test_disclosure_cannot_be_edited_or_deleted(staff: User) -> None:
    disclose(thing=HelperFactory(), field="phone", by=staff)
    for tamper in (Disclosure.objects.all().delete, lambda: Disclosure.objects.update(field="x")):
        with pytest.raises(ProgrammingError, match="append_only"), transaction.atomic():
            tamper()
    assert Disclosure.objects.get().field == "phone"


@pytest.mark.parametrize("kind", ["contact_edit", "helper_edit", "user_edit"])
def test_a_form_sent_without_anything_shows_the_stored_number_and_is_recorded(
    kind: str, sign_in, staff: User, partner: Partner, community: Community, member: User
) -> None:
    thing = {
        "contact_edit": lambda: ContactFactory(partner=partner),
        "helper_edit": lambda: HelperFactory(community=community),
        "user_edit": lambda: member,
    }[kind]()
    assert thing.phone in sign_in(staff).post(reverse(kind, args=[thing.pk])).text
    assert Disclosure.objects.get().object_id == thing.pk


def test_page_with_a_number_turns_to_large_type_on_the_page_before(
    sign_in, staff: User, partner: Partner
) -> None:
    """It only answers a press: loaded anew, it would not be there."""
    contact = ContactFactory(partner=partner)
    client = sign_in(staff)
    shown = client.post(reverse("contact_phone", args=[contact.pk])).text
    assert f'name="next" value="{partner.get_absolute_url()}"' in shown


def test_staff_read_who_was_shown_whose_number(
    sign_in, staff: User, secretary: User, partner: Partner, community: Community
) -> None:
    contact = ContactFactory(partner=partner, name="周小满", phone="13805331234")
    helper = HelperFactory(community=community, name="赵淑英")
    disclose(thing=contact, field="phone", by=secretary)
    disclose(thing=helper, field="phone", by=staff)
    helper.delete()
    client = sign_in(staff)
    page = client.get(reverse("disclosure_list"))
    assert [str(record.thing) for record in page.context["page"]] == ["None", "周小满"]
    assert "已移除" in page.text
    assert "13805331234" not in page.text
    assert 'aria-current="true">人员</a>' in page.text
    named = client.get(reverse("disclosure_list"), {"q": secretary.name})
    assert [record.user for record in named.context["page"]] == [secretary]
    earlier = client.get(reverse("disclosure_list"), {"until": "2020-01-01"})
    assert not earlier.context["page"].rows


def test_staff_read_who_took_which_list_out(sign_in, staff: User) -> None:
    colleague = UserFactory(name="林静", is_staff=True)
    record_export(model=Partner, query="status=signed", rows=151, by=colleague, phones_shown=True)
    client = sign_in(staff)
    page = client.get(reverse("export_list")).text
    for said in ("林静", "合伙人", "151", "完整号码"):
        assert said in page
    none_since = client.get(reverse("export_list"), {"since": "2099-01-01"})
    assert not none_since.context["page"].rows
