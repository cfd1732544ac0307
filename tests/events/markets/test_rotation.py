"""Whose turn it is to host, and planning the markets of a period."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.office.models import CalendarDay, Office
from banyang.reminders.models import Reminder
from communities.factories import CommunityFactory, SecretaryFactory
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory
from events.markets.models import MarketDay
from events.markets.rotation import saturdays, turns

FIRST = date(2027, 1, 1)  # a Friday
HOURS = {"starts_at": time(8, 30), "ends_at": time(11, 30), "capacity": 20}


def test_saturdays_include_both_ends() -> None:
    assert list(saturdays(date(2027, 1, 2), date(2027, 1, 16))) == [
        date(2027, 1, 2),
        date(2027, 1, 9),
        date(2027, 1, 16),
    ]


def test_turns_go_round_fairly(community: Community, other_community: Community) -> None:
    third = CommunityFactory()
    MarketDayFactory(host=community, held_on=FIRST - timedelta(days=6))
    MarketDayFactory(host=third, held_on=FIRST - timedelta(days=13))

    hosts = [turn.host for turn in turns(FIRST, FIRST + timedelta(days=42))]

    assert hosts == [other_community, third, community, other_community, third, community]


def test_turns_called_off_do_not_count(community: Community, other_community: Community) -> None:
    MarketDayFactory(
        host=community,
        held_on=FIRST - timedelta(days=6),
        state=MarketDay.State.CANCELLED,
        cancel_reason="有雨",
    )

    assert turns(FIRST, FIRST + timedelta(days=6))[0].host == community


def test_turns_say_what_stands_in_the_way(community: Community) -> None:
    CalendarDay.objects.create(date=date(2027, 1, 2), is_working=False, name="元旦")
    CalendarDay.objects.create(date=date(2027, 1, 9), is_working=True)
    MarketDayFactory(host=community, held_on=date(2027, 1, 16))

    holiday, workday, taken = turns(FIRST, date(2027, 1, 16))

    assert holiday.holiday == "元旦"
    assert workday.is_workday
    assert taken.taken


def test_turns_cost_the_same_queries_for_a_month_and_a_year(
    community: Community, django_assert_num_queries
) -> None:
    for days in (28, 366):
        with django_assert_num_queries(3):
            turns(FIRST, FIRST + timedelta(days=days))


def test_plan_saves_the_proposal_of_the_page(sign_in, staff: User, community: Community) -> None:
    first = timezone.localdate() + timedelta(days=1)
    last = first + timedelta(days=13)
    client = sign_in(staff)
    url = reverse("marketday_plan") + (
        f"?first={first}&last={last}&starts_at=08:30&ends_at=11:30&capacity=20"
    )
    days = list(saturdays(first, last))

    page = client.get(url)
    assert page.context["rows"][0][1].initial == community.pk
    # On the smallest office screens the proposal begins below the fold.
    for part in ('<form method="get" action="#proposal">', 'id="proposal"'):
        assert part in page.content.decode()
    response = client.post(url, {str(days[0]): community.pk, str(days[1]): ""})

    assert response.status_code == 302
    assert list(MarketDay.objects.values_list("held_on", "host")) == [(days[0], community.pk)]


def test_plan_in_the_past_is_refused_beside_its_field(sign_in, staff: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    page = sign_in(staff).get(
        reverse("marketday_plan"),
        {
            "first": yesterday,
            "last": yesterday,
            "starts_at": "9:00",
            "ends_at": "8:00",
            "capacity": 1,
        },
    )

    assert set(page.context["period"].errors) == {"first", "ends_at"}


def test_plan_reminds_the_hosts_of_all_its_days_at_once(staff: User, community: Community) -> None:
    SecretaryFactory(community=community)
    first = timezone.localdate() + timedelta(days=10)
    Office.current()
    asked = []
    for start, count in ((0, 1), (1, 9)):
        days = [(first + timedelta(days=start + day), community) for day in range(count)]
        with CaptureQueriesContext(connection) as queries:
            actions.plan_market_days(turns=days, **HOURS, by=staff)
        reads = [
            q for q in queries if q["sql"].startswith("SELECT") and "set_config" not in q["sql"]
        ]
        asked.append(len(reads))
    assert asked[0] == asked[1]
    assert Reminder.objects.waiting().count() == 10


def test_plan_is_all_or_nothing(staff: User, community: Community) -> None:
    taken = MarketDayFactory(host=community).held_on

    with pytest.raises(Refused):
        actions.plan_market_days(
            turns=[(taken - timedelta(days=7), community), (taken, community)], by=staff, **HOURS
        )

    assert MarketDay.objects.count() == 1


def test_plan_reminds_the_host_on_the_working_day_before(
    staff: User,
    secretary: User,
    other_secretary: User,
    community: Community,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saturday = date(2027, 1, 2)
    now = timezone.make_aware(datetime.combine(saturday - timedelta(days=30), time(9)))
    monkeypatch.setattr(timezone, "now", lambda: now)
    CalendarDay.objects.create(date=date(2027, 1, 1), is_working=False, name="元旦")

    actions.plan_market_days(turns=[(saturday, community)], by=staff, **HOURS)

    reminder = Reminder.objects.get()
    assert reminder.recipient == secretary
    assert timezone.localtime(reminder.due_at).strftime("%F %H:%M") == "2026-12-31 08:30"


@pytest.mark.parametrize(("year", "said"), [(2099, "最多提前一年排定"), (9999, "年份不对")])
def test_plan_for_the_end_of_time_is_refused(year: int, said: str, sign_in, staff: User) -> None:
    period = {"first": f"{year}-12-20", "last": f"{year}-12-31", "starts_at": "08:30"}
    response = sign_in(staff).get(
        reverse("marketday_plan"), period | {"ends_at": "11:30", "capacity": "20"}
    )
    assert said in response.content.decode()


def test_plan_ends_within_a_year_from_today(sign_in, staff: User, community: Community) -> None:
    first = timezone.localdate() + timedelta(days=300)
    period = {"first": f"{first}", "last": f"{first + timedelta(days=90)}", "capacity": "20"}
    hours = {"starts_at": "08:30", "ends_at": "11:30"}
    page = sign_in(staff).get(reverse("marketday_plan"), period | hours)
    assert set(page.context["period"].errors) == {"last"}


@pytest.mark.parametrize("days", [-1, 367])
def test_plan_of_a_day_out_of_reach_is_refused_by_the_action(
    days: int, staff: User, community: Community
) -> None:
    day = timezone.localdate() + timedelta(days=days)
    with pytest.raises(Refused, match="一年之内"):
        actions.plan_market_days(turns=[(day, community)], by=staff, **HOURS)


def test_plan_begins_after_the_last_market_that_is_planned(sign_in, staff: User) -> None:
    last = MarketDayFactory(held_on=timezone.localdate() + timedelta(days=40)).held_on
    period = sign_in(staff).get(reverse("marketday_plan")).context["period"]
    assert period.initial["first"] == last + timedelta(days=1)


def test_plan_offers_no_button_where_every_saturday_has_its_market(sign_in, staff: User) -> None:
    held_on = MarketDayFactory().held_on
    period = f"?first={held_on}&last={held_on}&starts_at=08:30&ends_at=11:30&capacity=20"
    page = sign_in(staff).get(reverse("marketday_plan") + period).content.decode()
    assert "周六都已排了大集" in page
    assert "排定" not in page[page.index("周六都已排了大集") :]


def test_plan_leads_to_the_page_that_shows_the_new_days(
    sign_in, staff: User, community: Community
) -> None:
    last = MarketDayFactory.create_batch(25)[-1].held_on
    new_day = last + timedelta(days=7)
    period = f"?first={new_day}&last={new_day}&starts_at=08:30&ends_at=11:30&capacity=20"

    page = sign_in(staff).post(
        reverse("marketday_plan") + period, {str(new_day): community.pk}, follow=True
    )

    assert new_day in [market_day.held_on for market_day in page.context["page"]]


def test_plan_says_of_which_days_the_holidays_are_not_known(
    sign_in, staff: User, community: Community
) -> None:
    first = timezone.localdate() + timedelta(days=1)
    last = first + timedelta(days=13)
    CalendarDay.objects.all().delete()
    period = f"?first={first}&last={last}&starts_at=08:30&ends_at=11:30&capacity=20"
    client, url = sign_in(staff), reverse("marketday_plan") + period

    assert f"{last.year}年的放假安排" in client.get(url).text
    for year in {first.year, last.year}:
        CalendarDay.objects.create(
            date=date(year, 1, 1), is_working=False, name="元旦", is_announced=True
        )
    assert "的放假安排" not in client.get(url).text


def test_plan_without_a_host_says_what_is_missing(
    sign_in, staff: User, community: Community
) -> None:
    day = MarketDayFactory().held_on + timedelta(days=7)
    period = f"?first={day}&last={day}&starts_at=08:30&ends_at=11:30&capacity=20"
    page = sign_in(staff).post(reverse("marketday_plan") + period, {str(day): ""})
    assert "请至少为一个周六选择主办社区" in page.text
    assert MarketDay.objects.count() == 1
