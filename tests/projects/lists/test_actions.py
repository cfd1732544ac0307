"""Lists and projects: drafting, publishing, changing, cancelling, completing."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from banyang.foundation.errors import Refused
from banyang.office.models import CalendarDay
from banyang.reminders.models import Reminder
from partners.factories import MemberFactory, PartnerFactory
from projects.claims.actions import projects as actions
from projects.claims.actions.claims import release_claim
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists import actions as lists
from projects.lists.actions import ProjectDetails
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.forms import next_opening
from projects.lists.models import Project, ProjectList
from projects.lists.needs import project_of
from projects.needs.factories import NeedFactory
from projects.needs.models import Need

pytestmark = pytest.mark.usefixtures("english")

TOMORROW = timedelta(days=1)


def test_list_of_a_year_is_begun_once(community, other_community, secretary) -> None:
    lists.create_list(community=community, year=2027, by=secretary)
    lists.create_list(community=other_community, year=2027, by=secretary)
    with pytest.raises(Refused, match="already has a list"):
        lists.create_list(community=community, year=2027, by=secretary)


def test_list_publishes_all_its_drafts_and_tells_every_signed_partner(
    draft_list, secretary, member, other_member
) -> None:
    MemberFactory(partner=PartnerFactory())  # has only applied
    drafts = ProjectFactory.create_batch(3, list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + TOMORROW
    count = lists.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    assert count == 3
    assert set(Project.objects.published()) == set(drafts)
    assert not Project.objects.open().exists()
    assert set(Project.objects.open(opens_at)) == set(drafts)
    told = Reminder.objects.filter(kind="projectlist_opens")
    assert {reminder.recipient for reminder in told} == {member, other_member}


def test_list_without_drafts_stays_unpublished(draft_list, secretary) -> None:
    with pytest.raises(Refused, match="no project on the list"):
        lists.publish_list(
            project_list=draft_list, opens_at=timezone.now() + TOMORROW, by=secretary
        )
    draft_list.refresh_from_db()
    assert draft_list.state == ProjectList.State.DRAFT


def test_list_opening_in_the_past_is_refused(draft_list, secretary) -> None:
    with pytest.raises(Refused, match="in the past"):
        lists.publish_list(
            project_list=draft_list, opens_at=timezone.now() - TOMORROW, by=secretary
        )


def test_list_opening_more_than_a_year_ahead_is_refused(draft_list, secretary) -> None:
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    with pytest.raises(Refused, match="more than a year"):
        lists.publish_list(
            project_list=draft_list, opens_at=timezone.now() + 770 * TOMORROW, by=secretary
        )
    lists.publish_list(project_list=draft_list, opens_at=timezone.now() + TOMORROW, by=secretary)
    with pytest.raises(Refused, match="more than a year"):
        lists.reschedule_list(
            project_list=draft_list, opens_at=timezone.now() + 770 * TOMORROW, by=secretary
        )


def test_list_opens_now_by_a_time_that_has_just_passed(draft_list, secretary) -> None:
    project = ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() - timedelta(minutes=2)
    lists.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    assert Project.objects.open().get() == project


def test_list_published_twice_is_refused(open_list, secretary) -> None:
    with pytest.raises(Refused):
        lists.publish_list(project_list=open_list, opens_at=timezone.now() + TOMORROW, by=secretary)


def test_project_added_later_is_published_by_itself(open_list, secretary) -> None:
    details = ProjectDetails(title="楼道灯更换", capacity=2)
    project = lists.create_project(
        project_list=open_list, details=details, form_token=uuid.uuid4(), by=secretary
    )
    assert not Project.objects.public().exists()
    lists.publish_project(project=project, by=secretary)
    assert Project.objects.open().get() == project


def test_project_on_draft_list_is_not_published_alone(draft_list, secretary) -> None:
    project = ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    with pytest.raises(Refused, match="not published yet"):
        lists.publish_project(project=project, by=secretary)


def test_project_from_need_links_it_and_gives_it_back_when_removed(
    community, draft_list, secretary
) -> None:
    need = NeedFactory(community=community, on_board=True)
    project = lists.create_project(
        project_list=draft_list,
        details=ProjectDetails(title="修楼道灯"),
        form_token=uuid.uuid4(),
        need=need,
        by=secretary,
    )
    need.refresh_from_db()
    assert (need.state, project_of(need)) == (Need.State.PROJECT, project)
    lists.remove_project(project=project, by=secretary)
    need.refresh_from_db()
    assert (need.state, project_of(need)) == (Need.State.OPEN, None)
    assert not Project.objects.exists()


def test_published_project_is_not_removed(project, secretary) -> None:
    with pytest.raises(Refused, match="Only a draft"):
        lists.remove_project(project=project, by=secretary)


def test_places_below_taken_are_refused(project, secretary) -> None:
    project.capacity = 3
    project.save()
    ClaimFactory.create_batch(2, project=project)
    fewer = ProjectDetails(title=project.title, capacity=1)
    with pytest.raises(Refused, match="2 places are taken"):
        actions.edit_project(project=project, details=fewer, by=secretary)
    project.refresh_from_db()
    assert project.capacity == 3


def test_places_below_what_somebody_waits_for_are_refused(
    open_list, partner, other_partner, secretary
) -> None:
    """360 notice boards: 300 can't be waited for once there are only 250."""
    boards = ProjectFactory(list=open_list, capacity=360, by_quantity=True)
    ClaimFactory(project=boards, quantity=200)
    waiting = ClaimFactory(project=boards, partner=partner, quantity=300, waiting=True)
    ClaimFactory(project=boards, partner=other_partner, quantity=200, waiting=True)
    fewer = ProjectDetails(title=boards.title, capacity=250, by_quantity=True, unit="块")
    with pytest.raises(Refused, match="Release these claims") as refused:
        actions.edit_project(project=boards, details=fewer, by=secretary)
    assert f"{partner} (300)" in str(refused.value)
    assert other_partner.name not in str(refused.value)
    boards.refresh_from_db()
    assert boards.capacity == 360

    release_claim(claim=waiting, reason="只装250块", by=secretary)
    actions.edit_project(project=boards, details=fewer, by=secretary)
    boards.refresh_from_db()
    assert boards.capacity == 250


