"""A published list's opening is moved, or the list taken back, while nobody can claim yet."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.errors import Refused
from banyang.reminders.actions import open_inbox
from banyang.reminders.models import Message, Reminder
from projects.actions import claims
from projects.actions import lists as actions
from projects.factories import ClaimFactory, ProjectFactory, ProjectListFactory
from projects.models import Project, ProjectList

DAY = timedelta(days=1)


@pytest.fixture
def soon(draft_list, secretary, member, other_member) -> ProjectList:
    """A list that opens in three days; the member has read so, the other member has not."""
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + 3 * DAY
    actions.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    open_inbox(by=member)
    draft_list.refresh_from_db()
    return draft_list


def news(user) -> list[str]:
    """What a person newly finds in their inbox, in the order of telling."""
    before = sum(len(message.lines) for message in Message.objects.filter(recipient=user))
    open_inbox(by=user)
    lines = [
        line.text for message in Message.objects.filter(recipient=user) for line in message.said
    ]
    return lines[before:]


def test_opening_moved_later_is_told_to_whoever_heard_of_the_old_one(
    soon, secretary, member, other_member, partner, english
) -> None:
    opens_at = soon.opens_at + 4 * DAY
    actions.reschedule_list(project_list=soon, opens_at=opens_at, by=secretary)
    project = soon.projects.get()
    assert not Project.objects.open(opens_at - timedelta(minutes=1)).exists()
    assert Project.objects.open(opens_at).get() == project
    with pytest.raises(Refused, match="opens for claims on"):
        claims.claim_project(project=project, partner=partner, by=member)
    told = news(member)
    assert ["已调整为" in text for text in told] == [True]
    assert ["已发布，将于" in text for text in news(other_member)] == [True]


def test_opening_moved_twice_is_told_once_and_to_the_same_moment_not_at_all(
    soon, secretary, member
) -> None:
    actions.reschedule_list(project_list=soon, opens_at=soon.opens_at, by=secretary)
    assert not news(member)
    for days in (5, 6):
        opens_at = timezone.now() + days * DAY
        actions.reschedule_list(project_list=soon, opens_at=opens_at, by=secretary)
    assert len(news(member)) == 1


def test_earlier_opening_needs_notice(soon, secretary, english) -> None:
    with pytest.raises(Refused, match="day's notice"):
        actions.reschedule_list(
            project_list=soon, opens_at=timezone.now() + timedelta(hours=20), by=secretary
        )
    earlier = timezone.now() + timedelta(hours=30)
    actions.reschedule_list(project_list=soon, opens_at=earlier, by=secretary)
    soon.refresh_from_db()
    assert soon.opens_at == earlier


@pytest.mark.parametrize("action", ["reschedule_list", "recall_list"])
def test_list_that_is_open_or_a_draft_stays_as_it_is(action, open_list, secretary, english) -> None:
    claim = ClaimFactory(project=ProjectFactory(list=open_list))
    draft = ProjectListFactory(community=open_list.community, year=2030, draft=True)
    later = {"opens_at": timezone.now() + 9 * DAY} if action == "reschedule_list" else {}
    for project_list in (open_list, draft):
        with pytest.raises(Refused, match="not opened yet"):
            getattr(actions, action)(project_list=project_list, by=secretary, **later)
    claim.project.refresh_from_db()
    assert claim.project.is_open()


def test_list_taken_back_is_a_draft_and_told_to_whoever_heard_of_it(
    soon, secretary, member, other_member, english
) -> None:
    cancelled = ProjectFactory(list=soon, state=Project.State.CANCELLED)
    actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    assert (soon.state, soon.opens_at) == (ProjectList.State.DRAFT, None)
    assert soon.projects.drafts().count() == 1
    cancelled.refresh_from_db()
    assert cancelled.state == Project.State.CANCELLED
    assert not ProjectList.objects.visible_to(member).exists()
    assert ["已撤回" in text for text in news(member)] == [True]
    assert not news(other_member)


def test_list_published_again_is_told_again(soon, secretary, member, other_member) -> None:
    actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    actions.publish_list(project_list=soon, opens_at=timezone.now() + 5 * DAY, by=secretary)
    assert len(news(member)) == len(news(other_member)) == 1
    waiting = Reminder.objects.waiting().filter(kind="projectlist_recalled")
    assert not waiting.exists()


def test_secretary_moves_the_opening_and_takes_the_list_back_on_pages(
    sign_in, client, secretary, other_secretary, soon
) -> None:
    browser = sign_in(secretary)
    url = reverse("projectlist_reschedule", args=[soon.pk])
    page = browser.get(soon.get_absolute_url()).content.decode()
    recall = reverse("projectlist_recall", args=[soon.pk])
    assert url in page
    assert recall in page
    form = browser.get(url)
    assert "已收到通知的1人" in form.content.decode()
    moved = timezone.localtime(soon.opens_at + 4 * DAY).replace(second=0, microsecond=0)
    answer = browser.post(url, {"opens_at": f"{moved:%Y-%m-%dT%H:%M}"}, follow=True)
    soon.refresh_from_db()
    assert soon.opens_at == moved
    assert len(answer.context["openings"]) == 2
    assert {opening.who for opening in answer.context["openings"]} == {"", secretary.name}

    assert "已收到通知的1人" in browser.get(recall).content.decode()
    answer = browser.post(recall, follow=True)
    assert len(answer.context["openings"]) == 3
    assert url not in answer.content.decode()
    assert sign_in(other_secretary).get(soon.get_absolute_url()).status_code == 404


def test_opening_too_early_is_refused_beside_the_field(sign_in, secretary, soon) -> None:
    url = reverse("projectlist_reschedule", args=[soon.pk])
    early = timezone.localtime(timezone.now() + timedelta(hours=2))
    answer = sign_in(secretary).post(url, {"opens_at": f"{early:%Y-%m-%dT%H:%M}"})
    assert answer.status_code == 200
    assert "opens_at" in answer.context["form"].errors


def test_openings_are_told_to_those_who_manage_the_list_alone(sign_in, member, soon, staff) -> None:
    assert not sign_in(member).get(soon.get_absolute_url()).context["openings"]
    assert sign_in(staff).get(soon.get_absolute_url()).context["openings"]


def test_list_that_somebody_claimed_from_at_the_moment_of_opening_is_not_recalled(
    soon, secretary
) -> None:
    ClaimFactory(project__list=soon)
    with pytest.raises(Refused):
        actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    assert soon.opens_later


def test_project_is_not_published_on_a_list_recalled_meanwhile(soon, secretary) -> None:
    project = ProjectFactory(list=soon, state=Project.State.DRAFT)
    loaded_earlier = Project.objects.select_related("list").get(pk=project.pk)
    actions.recall_list(project_list=soon, by=secretary)
    with pytest.raises(Refused):
        actions.publish_project(project=loaded_earlier, by=secretary)
    project.refresh_from_db()
    assert project.state == Project.State.DRAFT
