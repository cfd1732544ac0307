"""A published list's opening is moved, or the list taken back, while nobody can claim yet."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from banyang.reminders import outcomes
from banyang.reminders.actions import open_inbox
from banyang.reminders.kinds import Notice
from banyang.reminders.models import Reminder
from partners.models import Partner
from projects.claims.actions import claims
from projects.claims.factories import ClaimFactory
from projects.lists import actions, reminders
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from tests.reminders.inbox import news

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


def at(local: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(local))


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


@pytest.mark.parametrize(
    ("written", "told_by"),
    [
        ("2026-11-20 18:30", "2026-11-24 08:30"),  # Friday: told on Monday
        ("2026-11-22 12:00", "2026-11-24 08:30"),  # Sunday: told on Monday
        ("2026-11-23 07:00", "2026-11-25 08:30"),  # Monday: some have had its message by then
    ],
)
def test_everybody_is_told_after_a_whole_working_day(db, written, told_by) -> None:
    assert reminders.all_notified_by(at(written)) == at(told_by)


def test_earlier_opening_leaves_a_working_day_to_hear_of_it(soon, secretary, english) -> None:
    earliest = reminders.all_notified_by(timezone.now())
    told = earliest + 3 * DAY
    actions.reschedule_list(project_list=soon, opens_at=told, by=secretary)
    for early in (earliest - timedelta(minutes=1), timezone.now() + timedelta(hours=1)):
        with pytest.raises(Refused, match="whole working day"):
            actions.reschedule_list(project_list=soon, opens_at=early, by=secretary)
    actions.reschedule_list(project_list=soon, opens_at=earliest, by=secretary)
    soon.refresh_from_db()
    assert soon.opens_at == earliest


def test_notice_of_another_opening_is_said_when_the_list_is_open(soon, secretary, member) -> None:
    later = soon.opens_at + 4 * DAY
    actions.reschedule_list(project_list=soon, opens_at=later, by=secretary)
    ProjectList.objects.update(opens_at=timezone.now())
    assert [("作了调整" in text, "现已开放认领" in text) for text in news(member)] == [(True, True)]


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


def test_list_taken_back_does_not_open_sooner_than_it_could_have_been_moved(
    soon, secretary, english
) -> None:
    """Nor when the list was loaded before anything of it was announced."""
    earliest = reminders.all_notified_by(timezone.now())
    announced = earliest + 3 * DAY
    actions.reschedule_list(project_list=soon, opens_at=announced, by=secretary)
    loaded_earlier = ProjectList(pk=soon.pk, state=ProjectList.State.DRAFT)
    actions.recall_list(project_list=soon, by=secretary)
    for early in (timezone.now(), earliest - timedelta(minutes=1)):
        with pytest.raises(Refused, match="whole working day"):
            actions.publish_list(project_list=loaded_earlier, opens_at=early, by=secretary)
    actions.publish_list(project_list=loaded_earlier, opens_at=earliest, by=secretary)
    assert ProjectList.objects.get().opens_at == earliest


def test_opening_that_was_announced_stays_promised_through_one_that_nobody_heard_of(
    soon, secretary, member, english
) -> None:
    announced = reminders.all_notified_by(timezone.now()) + 3 * DAY
    actions.reschedule_list(project_list=soon, opens_at=announced, by=secretary)
    assert news(member)
    for later in (0 * DAY, 5 * DAY):
        actions.recall_list(project_list=soon, by=secretary)
        soon.refresh_from_db()
        actions.publish_list(project_list=soon, opens_at=announced + later, by=secretary)
    actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    with pytest.raises(Refused, match="whole working day"):
        actions.publish_list(project_list=soon, opens_at=timezone.now() + DAY / 24, by=secretary)


def test_list_taken_back_opens_at_once_when_the_old_moment_has_come(
    soon, secretary, monkeypatch
) -> None:
    actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    later = soon.was_to_open_at + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    actions.publish_list(project_list=soon, opens_at=later, by=secretary)
    assert Project.objects.open().exists()


def test_list_taken_back_before_anybody_read_of_it_may_open_at_once(draft_list, secretary) -> None:
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + 9 * DAY
    actions.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    actions.recall_list(project_list=draft_list, by=secretary)
    draft_list.refresh_from_db()
    actions.publish_list(project_list=draft_list, opens_at=timezone.now(), by=secretary)
    assert Project.objects.open().exists()


def test_page_to_publish_a_list_taken_back_offers_the_old_moment(
    sign_in, secretary, soon, draft_list
) -> None:
    announced = timezone.localtime(soon.opens_at).replace(second=0, microsecond=0)
    actions.recall_list(project_list=soon, by=secretary)
    browser, url = sign_in(secretary), reverse("projectlist_publish", args=[soon.pk])
    page = browser.get(url).content.decode()
    assert f"{announced:%Y-%m-%dT%H:%M}" in page
    assert "撤回前" in page
    now = timezone.localtime()
    answer = browser.post(url, {"opens_at": f"{now:%Y-%m-%dT%H:%M}"})
    assert "一个完整工作日" in str(answer.context["form"].errors)


@pytest.mark.parametrize("action", ["reschedule_list", "recall_list"])
def test_list_published_anew_is_corrected_for_nobody_who_heard_of_the_old_one_alone(
    action, soon, secretary, member, other_member
) -> None:
    actions.recall_list(project_list=soon, by=secretary)
    assert len(news(member)) == 1
    soon.refresh_from_db()
    actions.publish_list(project_list=soon, opens_at=timezone.now() + 5 * DAY, by=secretary)
    open_inbox(by=other_member)
    soon.refresh_from_db()
    assert list(reminders.notified(soon)) == [other_member]
    later = {"opens_at": timezone.now() + 9 * DAY} if action == "reschedule_list" else {}
    getattr(actions, action)(project_list=soon, by=secretary, **later)
    kind = "projectlist_moved" if later else "projectlist_recalled"
    assert Reminder.objects.waiting().get(kind=kind).recipient == other_member


def test_list_taken_back_twice_before_anybody_was_told_is_told_once(
    soon, secretary, member, other_member
) -> None:
    actions.recall_list(project_list=soon, by=secretary)
    soon.refresh_from_db()
    actions.publish_list(project_list=soon, opens_at=timezone.now() + 5 * DAY, by=secretary)
    actions.recall_list(project_list=soon, by=secretary)
    assert ["已撤回" in text for text in news(member)] == [True]
    assert not news(other_member)


def test_members_of_a_partner_whose_agreement_is_over_are_not_told(
    draft_list, secretary, member, other_member, partner
) -> None:
    Partner.objects.filter(pk=partner.pk).update(
        agreement_ends_on=timezone.localdate() - timedelta(days=1)
    )
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + 3 * DAY
    actions.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    assert not news(member)
    assert len(news(other_member)) == 1


@pytest.mark.parametrize("action", ["reschedule_list", "recall_list"])
def test_whoever_reads_of_a_list_what_could_not_be_mailed_is_told_of_its_change(
    action, soon, secretary, member, other_member
) -> None:
    refused = Reminder.objects.get(kind="projectlist_opens", recipient=other_member)
    said = [(refused, Notice("清单将于后天开放认领。", "/"))]
    outcomes.record_refused(other_member, said, "550 no such person", timezone.now())
    later = {"opens_at": timezone.now() + 9 * DAY} if action == "reschedule_list" else {}
    getattr(actions, action)(project_list=soon, by=secretary, **later)
    corrected = Reminder.objects.waiting().exclude(kind="projectlist_opens")
    assert {each.recipient for each in corrected} == {member, other_member}


def test_who_was_told_of_a_list_is_found_by_an_index(soon, member) -> None:
    now = timezone.now()
    of_years = [
        Reminder(
            kind="step_due", recipient=member, subject_label="projects.step", subject_pk=number,
            key=f"step {number}", due_at=now, state="sent", sent_at=now,
        )
        for number in range(5_000)
    ]  # fmt: skip
    Reminder.objects.bulk_create(of_years)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reminders_reminder")
    assert "reminder_subject" in reminders.notified(soon).explain()


@pytest.mark.parametrize("name", ["projectlist_reschedule", "projectlist_recall"])
@pytest.mark.parametrize("opened", [True, False], ids=["open", "draft"])
def test_page_to_move_or_recall_a_list_that_is_open_or_a_draft_says_so(
    sign_in, secretary, open_list, draft_list, name, opened
) -> None:
    project_list = open_list if opened else draft_list
    answer = sign_in(secretary).get(reverse(name, args=[project_list.pk]), follow=True)
    assert answer.redirect_chain == [(project_list.get_absolute_url(), 302)]
    assert len(answer.context["messages"]) == 1


def test_open_project_alone_is_no_draft_again(project) -> None:
    with pytest.raises(Refused):
        move(project, Project.State.DRAFT)


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
    assert {opening.who for opening in answer.context["openings"]} == {secretary.name}

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


@pytest.mark.parametrize(("minutes", "looks_again"), [(-1, False), (5, True), (60, False)])
def test_page_of_a_project_looks_again_at_its_opening(
    minutes: int, looks_again: bool, sign_in, member
) -> None:
    opens_at = timezone.now() + timedelta(minutes=minutes)
    project = ProjectFactory(list=ProjectListFactory(opens_at=opens_at))

    response = sign_in(member).get(project.get_absolute_url())

    assert ("Refresh" in response) is looks_again
    if looks_again:
        assert 290 <= int(response["Refresh"]) <= 301
