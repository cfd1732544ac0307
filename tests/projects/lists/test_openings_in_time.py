"""That a list opens at another moment than was told is heard before that moment comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.models import Reminder
from banyang.reminders.sending import goes_out_at, send_batch
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner
from projects.lists import actions
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from projects.lists.tasks import write_reminders
from tests.races import at_once
from tests.reminders.inbox import news

Clock = Callable[[str], datetime]

SATURDAY = "2026-11-21 09:00"
WEDNESDAY = "2026-11-25 09:00"
THURSDAY = "2026-11-26 09:00"


def at(local: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(local)).astimezone(UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let it be a moment, which is Tuesday morning at first, and send what is due at it."""

    def _clock(local: str) -> datetime:
        now = at(local)
        monkeypatch.setattr(timezone, "now", lambda: now)
        send_batch(now)
        return now

    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-17 10:00"))
    return _clock


@pytest.fixture
def saturdays(draft_list: ProjectList, secretary: User, member: User, clock: Clock) -> ProjectList:
    """A list just published, to open on Saturday at nine."""
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    actions.publish_list(project_list=draft_list, opens_at=at(SATURDAY), by=secretary)
    return draft_list


@pytest.fixture
def heard(saturdays: ProjectList, member: User, clock: Clock) -> ProjectList:
    """The same, of which everybody has had Friday's message; it is Friday afternoon."""
    clock("2026-11-20 08:40")
    assert Reminder.objects.get(kind="projectlist_opens", recipient=member).is_pushed
    clock("2026-11-20 16:00")
    saturdays.refresh_from_db()
    return saturdays


def change(project_list: ProjectList, action: str, by: User, opens_at: str = WEDNESDAY) -> None:
    when = {} if action == "recall_list" else {"opens_at": at(opens_at)}
    getattr(actions, action)(project_list=project_list, by=by, **when)
    project_list.refresh_from_db()


@pytest.mark.parametrize("action", ["reschedule_list", "recall_list"])
def test_another_opening_is_told_before_the_old_one(
    action: str, heard: ProjectList, secretary: User, member: User
) -> None:
    change(heard, action, secretary)
    assert goes_out_at(Reminder.objects.waiting().get(recipient=member)) < at(SATURDAY)


@pytest.mark.parametrize("action", ["reschedule_list", "recall_list"])
def test_opening_changed_again_unheard_is_told_before_the_one_that_is_known(
    action: str, heard: ProjectList, secretary: User, member: User, clock: Clock
) -> None:
    clock("2026-11-20 21:30")  # nobody is told at night
    change(heard, "reschedule_list", secretary)
    clock("2026-11-20 21:40")
    change(heard, action, secretary, THURSDAY)
    assert goes_out_at(Reminder.objects.waiting().get(recipient=member)) < at(SATURDAY)


def test_list_published_anew_is_told_in_time_to_whoever_has_not_heard_that_it_was_taken_back(
    heard: ProjectList, secretary: User, member: User
) -> None:
    newcomer = MemberFactory(partner=PartnerFactory(signed=True)).user
    change(heard, "recall_list", secretary)
    change(heard, "publish_list", secretary)
    waiting = Reminder.objects.waiting().filter(kind="projectlist_opens")
    assert goes_out_at(waiting.get(recipient=member)) < at(SATURDAY)
    # Who knew nothing of Saturday is left alone at the weekend.
    assert waiting.get(recipient=newcomer).needed_by is None


# --- Whoever may claim only since it was published -----------------------------------------


def test_partner_signed_since_is_told_of_the_opening_once(
    saturdays: ProjectList, member: User, clock: Clock
) -> None:
    suspended = PartnerFactory(signed=True, status=Partner.Status.SUSPENDED)
    newcomer, back, out = (
        MemberFactory(partner=partner).user
        for partner in (PartnerFactory(signed=True), suspended, PartnerFactory())
    )
    clock("2026-11-18 04:15")
    write_reminders()
    Partner.objects.filter(pk=suspended.pk).update(status=Partner.Status.SIGNED)
    for _day in range(2):
        write_reminders()
    for person in (member, newcomer, back):
        assert ["已发布，将于" in text for text in news(person)] == [True]
    assert not news(out)
    write_reminders()
    assert Reminder.objects.count() == 3


def test_list_that_is_open_or_a_draft_is_not_told_to_newcomers(
    open_list: ProjectList, draft_list: ProjectList, member: User
) -> None:
    write_reminders()
    assert not Reminder.objects.exists()


def test_newcomers_are_told_that_the_list_is_taken_back(
    saturdays: ProjectList, secretary: User, clock: Clock
) -> None:
    heard, unheard = (MemberFactory(partner=PartnerFactory(signed=True)).user for _ in range(2))
    clock("2026-11-18 04:15")
    write_reminders()
    assert news(heard)
    saturdays.refresh_from_db()
    actions.recall_list(project_list=saturdays, by=secretary)
    assert ["已撤回" in text for text in news(heard)] == [True]
    assert not news(unheard)


def test_telling_newcomers_of_openings_costs_the_same_queries(db: None, clock: Clock) -> None:
    Office.current()  # is in the cache from now on
    counts = []
    for count in (1, 11):
        ProjectListFactory.create_batch(count, opens_at=at(SATURDAY))
        MemberFactory.create_batch(count, partner__signed=True)
        with CaptureQueriesContext(connection) as queries:
            write_reminders()
        counts.append(len(queries))
    assert Reminder.objects.count() == 12 * 12
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_list_that_is_just_being_taken_back_is_told_to_nobody(
    draft_list: ProjectList, secretary: User
) -> None:
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    opens_at = timezone.now() + timedelta(days=3)
    actions.publish_list(project_list=draft_list, opens_at=opens_at, by=secretary)
    MemberFactory(partner=PartnerFactory(signed=True))
    with transaction.atomic():
        ProjectList.objects.select_for_update(no_key=True).get()
        assert at_once([write_reminders]) == [None]
        assert not Reminder.objects.exists()
    assert at_once([write_reminders]) == [None]  # the control
    assert Reminder.objects.exists()