def test_raised_places_promote_in_order(project, secretary) -> None:
    ClaimFactory(project=project)
    first, second, third = ClaimFactory.create_batch(3, project=project, waiting=True)
    more = ProjectDetails(title=project.title, capacity=3)
    assert actions.edit_project(project=project, details=more, by=secretary) == [first, second]
    third.refresh_from_db()
    assert third.state == Claim.State.WAITING


def test_one_place_each_is_refused_while_several_are_held(open_list, secretary) -> None:
    boards = ProjectFactory(list=open_list, capacity=360, by_quantity=True)
    ClaimFactory(project=boards, quantity=200)
    single = ProjectDetails(title=boards.title, capacity=360)
    with pytest.raises(Refused, match="several places"):
        actions.edit_project(project=boards, details=single, by=secretary)


def test_cancelling_releases_claims_and_tells_their_partners(
    project, confirmed, secretary, member, other_member, other_partner
) -> None:
    project.capacity = 2
    project.save()
    waiting = ClaimFactory(project=project, partner=other_partner, waiting=True)
    done = ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    ended = actions.cancel_project(project=project, reason="场地维修", by=secretary)
    assert set(ended) == {confirmed, waiting}
    for claim in (confirmed, waiting):
        claim.refresh_from_db()
        assert (claim.state, claim.end_reason) == (Claim.State.RELEASED, "场地维修")
    done.refresh_from_db()
    assert done.state == Claim.State.COMPLETED
    told = Reminder.objects.filter(kind="claim_released")
    assert {reminder.recipient for reminder in told} == {member, other_member}
    project.refresh_from_db()
    assert project.taken == 1


def test_completing_is_refused_while_a_claim_runs(project, confirmed, secretary) -> None:
    with pytest.raises(Refused, match="1 claim still runs"):
        actions.complete_project(project=project, by=secretary)


def test_completing_is_refused_when_nothing_was_done(project, secretary) -> None:
    with pytest.raises(Refused, match="Cancel it instead"):
        actions.complete_project(project=project, by=secretary)


def test_completed_project_lets_the_line_go_and_reopens(project, secretary) -> None:
    ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    waiting = ClaimFactory(project=project, waiting=True)
    assert actions.complete_project(project=project, by=secretary) == [waiting]
    project.refresh_from_db()
    assert project.state == Project.State.COMPLETED
    actions.reopen_project(project=project, by=secretary)
    project.refresh_from_db()
    assert project.state == Project.State.PUBLISHED


def test_next_opening_is_a_working_day_at_nine(db, monkeypatch) -> None:
    friday = datetime(2026, 11, 20, 15, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: friday)
    CalendarDay.objects.create(date="2026-11-23", is_working=False)
    assert next_opening() == datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("broken", "constraint", "message"),
    [
        ({"capacity": 0}, "project_has_places", "at least one place"),
        ({"state": "cancelled", "cancel_reason": ""}, "project_cancelled_has_reason", "Say why"),
    ],
)
def test_project_against_a_rule_violates_the_constraint(
    project, broken, constraint, message
) -> None:
    for name, value in broken.items():
        setattr(project, name, value)
    with pytest.raises(Exception, match=message):
        project.validate_constraints()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        project.save()


def test_published_list_without_opening_violates_the_constraint(open_list) -> None:
    open_list.opens_at = None
    with pytest.raises(Exception, match="needs the time at which it opens"):
        open_list.validate_constraints()
    with pytest.raises(IntegrityError, match="projectlist_published_opens"), transaction.atomic():
        open_list.save()


def test_second_list_of_a_year_violates_the_constraint(open_list) -> None:
    double = ProjectListFactory.build(community=open_list.community, year=open_list.year)
    with pytest.raises(Exception, match="already has a list for this year"):
        double.validate_constraints()
    with pytest.raises(IntegrityError, match="projectlist_one_a_year"), transaction.atomic():
        double.save()


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (Project.State.DRAFT, (1, 0, 0)),  # drafted after the list was published
        (Project.State.CANCELLED, (1, 0, 0)),
        (Project.State.PUBLISHED, (2, 0, 0)),
        (Project.State.COMPLETED, (2, 0, 1)),
    ],
)
def test_progress_of_a_published_list(
    open_list, project, state: str, counts: tuple[int, int, int]
) -> None:
    ProjectFactory(list=open_list, capacity=5, state=state)
    assert progress(open_list) == counts


def test_project_whose_places_are_all_taken_is_full(open_list, project) -> None:
    ClaimFactory(project=ProjectFactory(list=open_list, capacity=1))
    assert progress(open_list) == (2, 1, 0)


def test_progress_of_a_draft_list_counts_its_drafts(draft_list) -> None:
    ProjectFactory(list=draft_list, capacity=5, state=Project.State.DRAFT)
    assert progress(draft_list) == (1, 0, 0)


def progress(project_list: ProjectList) -> tuple[int, int, int]:
    """How many projects a list has, how many are full and how many completed."""
    found = ProjectList.objects.with_progress().get(pk=project_list.pk)
    return found.project_count, found.full_count, found.completed_count
