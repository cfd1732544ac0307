"""The ledger, in which staff see what is said to whom and when."""

from datetime import datetime, timedelta

import pytest

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.reminders.actions import open_inbox
from banyang.reminders.sending import goes_out_at, send_batch
from communities.factories import CommunityFactory
from communities.models import Community
from tests.conftest import SignIn
from tests.reminders.conftest import Due

pytestmark = pytest.mark.django_db

LEDGER_QUERIES = 12  # whatever the number of rows


@pytest.mark.parametrize("rows", [1, 30])
def test_ledger_costs_the_same_queries(
    rows: int, staff: User, late: Due, sign_in: SignIn, django_assert_num_queries
) -> None:
    for person in UserFactory.create_batch(rows):
        late(person, "test_meant", subject=CommunityFactory())
    client = sign_in(staff)
    client.get("/healthz")
    with django_assert_num_queries(LEDGER_QUERIES):
        client.get("/reminders/")


def test_ledger_shows_what_a_waiting_reminder_would_say(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    late(member)
    page = sign_in(staff).get("/reminders/").content.decode()
    assert "请关注东升社区。" in page
    assert member.name in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=stopped", {"stopped"}),
        ("kind=test_named", {"named"}),
        ("q=王琉璃", {"named"}),
        ("q=琉璃&state=waiting", {"named"}),
        ("since=2026-11-18", {"named"}),
        ("until=2026-11-17", {"plain"}),
        ("until=2026-11-17&state=all", {"plain", "stopped"}),
        ("since=2026-11-17&until=2026-11-17&state=waiting", {"plain"}),
        ("state=nonsense", {"plain", "named"}),
        ("q=nobody", set()),
    ],
)
def test_ledger_filters(
    query: str,
    found: set[str],
    staff: User,
    member: User,
    monday: datetime,
    due: Due,
    sign_in: SignIn,
) -> None:
    day = timedelta(days=1)
    other = UserFactory(name="王琉璃")
    names = {
        due(member, due_at=monday + day): "plain",
        due(other, "test_named", due_at=monday + 2 * day): "named",
        due(member, "test_related", due_at=monday, state="stopped"): "stopped",
    }
    page = sign_in(staff).get(f"/reminders/?{query}")
    assert {names[row.reminder] for row in page.context["rows"]} == found


@pytest.mark.parametrize(
    ("query", "sort", "found"),
    [
        ("", "due", ["next", "later"]),
        ("sort=-due", "-due", ["later", "next"]),
        ("state=all", "-due", ["later", "next", "said"]),
        ("state=sent", "-due", ["said"]),
    ],
)
def test_ledger_opens_on_what_is_said_next(
    query: str,
    sort: str,
    found: list[str],
    staff: User,
    member: User,
    monday: datetime,
    due: Due,
    sign_in: SignIn,
) -> None:
    names = {
        due(member, "test_named", due_at=monday + timedelta(days=1)): "later",
        due(member, due_at=monday): "next",
        due(
            member, "test_related", due_at=monday - timedelta(days=1), state="sent", sent_at=monday
        ): "said",
    }
    page = sign_in(staff).get(f"/reminders/?{query}")
    assert [names[row.reminder] for row in page.context["rows"]] == found
    filters = page.context["filters"]
    assert filters.sort == sort
    if "sort" not in query:
        assert filters["sort"].field.choices[0][0] == sort  # what its form will send


def test_ledger_empty_tells_nothing_yet_from_nothing_matches(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    assert "还没有任何提醒" in client.get("/reminders/").content.decode()
    assert "还没有任何提醒" not in client.get("/reminders/?q=王").content.decode()


def test_ledger_with_nothing_waiting_leads_to_what_was_sent(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    late(member)
    open_inbox(by=member)
    client = sign_in(staff)
    page = client.get("/reminders/").content.decode()
    assert "没有待发送的提醒" in page
    assert "还没有任何提醒" not in page
    assert 'href="?state=all"' in page
    assert len(client.get("/reminders/?state=all").context["rows"]) == 1


def test_ledger_says_when_what_is_late_goes_out(
    staff: User, member: User, late: Due, sign_in: SignIn
) -> None:
    reminder = late(member)

    page = sign_in(staff).get("/reminders/")

    [row] = page.context["rows"]
    assert row.delayed_to.replace(second=0, microsecond=0) == goes_out_at(reminder).replace(
        second=0, microsecond=0
    )
    assert "预计" in page.content.decode()


def test_detail_shows_a_reason_of_ours_in_the_readers_language(
    staff: User, member: User, community: Community, monday: datetime, due: Due, sign_in: SignIn
) -> None:
    reminder = due(member, "test_settled")
    Community.objects.filter(pk=community.pk).update(brand_summary="暖心驿站，就在身边")
    send_batch(monday)
    assert "提醒之前已经办妥" in sign_in(staff).get(reminder.get_absolute_url()).text
