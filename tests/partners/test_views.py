"""A partner's pages as staff, secretaries and members use them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import Disclosure, User
from banyang.foundation.errors import Refused
from partners.actions import create_partner, resume_partner, suspend_partner
from partners.factories import ContactFactory, MemberFactory, PartnerFactory
from partners.models import Contact, Partner

pytestmark = pytest.mark.django_db


def page(name: str, pk: int) -> str:
    key = "partner_pk" if name in ("contact_add", "member_add") else "pk"
    return reverse(name, kwargs={key: pk})


def test_staff_enter_a_partner_with_its_contact(sign_in, staff: User, community) -> None:
    client = sign_in(staff)
    response = client.post(
        reverse("partner_create"),
        {
            "name": "  新  店 ",
            "kind": "sole_trader",
            "credit_code": "９１３７０３０２ ma3c0qxk4p",
            "community": community.pk,
            "applied_on": "2026-11-01",
            "contact_name": "张三",
            "contact_phone": "138 1234 5678",
        },
    )
    partner = Partner.objects.get()
    assert response["Location"] == partner.get_absolute_url()
    assert (partner.name, partner.credit_code) == ("新 店", "91370302MA3C0QXK4P")
    assert partner.contacts.get().phone == "13812345678"
    assert partner.contacts.get().is_main
    assert list(Partner.objects.matching("5678")) == [partner]


def test_wrong_entry_is_kept_and_said_beside_its_field(sign_in, staff: User) -> None:
    data = {"name": "店", "kind": "resident", "credit_code": "123", "contact_phone": "9"}
    response = sign_in(staff).post(reverse("partner_create"), data)
    errors = response.context["form"].errors
    assert {"credit_code", "contact_phone", "applied_on"} <= errors.keys()
    assert "18位" in errors["credit_code"][0]
    assert 'value="店"' in response.content.decode()
    assert not Partner.objects.exists()


def test_second_partner_with_a_credit_code_is_refused_at_the_field(sign_in, staff: User) -> None:
    PartnerFactory(credit_code="91370302MA3C0QXK4P")
    data = {"name": "店", "kind": "resident", "credit_code": "91370302MA3C0QXK4P"}
    response = sign_in(staff).post(reverse("partner_create"), data)
    assert "已在名单中" in response.context["form"].errors["credit_code"][0]


def test_application_of_tomorrow_is_refused_at_the_field(sign_in, staff: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    data = {"name": "店", "kind": "resident", "applied_on": tomorrow}
    response = sign_in(staff).post(reverse("partner_create"), data)
    assert "申请日期不能晚于今天" in response.context["form"].errors["applied_on"][0]
    with pytest.raises(Refused):
        create_partner(by=staff, name="店", kind="resident", applied_on=tomorrow)
    assert not Partner.objects.exists()


def test_second_partner_of_a_name_asks_first_and_loses_nothing(sign_in, staff: User) -> None:
    client, url = sign_in(staff), reverse("partner_create")
    listed = PartnerFactory(name="般阳（理发）店")
    PartnerFactory(name="另一家")
    assert "is_another" not in client.get(url).context["form"].fields
    data = {
        "name": "般阳 (理发) 店",
        "kind": "sole_trader",
        "applied_on": timezone.localdate(),
        "address": "般阳路8号",
    }
    response = client.post(url, data)
    page = response.content.decode()
    assert response.context["form"].errors.keys() == {"is_another"}
    assert listed.get_absolute_url() in page
    assert 'value="般阳路8号"' in page
    assert "仍要录入" in page
    assert "另一家" not in page
    assert Partner.objects.count() == 2
    # The tick stands for the name that was shown, and for no other that somebody types then.
    assert 'name="is_another" value="般阳 (理发) 店"' in page
    tick = {"is_another": data["name"]}
    page = client.post(url, data | tick | {"name": "另一家"}).content.decode()
    assert 'name="is_another" value="另一家"' in page
    assert "checked" not in page
    assert Partner.objects.count() == 2
    assert client.post(url, data | tick).status_code == 302
    assert Partner.objects.filter(address="般阳路8号").count() == 1


def test_whole_way_in_the_browser(sign_in, staff: User) -> None:
    client = sign_in(staff)
    partner = PartnerFactory(name="甲店")
    today = timezone.localdate()
    term = {"signed_on": today, "agreement_ends_on": today + timedelta(days=700)}
    way = [
        ("vet", {"on": today}, "vetted"),
        ("sign", term, "signed"),
        ("renew", {"on": today, "agreement_ends_on": today + timedelta(days=900)}, "signed"),
        ("suspend", {"on": today, "reason": "整改"}, "suspended"),
        ("resume", {"on": today}, "signed"),
        ("withdraw", {"on": today, "reason": "搬迁"}, "withdrawn"),
        ("sign", term, "signed"),
    ]
    for verb, data, status in way:
        url = page(f"partner_{verb}", partner.pk)
        assert "甲店" in client.get(url).content.decode()
        assert client.post(url, data).status_code == 302, verb
        partner.refresh_from_db()
        assert partner.status == status
    assert partner.number == 1
    assert partner.status_changes.count() == len(way)
    assert "搬迁" in client.get(partner.get_absolute_url()).content.decode()


def test_step_that_is_refused_says_so_on_its_page(sign_in, staff: User, partner: Partner) -> None:
    url = page("partner_resume", partner.pk)
    response = sign_in(staff).post(url, {"on": timezone.localdate()})
    assert response.status_code == 200
    assert "只有已暂停的合伙人才能恢复" in response.content.decode()


def test_offered_steps_are_those_that_the_status_allows(sign_in, staff: User) -> None:
    client = sign_in(staff)
    offered = {
        "applied": ["vet", "turn_down"],
        "vetted": ["sign", "turn_down"],
        "withdrawn": ["vet"],
    }
    for status, verbs in offered.items():
        partner = PartnerFactory(status=status)
        response = client.get(partner.get_absolute_url())
        assert [each.verb for each in response.context["transitions"]] == verbs


def test_member_keeps_up_offers_and_contacts_and_nothing_else(
    sign_in, member: User, partner: Partner
) -> None:
    client = sign_in(member)
    data = {"name": "改名", "note": "x", "address": "新地址", "offers": "理发"}
    assert client.post(page("partner_edit", partner.pk), data).status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.note) == ("般阳理发店", "")
    assert (partner.address, partner.offers) == ("新地址", "理发")
    client.post(page("contact_add", partner.pk), {"name": "李四", "phone": "13812345678"})
    contact = Contact.objects.get()
    content = client.get(partner.get_absolute_url()).content.decode()
    assert "13812345678" in content
    client.post(page("contact_remove", contact.pk))
    assert not Contact.objects.exists()


def test_member_does_not_see_the_internal_note(sign_in, member: User, partner: Partner) -> None:
    Partner.objects.filter(pk=partner.pk).update(note="需核实资质")
    assert "需核实资质" not in sign_in(member).get(partner.get_absolute_url()).content.decode()


def test_full_number_is_shown_by_a_recorded_press_of_a_button(
    sign_in, staff: User, secretary: User, other_member: User, partner: Partner
) -> None:
    contact = ContactFactory(partner=partner, phone="13812345678", is_main=True)
    client = sign_in(staff)
    assert "13812345678" not in client.get(partner.get_absolute_url()).content.decode()
    assert not Disclosure.objects.exists()
    url = page("contact_phone", contact.pk)
    assert client.get(url).status_code == 405
    assert "13812345678" in client.post(url).content.decode()
    assert Disclosure.objects.get().user == staff
    assert "13812345678" in sign_in(secretary).post(url).content.decode()
    assert sign_in(other_member).post(url).status_code == 404
    assert Disclosure.objects.count() == 2


def test_page_with_numbers_in_full_is_kept_nowhere(sign_in, member: User, partner: Partner) -> None:
    contact = ContactFactory(partner=partner)
    shown = sign_in(member).get(page("partner_detail", partner.pk))
    assert contact.phone in shown.text
    assert "no-store" in shown["Cache-Control"]


def test_contact_form_that_shows_the_number_is_recorded(
    sign_in, staff: User, partner: Partner
) -> None:
    contact = ContactFactory(partner=partner, phone="13812345678")
    sign_in(staff).get(page("contact_edit", contact.pk))
    assert Disclosure.objects.get().object_id == contact.pk


def test_new_member_gets_an_account_and_a_known_one_keeps_theirs(
    sign_in, staff: User, stranger: User, partner: Partner
) -> None:
    client = sign_in(staff)
    url = page("member_add", partner.pk)
    response = client.post(url, {"name": "王五", "phone": "13812345678"})
    invited = User.objects.get(phone="13812345678")
    assert response["Location"] == reverse("user_detail", kwargs={"pk": invited.pk})
    client.post(url, {"name": stranger.name, "phone": stranger.phone})
    assert set(partner.members.values_list("user", flat=True)) == {invited.pk, stranger.pk}
    client.post(page("member_remove", partner.members.get(user=stranger).pk))
    assert list(partner.members.values_list("user", flat=True)) == [invited.pk]


def test_number_of_somebody_else_is_asked_about_before_they_become_a_member(
    sign_in, staff: User, stranger: User, secretary: User, partner: Partner
) -> None:
    client, url = sign_in(staff), page("member_add", partner.pk)
    assert "is_them" not in client.get(url).context["form"].fields
    data = {"name": "另名", "phone": stranger.phone}
    response = client.post(url, data)
    (said,) = response.context["form"].errors["is_them"]
    assert stranger.name in said
    assert "就是这个人" in response.content.decode()
    assert "checked" not in response.content.decode()
    assert not partner.members.exists()
    # The tick stands for that person, and for nobody whose number is typed then.
    tick = {"is_them": str(stranger.pk)}
    response = client.post(url, data | tick | {"phone": secretary.phone})
    assert secretary.name in response.context["form"].errors["is_them"][0]
    assert "checked" not in response.content.decode()
    assert not partner.members.exists()
    assert client.post(url, data | tick).status_code == 302
    assert partner.members.get().user == stranger


def test_history_says_who_changed_what(
    sign_in, staff: User, secretary: User, community, partner: Partner
) -> None:
    client = sign_in(staff)
    data = {"name": "新名", "kind": "enterprise", "community": community.pk}
    client.post(page("partner_edit", partner.pk), data)
    client.post(page("contact_add", partner.pk), {"name": "李四", "phone": "13812345678"})
    contact = Contact.objects.get()
    data = {"name": "李四儿", "phone": "13900000000", "is_main": "on"}
    client.post(page("contact_edit", contact.pk), data)
    client.post(page("contact_remove", contact.pk))
    response = client.get(partner.get_absolute_url())
    changes = {change.title: change for change in response.context["changes"]}
    assert changes["修改资料"].who == str(staff)
    assert set(changes["修改资料"].lines) == {
        ("名称", "般阳理发店", "新名"),
        ("类型", "个体工商户", "企业"),
        ("社区", "（空）", "东升社区"),
    }
    assert changes["修改联系人李四儿"].lines == [
        ("姓名", "李四", "李四儿"),
        ("电话", "138****5678", "139****0000"),
    ]
    assert {"添加联系人李四", "移除联系人李四儿"} <= changes.keys()
    assert "13812345678" not in response.content.decode()
    assert not sign_in(secretary).get(partner.get_absolute_url()).context["changes"]


def test_page_costs_the_same_queries_however_long_the_history(
    sign_in, staff: User, partner: Partner, django_assert_max_num_queries
) -> None:
    client = sign_in(staff)
    for i in range(30):
        ContactFactory(partner=partner)
        Partner.objects.filter(pk=partner.pk).update(address=f"{i}号")
    client.get(partner.get_absolute_url())
    with django_assert_max_num_queries(14):
        client.get(partner.get_absolute_url())


def test_signing_says_at_once_what_is_wrong_with_both_days(sign_in, staff: User) -> None:
    partner = PartnerFactory(status=Partner.Status.VETTED)
    today = timezone.localdate()
    data = {"signed_on": today + timedelta(days=3), "agreement_ends_on": today}

    answer = sign_in(staff).post(reverse("partner_sign", args=[partner.pk]), data)

    assert answer.context["form"].errors == {
        "signed_on": ["签约日期不能晚于今天。"],
        "agreement_ends_on": ["协议到期日应晚于签约日期。"],
    }


def test_way_tells_a_resumption_from_the_signing(sign_in, staff: User, partner: Partner) -> None:
    today = timezone.localdate()
    suspend_partner(partner=partner, on=today, reason="整改", by=staff)
    resume_partner(partner=partner, on=today, by=staff)
    page = sign_in(staff).get(partner.get_absolute_url()).content.decode()
    way = page.split("办理记录")[1]
    assert "<strong>恢复</strong>" in way
    assert "已签约" not in way


def test_members_are_promised_only_what_a_running_agreement_gives(
    sign_in, staff: User, partner: Partner
) -> None:
    client, promise = sign_in(staff), "邀请成员后"
    assert promise in client.get(partner.get_absolute_url()).content.decode()
    for status in (Partner.Status.APPLIED, Partner.Status.VETTED, Partner.Status.WITHDRAWN):
        other = PartnerFactory(status=status)
        assert promise not in client.get(other.get_absolute_url()).content.decode()
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.SUSPENDED)
    assert promise not in client.get(partner.get_absolute_url()).content.decode()


def test_home_of_a_member_says_that_its_partner_is_to_sign_first(sign_in, stranger: User) -> None:
    MemberFactory(partner=PartnerFactory(), user=stranger)
    found = sign_in(stranger).get(reverse("home")).content.decode()
    assert "看看可认领的项目" not in found
    assert "尚未签约" in found
    MemberFactory(user=stranger)
    found = sign_in(User.objects.get(pk=stranger.pk)).get(reverse("home")).content.decode()
    assert "看看可认领的项目" in found
    assert "尚未签约" not in found


def test_refused_edit_is_still_headed_by_the_stored_name(
    sign_in, staff: User, partner: Partner
) -> None:
    client = sign_in(staff)
    typed = {"name": "新名字", "kind": "无此类型"}
    found = client.post(page("partner_edit", partner.pk), typed).content.decode()
    assert 'value="新名字"' in found
    assert found.count("新名字") == 1
    assert str(partner) in found
    contact = ContactFactory(partner=partner, name="李四")
    typed = {"name": "王五", "phone": "1"}
    found = client.post(page("contact_edit", contact.pk), typed).content.decode()
    assert found.count("王五") == 1
    assert "李四" in found


def test_column_of_buttons_is_not_printed_with_its_title(
    sign_in, staff: User, partner: Partner
) -> None:
    ContactFactory(partner=partner)
    found = sign_in(staff).get(partner.get_absolute_url()).content.decode()
    assert '<th scope="col" class="cell-actions">' in found
    assert '<td class="cell-actions">' in found
