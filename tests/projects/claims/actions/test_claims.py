"""Claiming, waiting in line, giving up: the rules, one caller at a time."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.reminders.models import Reminder
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner
from projects.claims.actions import claims as actions
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.deliveries.actions import complete_claim, reopen_claim
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project
from tests.actors import A_TEST

pytestmark = pytest.mark.usefixtures("english")


def claim(project: Project, partner: Partner, by: User, quantity: int = 1) -> Claim:
    found, _created = actions.claim_project(
        project=project, partner=partner, by=by, quantity=quantity
    )
    found.refresh_from_db()
    return found


def end_agreement(partner: Partner, days: int) -> None:
    """Let its agreement end so many days from today."""
    last_day = timezone.localdate() + timedelta(days=days)
    Partner.objects.filter(pk=partner.pk).update(agreement_ends_on=last_day)


def taken(project: Project) -> int:
    project.refresh_from_db()
    return project.taken


def test_claim_with_place_left_holds_it(project, partner, member, secretary) -> None:
    claimed, created = actions.claim_project(project=project, partner=partner, by=member)
    assert created
    assert claimed.state == Claim.State.CLAIMED
    assert claimed.held_at == claimed.asked_at
    claimed.refresh_from_db()
    assert claimed.held_at == claimed.asked_at
    assert claimed.claimed_by == member
    assert taken(project) == 1
    reminder = Reminder.objects.get(kind="claim_unconfirmed")
    assert reminder.recipient == secretary
    assert reminder.subject_pk == claimed.pk


def test_claim_with_no_place_left_waits_in_line(
    project, partner, member, other_partner, other_member
) -> None:
    first = claim(project, other_partner, other_member)
    second = claim(project, partner, member)
    assert (first.state, second.state) == (Claim.State.CLAIMED, Claim.State.WAITING)
    assert second.held_at is None
    assert second.asked_at > first.asked_at
    assert taken(project) == 1


def test_claim_twice_returns_the_first(project, partner, member) -> None:
    first, created_first = actions.claim_project(project=project, partner=partner, by=member)
    second, created_second = actions.claim_project(project=project, partner=partner, by=member)
    assert (created_first, created_second) == (True, False)
    assert first == second
    assert taken(project) == 1


def test_claim_before_opening_is_refused_with_the_moment(community, partner, member) -> None:
    opens_at = timezone.now() + timedelta(days=2)
    project = ProjectFactory(list=ProjectListFactory(community=community, opens_at=opens_at))
    with pytest.raises(Refused, match=f"{timezone.localtime(opens_at):%H:%M}"):
        claim(project, partner, member)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("state", [Project.State.COMPLETED, Project.State.CANCELLED])
def test_claim_on_closed_project_is_refused(community, partner, member, state) -> None:
    project = ProjectFactory(
        list=ProjectListFactory(community=community), state=state, cancel_reason="场地维修"
    )
    with pytest.raises(Refused, match="can't be claimed"):
        claim(project, partner, member)


def test_claim_on_draft_list_is_refused(partner, member) -> None:
    with pytest.raises(Refused):
        claim(ProjectFactory(draft=True), partner, member)


def test_claim_by_unsigned_partner_is_refused(project) -> None:
    member = MemberFactory(partner=PartnerFactory())
    with pytest.raises(Refused, match="only signed partners take something new"):
        claim(project, member.partner, member.user)


@pytest.mark.parametrize(("days", "claims"), [(-1, False), (0, True)])
def test_agreement_runs_until_its_last_day_in_the_office_is_over(
    project, partner, member, days, claims
) -> None:
    end_agreement(partner, days)
    if claims:
        assert claim(project, partner, member).state == Claim.State.CLAIMED
    else:
        with pytest.raises(Refused, match=r"ended on .* street office to renew"):
            claim(project, partner, member)


def test_partner_suspended_since_it_was_loaded_is_refused(project, partner, member) -> None:
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.SUSPENDED)
    with pytest.raises(Refused, match="suspended"):
        claim(project, partner, member)


def test_claim_of_several_places_where_one_each_is_refused(project, partner, member) -> None:
    project.capacity = 5
    project.save()
    with pytest.raises(Refused, match="one place"):
        claim(project, partner, member, quantity=2)


def test_claim_of_more_than_there_is_altogether_is_refused(community, partner, member) -> None:
    boards = ProjectFactory(
        list=ProjectListFactory(community=community), capacity=360, by_quantity=True
    )
    with pytest.raises(Refused, match="360"):
        claim(boards, partner, member, quantity=361)


def test_withdrawal_promotes_exactly_the_next_in_line(
    project, partner, member, other_partner, other_member, secretary
) -> None:
    held = claim(project, partner, member)
    second = claim(project, other_partner, other_member)
    third = claim(project, PartnerFactory(signed=True), member)
    promoted = actions.withdraw_claim(claim=held, reason="人手不足", by=member)
    assert promoted == [second]
    for waiting in (second, third):
        waiting.refresh_from_db()
    assert (second.state, third.state) == (Claim.State.CLAIMED, Claim.State.WAITING)
    assert taken(project) == 1
    told = Reminder.objects.filter(kind="claim_place_free", subject_pk=second.pk)
    assert {reminder.recipient for reminder in told} == {other_member, secretary}
    assert Reminder.objects.get(kind="claim_withdrawn").recipient == secretary
    assert Reminder.objects.filter(kind="claim_unconfirmed", subject_pk=second.pk).exists()


def test_withdrawal_twice_passes_on_one_place(project, partner, member, other_partner) -> None:
    held = claim(project, partner, member)
    claim(project, other_partner, member)
    third = claim(project, PartnerFactory(signed=True), member)
    actions.withdraw_claim(claim=held, reason="人手不足", by=member)
    assert actions.withdraw_claim(claim=held, reason="人手不足", by=member) == []
    third.refresh_from_db()
    assert third.state == Claim.State.WAITING


def test_withdrawal_from_the_line_promotes_nobody(project, partner, member, other_partner) -> None:
    claim(project, partner, member)
    waiting = claim(project, other_partner, member)
    assert actions.withdraw_claim(claim=waiting, reason="已另有安排", by=member) == []
    assert taken(project) == 1


def test_withdrawal_of_completed_claim_is_refused(partner, member) -> None:
    done = ClaimFactory(confirmed=True, state=Claim.State.COMPLETED, partner=partner)
    with pytest.raises(Refused, match="completed"):
        actions.withdraw_claim(claim=done, reason="人手不足", by=member)


def test_withdrawn_partner_may_claim_again_at_the_end_of_the_line(
    project, partner, member, other_partner
) -> None:
    held = claim(project, partner, member)
    next_one = claim(project, other_partner, member)
    actions.withdraw_claim(claim=held, reason="人手不足", by=member)
    again = claim(project, partner, member)
    assert again != held
    assert again.state == Claim.State.WAITING
    assert again.asked_at > next_one.asked_at


def test_release_tells_the_partner_and_passes_on(
    project, partner, member, other_partner, other_member, secretary
) -> None:
    held = claim(project, partner, member)
    second = claim(project, other_partner, other_member)
    assert actions.release_claim(claim=held, reason="多次联系不上", by=secretary) == [second]
    assert Reminder.objects.get(kind="claim_released").recipient == member


def test_suspended_partner_in_line_is_passed_over_and_keeps_its_turn(
    project, partner, member, other_partner
) -> None:
    held = claim(project, partner, member)
    suspended = claim(project, other_partner, member)
    third = claim(project, PartnerFactory(signed=True), member)
    Partner.objects.filter(pk=other_partner.pk).update(status=Partner.Status.SUSPENDED)
    assert actions.withdraw_claim(claim=held, reason="人手不足", by=member) == [third]
    suspended.refresh_from_db()
    assert suspended.state == Claim.State.WAITING


def test_partner_whose_agreement_ended_keeps_its_place_and_its_turn_but_moves_up_no_further(
    project, partner, member, other_partner
) -> None:
    held = claim(project, partner, member)
    lapsed = claim(project, other_partner, member)
    third = claim(project, PartnerFactory(signed=True), member)
    end_agreement(partner, -1)
    end_agreement(other_partner, -1)
    assert actions.claim_project(project=project, partner=partner, by=member) == (held, False)
    assert actions.withdraw_claim(claim=held, reason="人手不足", by=member) == [third]
    lapsed.refresh_from_db()
    assert lapsed.state == Claim.State.WAITING


def test_quantities_are_taken_in_parts_and_passed_on_to_who_fits(
    community, partner, member, other_partner
) -> None:
    """360 notice boards: 200 and 160 are taken, the next want 100, 200 and 50."""
    boards = ProjectFactory(
        list=ProjectListFactory(community=community), capacity=360, by_quantity=True, unit="块"
    )
    first = claim(boards, partner, member, quantity=200)
    second = claim(boards, other_partner, member, quantity=160)
    assert taken(boards) == 360
    wants_100, wants_200, wants_50 = (
        claim(boards, PartnerFactory(signed=True), member, quantity=quantity)
        for quantity in (100, 200, 50)
    )
    assert wants_100.state == wants_200.state == wants_50.state == Claim.State.WAITING
    promoted = actions.release_claim(claim=second, reason="未按期对接", by=member)
    assert promoted == [wants_100, wants_50]  # 200 do not fit into 160 - 100
    assert taken(boards) == 350
    assert actions.withdraw_claim(claim=first, reason="资金未到位", by=member) == [wants_200]
    assert taken(boards) == 350


def test_completion_without_delivery_is_refused(secretary) -> None:
    with pytest.raises(Refused, match="Nothing has been recorded"):
        complete_claim(claim=ClaimFactory(confirmed=True), by=secretary)


def test_completion_keeps_the_place_and_can_be_taken_back(project, partner, secretary) -> None:
    held = ClaimFactory(confirmed=True, project=project, partner=partner)
    DeliveryFactory(claim=held)
    complete_claim(claim=held, by=secretary)
    assert held.state == Claim.State.COMPLETED
    assert held.ended_at
    assert taken(project) == 1
    reopen_claim(claim=held, by=secretary)
    held.refresh_from_db()
    assert held.state == Claim.State.CONFIRMED
    assert held.ended_at is None
    assert taken(project) == 1


def test_second_active_claim_of_a_partner_violates_the_constraint(project, partner) -> None:
    project.capacity = 3
    project.save()
    ClaimFactory(project=project, partner=partner)
    double = Claim(project=project, partner=partner, state=Claim.State.WAITING)
    with pytest.raises(Exception, match="already claimed this project"):
        double.validate_constraints()
    with pytest.raises(IntegrityError, match="claim_once_per_partner"), transaction.atomic():
        double.save()


def test_one_place_too_many_violates_the_constraint(project) -> None:
    ClaimFactory(project=project)
    with (
        pytest.raises(IntegrityError, match="project_places_not_exceeded"),
        transaction.atomic(),
    ):
        ClaimFactory(project=project)
    project.refresh_from_db()
    project.taken = 2
    with pytest.raises(Exception, match="More places are taken than there are"):
        project.validate_constraints()


def test_claim_of_no_place_violates_the_constraint(project, partner) -> None:
    nothing = Claim(project=project, partner=partner, quantity=0, state=Claim.State.WAITING)
    with pytest.raises(ValidationError, match="Take one place at least"):
        nothing.validate_constraints()
    with pytest.raises(IntegrityError, match="claim_quantity_from_one"), transaction.atomic():
        nothing.save()


def test_waiting_claim_that_was_given_a_place_violates_the_constraint(project, partner) -> None:
    waiting = ClaimFactory.build(
        project=project, partner=partner, waiting=True, held_at=timezone.now()
    )
    with pytest.raises(ValidationError, match="on the waiting list has no places"):
        waiting.validate_constraints()
    with (
        pytest.raises(IntegrityError, match="claim_waiting_holds_nothing"),
        transaction.atomic(),
    ):
        waiting.save()


@pytest.mark.parametrize("missing", [{"aim": ""}, {"content": ""}, {"deadline_on": None}])
def test_confirmed_claim_without_plan_violates_the_constraint(project, partner, missing) -> None:
    bare = ClaimFactory.build(project=project, partner=partner, confirmed=True, **missing)
    with pytest.raises(ValidationError, match="needs its aim, content and deadline"):
        bare.validate_constraints()
    with (
        pytest.raises(IntegrityError, match="claim_confirmed_has_plan"),
        transaction.atomic(),
    ):
        bare.save()


def test_saving_a_project_loaded_earlier_keeps_the_count(project) -> None:
    loaded_earlier = Project.objects.get(pk=project.pk)
    ClaimFactory(project=project)
    loaded_earlier.title = "老年人免费理发日"
    loaded_earlier.save()
    assert taken(project) == 1
    assert project.title == "老年人免费理发日"


def test_partner_that_resumes_gets_the_free_place_before_whoever_comes_after(
    project, partner, other_partner, member
) -> None:
    holder = claim(project, partner, member)
    waiting = claim(project, other_partner, member)
    Partner.objects.filter(pk=other_partner.pk).update(status=Partner.Status.SUSPENDED)
    actions.withdraw_claim(claim=holder, reason="人手不足", by=member)
    assert taken(project) == 0

    Partner.objects.filter(pk=other_partner.pk).update(status=Partner.Status.SIGNED)
    late = claim(project, PartnerFactory(signed=True), member)

    waiting.refresh_from_db()
    assert (waiting.state, late.state) == (Claim.State.CLAIMED, Claim.State.WAITING)


def test_partner_that_renews_gets_the_free_place_though_nobody_else_claims(
    project, partner, other_partner, member, other_member
) -> None:
    holder = claim(project, partner, member)
    renewing = claim(project, other_partner, member)
    ended = claim(project, PartnerFactory(signed=True), member)
    for waiting in (renewing, ended):
        end_agreement(waiting.partner, -1)
    actions.withdraw_claim(claim=holder, reason="人手不足", by=member)
    assert actions.pass_on_free_places(by=A_TEST) == []

    end_agreement(other_partner, 365)

    assert actions.pass_on_free_places(by=A_TEST) == [renewing]
    assert actions.pass_on_free_places(by=A_TEST) == []
    assert taken(project) == 1
    assert Reminder.objects.filter(kind="claim_place_free", subject_pk=renewing.pk).exists()


def test_project_that_fails_holds_up_no_other_places(
    project, partner, fails_to_change, caplog
) -> None:
    broken, other = (
        ClaimFactory(project=each, partner=partner, state=Claim.State.WAITING)
        for each in (project, ProjectFactory(list=project.list))
    )
    fails_to_change(broken)

    assert actions.pass_on_free_places(by=A_TEST) == [other]

    assert f"lists.Project {project.pk} can't" in caplog.text
    broken.refresh_from_db()
    assert broken.state == Claim.State.WAITING
