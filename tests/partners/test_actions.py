"""What the actions do to a partner, and what they refuse."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from partners import actions
from partners.codes import normalise_credit_code, validate_credit_code
from partners.factories import ContactFactory, PartnerFactory
from partners.forms import proposed_end
from partners.models import Contact, Partner, StatusChange

pytestmark = pytest.mark.django_db

CODE = "91370302MA3C0QXK4P"  # made up, with the check character that fits
TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def move(partner: Partner, verb: str, by: User) -> Partner:
    """Take one step today, with a reason and a term where the step has one."""
    today = timezone.localdate()
    later = today + timedelta(days=4000)
    if verb == "sign":
        return actions.sign_partner(
            partner=partner, signed_on=today, agreement_ends_on=later, by=by
        )
    if verb == "renew":
        return actions.renew_partner(partner=partner, on=today, agreement_ends_on=later, by=by)
    action = getattr(actions, f"{verb}_partner")
    return action(partner=partner, on=today, reason="年度核查", by=by)


WAYS = {  # status of a partner that has never signed: what each verb makes of it
    ("applied", False): {"vet": "vetted", "turn_down": "withdrawn"},
    ("vetted", False): {"sign": "signed", "turn_down": "withdrawn"},
    ("withdrawn", False): {"vet": "vetted"},
    ("signed", True): {"renew": "signed", "suspend": "suspended", "withdraw": "withdrawn"},
    ("suspended", True): {"resume": "signed", "withdraw": "withdrawn"},
    ("withdrawn", True): {"sign": "signed"},
}
VERBS = ("vet", "sign", "renew", "suspend", "resume", "withdraw", "turn_down")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("status", "numbered"), WAYS)
def test_step_follows_the_table(status: str, numbered: bool, verb: str, staff: User) -> None:
    partner = PartnerFactory(signed=numbered, status=status)
    expected = WAYS[status, numbered].get(verb)
    if expected is None:
        with pytest.raises(Refused):
            move(partner, verb, staff)
        partner.refresh_from_db()
        assert partner.status == status
        assert not partner.status_changes.exists()
    else:
        assert move(partner, verb, staff).status == expected
        partner.refresh_from_db()
        assert partner.status == expected


def test_signing_records_who_when_and_until_when(staff: User) -> None:
    partner = PartnerFactory(status=Partner.Status.VETTED)
    signed = actions.sign_partner(
        partner=partner, signed_on=date(2026, 1, 5), agreement_ends_on=date(2028, 1, 4), by=staff
    )
    assert (signed.number, signed.signed_on) == (1, date(2026, 1, 5))
    change = StatusChange.objects.get()
    assert (change.before, change.after, change.by) == ("vetted", "signed", staff)
    assert (change.changed_on, change.agreement_ends_on) == (date(2026, 1, 5), date(2028, 1, 4))


def test_second_click_on_sign_gives_the_first_result(staff: User) -> None:
    partner = PartnerFactory(status=Partner.Status.VETTED)
    first, second = move(partner, "sign", staff), move(partner, "sign", staff)
    assert (second.number, second.signed_on) == (first.number, first.signed_on)
    assert partner.status_changes.count() == 1


@pytest.mark.parametrize(
    ("ends_on", "said"),
    [(date(2028, 1, 4), "on Mon 5 Jan 2026, the agreement until Tue 4 Jan 2028"),
     (None, "on Mon 5 Jan 2026, no end of the agreement is known")],
)  # fmt: skip
def test_signing_on_other_days_than_those_that_stand_is_refused(
    ends_on: date | None, said: str, staff: User
) -> None:
    signed_on = date(2026, 1, 5)
    partner = PartnerFactory(signed=True, signed_on=signed_on, agreement_ends_on=ends_on)
    stands = date(2028, 1, 4)
    for days in ((date(2026, 2, 1), stands), (signed_on, date(2029, 1, 4))):
        with pytest.raises(Refused, match=said):
            actions.sign_partner(
                partner=partner, signed_on=days[0], agreement_ends_on=days[1], by=staff
            )
    partner.refresh_from_db()
    assert (partner.signed_on, partner.agreement_ends_on) == (signed_on, ends_on)
    assert not partner.status_changes.exists()


def test_second_click_on_renew_gives_the_first_result(partner: Partner, staff: User) -> None:
    first, second = move(partner, "renew", staff), move(partner, "renew", staff)
    assert second.agreement_ends_on == first.agreement_ends_on
    assert partner.status_changes.count() == 1


def test_renewal_until_the_day_that_stands_is_refused(partner: Partner, staff: User) -> None:
    today = timezone.localdate()

    def renew(on: date) -> None:
        actions.renew_partner(partner=partner, on=on, agreement_ends_on=stands, by=staff)

    stands = partner.agreement_ends_on
    with pytest.raises(Refused, match="already runs until"):
        renew(today)
    stands = today + timedelta(days=900)
    renew(today - timedelta(days=1))
    with pytest.raises(Refused, match="already runs until"):
        renew(today)
    assert partner.status_changes.count() == 1


def test_signing_before_the_vetting_is_refused(staff: User) -> None:
    vetted = move(PartnerFactory(), "vet", staff)
    yesterday = timezone.localdate() - timedelta(days=1)
    term = {"signed_on": yesterday, "agreement_ends_on": yesterday + timedelta(days=700)}
    with pytest.raises(Refused, match=r"is vetted since .* can't be earlier"):
        actions.sign_partner(partner=vetted, by=staff, **term)
    vetted.refresh_from_db()
    assert vetted.number is None


def test_way_of_a_partner_runs_forwards(staff: User) -> None:
    today = timezone.localdate()

    def take(action, on: int, **more) -> None:
        action(partner=partner, on=today - timedelta(days=on), by=staff, **more)

    def term(on: int) -> dict:
        days = {"signed_on": on, "agreement_ends_on": on - 700}
        return {name: today - timedelta(days=ago) for name, ago in days.items()}

    applied_on = today - timedelta(days=90)
    partner = actions.create_partner(name="甲", kind="resident", applied_on=applied_on, by=staff)
    with pytest.raises(Refused, match="is applied since"):
        take(actions.vet_partner, 91)
    with pytest.raises(Refused, match="is applied since"):
        take(actions.turn_down_partner, 91, reason="材料不全")
    take(actions.vet_partner, 80)
    actions.sign_partner(partner=partner, by=staff, **term(80))
    renewed = {"agreement_ends_on": today + timedelta(days=900)}
    with pytest.raises(Refused, match="is signed since"):
        take(actions.renew_partner, 2000, **renewed)
    take(actions.renew_partner, 60, **renewed)
    with pytest.raises(Refused, match="was renewed on"):
        take(actions.suspend_partner, 61, reason="整改")
    take(actions.suspend_partner, 20, reason="整改")
    with pytest.raises(Refused, match="is suspended since"):
        take(actions.resume_partner, 21)
    take(actions.resume_partner, 20)
    days = list(partner.status_changes.values_list("changed_on", flat=True))
    assert [(today - day).days for day in days] == [20, 20, 60, 80, 80, 90]


@pytest.mark.parametrize(
    ("running_until", "end"),
    [
        (None, date(2028, 11, 21)),
        (date(2026, 10, 1), date(2028, 11, 21)),
        (date(2027, 1, 31), date(2029, 1, 31)),
        (date(2098, 12, 31), date(2100, 12, 31)),
        (date(2099, 12, 31), None),  # as people write “for good”
        (date.max, None),
    ],
)
def test_proposed_term_is_two_years(
    running_until: date | None, end: date | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 22))
    assert proposed_end(running_until) == end


def test_step_in_the_future_is_refused(staff: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Refused, match="future"):
        actions.vet_partner(partner=PartnerFactory(), on=tomorrow, by=staff)


def test_renewal_in_the_future_is_refused_and_bars_no_signing(
    partner: Partner, staff: User
) -> None:
    today = timezone.localdate()
    later = today + timedelta(days=4000)
    with pytest.raises(Refused, match="future"):
        actions.renew_partner(
            partner=partner, on=today + timedelta(days=365), agreement_ends_on=later, by=staff
        )
    partner.refresh_from_db()
    assert partner.agreement_ends_on != later
    actions.withdraw_partner(partner=partner, on=today, reason="搬离", by=staff)
    signed = actions.sign_partner(
        partner=partner, signed_on=today, agreement_ends_on=later, by=staff
    )
    assert signed.status == Partner.Status.SIGNED


@pytest.mark.parametrize("verb", ["suspend", "withdraw"])
def test_ending_without_a_reason_is_refused(verb: str, partner: Partner, staff: User) -> None:
    action = getattr(actions, f"{verb}_partner")
    with pytest.raises(Refused, match="Say why"):
        action(partner=partner, on=timezone.localdate(), reason=" ", by=staff)
    with pytest.raises(IntegrityError, match="has_reason"), transaction.atomic():
        StatusChange.objects.create(partner=partner, after="withdrawn", changed_on=TODAY, by=staff)


def test_withdrawal_before_signing_is_refused(partner: Partner, staff: User) -> None:
    with pytest.raises(Refused, match="can't be earlier"):
        actions.withdraw_partner(partner=partner, on=date(2025, 1, 1), reason="搬离", by=staff)


def test_renewal_must_end_later(partner: Partner, staff: User) -> None:
    with pytest.raises(Refused, match="already runs until"):
        actions.renew_partner(
            partner=partner, on=TODAY, agreement_ends_on=date(2027, 1, 1), by=staff
        )


def test_number_before_signing_violates_the_constraint() -> None:
    with pytest.raises(ValidationError, match="from signing on, and not before"):
        Partner(name="早编号", kind="resident", number=7).validate_constraints()
    with pytest.raises(IntegrityError, match="number_from_signing"), transaction.atomic():
        PartnerFactory(number=7)


def test_agreement_ending_before_signing_violates_the_constraint(partner: Partner) -> None:
    partner.agreement_ends_on = date(2020, 1, 1)
    with pytest.raises(ValidationError, match="can't end before"):
        partner.validate_constraints()
    with pytest.raises(IntegrityError, match="ends_after_signing"), transaction.atomic():
        partner.save()


def test_credit_code_listed_already_is_refused(staff: User) -> None:
    actions.create_partner(name="甲", kind="enterprise", credit_code=CODE, by=staff)
    with pytest.raises(Refused, match="already listed"):
        actions.create_partner(name="乙", kind="enterprise", credit_code=CODE, by=staff)
    assert Partner.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (CODE[:-1], "has 18 characters, this one has 17"),
        (CODE[:-1] + "A", "does not fit the others"),
        ("9137030OMA3C0QXK4P", "without I, O, S, V and Z"),
    ],
)
def test_wrong_credit_code_says_what_is_wrong(code: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        validate_credit_code(code)


def test_credit_code_is_stored_half_width_without_blanks() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in CODE.lower())
    assert normalise_credit_code(f" {wide[:8]} {wide[8:]}　") == CODE


def test_first_contact_is_the_main_one_and_passes_it_on(partner: Partner, staff: User) -> None:
    first = actions.add_contact(partner=partner, name="甲", phone="13800001111", by=staff)
    second = actions.add_contact(partner=partner, name="乙", by=staff)
    assert (first.is_main, second.is_main) == (True, False)
    actions.update_contact(contact=second, is_main=True, by=staff)
    first.refresh_from_db()
    assert not first.is_main
    actions.remove_contact(contact=second, by=staff)
    first.refresh_from_db()
    assert first.is_main


def test_the_only_contact_stays_the_main_one(partner: Partner, staff: User) -> None:
    contact = actions.add_contact(partner=partner, name="甲", phone="13800001111", by=staff)
    actions.update_contact(contact=contact, name="甲乙", is_main=False, by=staff)
    contact.refresh_from_db()
    assert (contact.name, contact.is_main) == ("甲乙", True)


def test_a_contact_beside_the_main_one_becomes_none(partner: Partner, staff: User) -> None:
    actions.add_contact(partner=partner, name="甲", by=staff)
    second = actions.add_contact(partner=partner, name="乙", is_main=True, by=staff)
    actions.update_contact(contact=second, is_main=False, by=staff)
    assert list(partner.contacts.filter(is_main=True)) == [second]
    first = partner.contacts.get(is_main=False)
    actions.update_contact(contact=first, name="丙", is_main=False, by=staff)
    assert list(partner.contacts.filter(is_main=True)) == [second]


def test_two_main_contacts_violate_the_constraint(partner: Partner) -> None:
    ContactFactory(partner=partner, is_main=True)
    with pytest.raises(IntegrityError, match="one_main"), transaction.atomic():
        ContactFactory(partner=partner, is_main=True)


def test_contact_phone_is_stored_in_one_form_or_refused(partner: Partner, staff: User) -> None:
    contact = actions.add_contact(partner=partner, name="甲", phone="＋86 138-0000-1111", by=staff)
    assert contact.phone == "13800001111"
    with pytest.raises(Refused, match="no phone number"):
        actions.update_contact(contact=contact, phone="12345", by=staff)
    assert Contact.objects.get().phone == "13800001111"


def test_partner_is_found_by_what_it_is_called_now(staff: User) -> None:
    partner = actions.create_partner(name="老名字", kind="resident", by=staff)
    contact = actions.add_contact(partner=partner, name="甲", phone="13800001111", by=staff)
    actions.update_partner(partner=partner, name="新名字", by=staff)
    found = Partner.objects.matching
    assert (found("老名").count(), found("新名").count(), found("1111").count()) == (0, 1, 1)
    actions.update_contact(contact=contact, phone="13800002222", by=staff)
    assert (found("1111").count(), found("2222").count()) == (0, 1)
    actions.remove_contact(contact=contact, by=staff)
    assert found("2222").count() == 0


def test_member_added_twice_is_one(partner: Partner, stranger: User, staff: User) -> None:
    first = actions.add_member(partner=partner, user=stranger, by=staff)
    assert actions.add_member(partner=partner, user=stranger, by=staff) == first
    assert list(Partner.objects.represented_by(stranger)) == [partner]
    actions.remove_member(member=first, by=staff)
    assert not Partner.objects.represented_by(User.objects.get(pk=stranger.pk)).exists()


def test_nobody_to_call_follows_the_contacts(staff: User) -> None:
    partner = PartnerFactory()
    assert Partner.objects.without_contact().contains(partner)

    contact = actions.add_contact(partner=partner, by=staff, name="李四", phone="13812345678")
    assert not Partner.objects.without_contact().contains(partner)
    actions.update_contact(contact=contact, by=staff, phone="")
    assert Partner.objects.without_contact().contains(partner)
    actions.update_contact(contact=contact, by=staff, phone="13812345678")
    actions.remove_contact(contact=contact, by=staff)
    assert Partner.objects.without_contact().contains(partner)
