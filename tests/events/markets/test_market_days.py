"""Moving, correcting and calling off market days, and their list."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.office.models import CalendarDay
from banyang.reminders.actions import open_inbox
from banyang.reminders.models import Message, Reminder
from communities.factories import SecretaryFactory
from communities.models import Community
from events.markets import actions
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import MarketDay, Stall

FIRST = date(2027, 1, 1)  # a Friday
HOURS = {"starts_at": time(8, 30), "ends_at": time(11, 30), "capacity": 20}


def test_two_markets_on_one_day_violate_the_database(community: Community) -> None:
    market_day = MarketDayFactory(host=community)

    with pytest.raises(IntegrityError, match="marketday_one_a_day"), transaction.atomic():
        MarketDayFactory(host=community, held_on=market_day.held_on)
    MarketDay.objects.update(state=MarketDay.State.CANCELLED, cancel_reason="有雨")
    MarketDayFactory(host=community, held_on=market_day.held_on)


@pytest.mark.parametrize(
    ("broken", "constraint", "message"),
    [
        ({"ends_at": time(8, 30)}, "marketday_starts_before_end", "开集时间应早于收摊时间"),
        ({"state": "cancelled"}, "marketday_cancelled_has_reason", "请写明取消原因"),
        ({"was_on": FIRST}, "marketday_moved_has_reason", "请写明改期原因"),
        ({"capacity": 0}, "marketday_places_from_one", "大集至少要有1个摊位"),
    ],
)
def test_market_against_a_rule_violates_the_database(
    broken: dict[str, object], constraint: str, message: str, community: Community
) -> None:
    market_day = MarketDayFactory(host=community)
    for name, value in broken.items():
        setattr(market_day, name, value)

    with pytest.raises(ValidationError, match=message):
        market_day.validate_constraints()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        market_day.save()


def test_postponed_market_takes_its_stalls_along_and_tells_them(
    secretary: User, community: Community, partner, member: User
) -> None:
    market_day = MarketDayFactory(host=community)
    stall = actions.take_stall(market_day=market_day, partner=partner, offer="理发", by=member)
    new_day = market_day.held_on + timedelta(days=1)

    actions.postpone_market_day(market_day=market_day, held_on=new_day, reason="有雨", by=secretary)

    stall.refresh_from_db()
    assert stall.market_day.held_on == new_day
    assert stall.state == Stall.State.TAKEN
    waiting = Reminder.objects.filter(recipient=member, state=Reminder.State.WAITING)
    assert sorted(waiting.values_list("kind", flat=True)) == ["stall_changed", "stall_tomorrow"]


@pytest.mark.parametrize("days", [-8, 0, 360])
def test_postponing_to_the_past_the_same_day_or_beyond_a_year_is_refused(
    days: int, staff: User, community: Community
) -> None:
    next_week = timezone.localdate() + timedelta(days=7)
    market_day = MarketDayFactory(host=community, held_on=next_week)

    with pytest.raises(Refused):
        actions.postpone_market_day(
            market_day=market_day,
            held_on=market_day.held_on + timedelta(days=days),
            reason="有雨",
            by=staff,
        )


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["marketday_postpone", "marketday_cancel"])
@pytest.mark.parametrize(
    ("days", "closed", "said"),
    [
        (-1, {}, "本次大集已结束，不能再改期或取消"),
        (7, {"state": "cancelled", "cancel_reason": "有雨"}, "本次大集此前已取消"),
    ],
)
def test_market_that_is_closed_says_why_it_is_neither_moved_nor_called_off(
    days: int,
    closed: dict[str, str],
    said: str,
    name: str,
    method: str,
    sign_in,
    secretary: User,
    community: Community,
) -> None:
    today = timezone.localdate()
    market_day = MarketDayFactory(host=community, held_on=today + timedelta(days=days), **closed)
    data = {"reason": "场地", "held_on": today + timedelta(days=3)}

    answer = getattr(sign_in(secretary), method)(
        reverse(name, args=[market_day.pk]), data, follow=True
    )

    assert answer.redirect_chain == [(market_day.get_absolute_url(), 302)]
    assert [said in str(message) for message in answer.context["messages"]] == [True]
    stored = MarketDay.objects.get()
    assert (stored.state, stored.held_on) == (market_day.state, market_day.held_on)


@pytest.mark.parametrize(("year", "said"), [(2099, "一年之内"), (9999, "年份不对")])
def test_postponing_to_the_end_of_time_is_refused_beside_its_field(
    year: int, said: str, sign_in, secretary: User, staff: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community)
    url = reverse("marketday_postpone", args=[market_day.pk])

    page = sign_in(secretary).post(url, {"held_on": f"{year}-12-31", "reason": "有雨"})

    assert said in str(page.context["form"].errors["held_on"])
    assert sign_in(staff).get(reverse("marketday_plan")).status_code == 200


def test_edit_that_was_open_while_somebody_wrote_a_note_says_so(
    sign_in, secretary: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community, note="自带遮阳伞")
    client, url = sign_in(secretary), reverse("marketday_edit", args=[market_day.pk])
    opened = client.get(url).context["form"]
    shown = {name: opened[name].value() for name in opened.fields}
    changed = {"starts_at": time(9), "note": "有雨也不改期"}
    MarketDay.objects.filter(pk=market_day.pk).update(**changed)

    answer = client.post(url, shown | {"note": "自带桌椅", "starts_at": "10:00"})

    stored = str(answer.context["form"].non_field_errors())
    assert "“有雨也不改期”" in stored
    assert "“09:00”" in stored
    assert "自带桌椅" in str(answer.context["form"]["note"])
    market_day.refresh_from_db()
    assert market_day.note == "有雨也不改期"


def test_page_of_a_moved_market_says_why_in_its_reader_s_language(
    client: Client, staff: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community, note="自带遮阳伞")
    held_on = market_day.held_on + timedelta(days=1)
    with translation.override("en"):
        actions.postpone_market_day(market_day=market_day, held_on=held_on, reason="有雨", by=staff)
    url = market_day.get_absolute_url()
    page = client.get(url).content.decode()
    assert "本次大集原定" in page
    assert "，现已改期。原因：有雨" in page
    market_day.refresh_from_db()
    assert market_day.note == "自带遮阳伞"
    MarketDay.objects.update(note="原定那天，改至这天，原因：有雨")  # as it was kept before
    assert "现已改期" not in client.get(url).content.decode()


def test_edit_that_changes_what_nobody_else_has_changed_is_saved(
    sign_in, secretary: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community)
    client, url = sign_in(secretary), reverse("marketday_edit", args=[market_day.pk])
    opened = client.get(url).context["form"]
    shown = {name: opened[name].value() for name in opened.fields}

    assert client.post(url, shown | {"starts_at": "09:00"}).status_code == 302

    market_day.refresh_from_db()
    assert market_day.starts_at == time(9)


def test_cancelled_market_tells_everybody_and_takes_no_more_stalls(
    staff: User, community: Community, member: User, partner, other_partner
) -> None:
    market_day = MarketDayFactory(host=community)
    actions.take_stall(market_day=market_day, partner=partner, offer="理发", by=member)

    actions.cancel_market_day(market_day=market_day, reason="有雨", by=staff)

    assert Reminder.objects.get(kind="stall_changed").recipient == member
    assert not Reminder.objects.filter(kind="stall_tomorrow", state="waiting").exists()
    with pytest.raises(Refused):
        actions.take_stall(market_day=market_day, partner=other_partner, offer="修脚", by=staff)


def test_fewer_stalls_than_taken_is_refused_beside_the_field(
    sign_in, secretary: User, community: Community
) -> None:
    market_day = MarketDayFactory(host=community, capacity=2)
    StallFactory.create_batch(2, market_day=market_day)
    data = {"location": "广场", "starts_at": "08:30", "ends_at": "11:30", "capacity": 1, "note": ""}

    page = sign_in(secretary).post(reverse("marketday_edit", args=[market_day.pk]), data)

    assert page.status_code == 200
    assert "capacity" in page.context["form"].errors
    market_day.refresh_from_db()
    assert market_day.capacity == 2


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("past", [False, True])
def test_marketday_list_costs_the_same_queries(
    rows: int, past: bool, sign_in, staff: User, community: Community, django_assert_num_queries
) -> None:
    step = -7 if past else 7
    for n in range(1, rows + 1):
        held_on = timezone.localdate() + timedelta(days=step * n)
        MarketDayFactory(host=community, held_on=held_on)
    client = sign_in(staff)
    client.get(reverse("marketday_list"))

    with django_assert_num_queries(7):
        page = client.get(reverse("marketday_list"), {"past": "on"} if past else {})

    assert len(page.context["page"].rows) == min(rows, 12)  # a page


def test_host_hears_only_of_the_last_change_and_not_of_its_own(
    community: Community, secretary: User, staff: User
) -> None:
    assistant = SecretaryFactory(community=community).user
    market_day = MarketDayFactory(host=community)
    for days in (1, 2):
        moved_to = market_day.held_on + timedelta(days=days)
        actions.postpone_market_day(
            market_day=market_day, held_on=moved_to, reason="有雨", by=secretary
        )
    actions.cancel_market_day(market_day=market_day, reason="大雪", by=secretary)

    [waiting] = Reminder.objects.waiting().filter(kind="market_day_changed")
    assert waiting.recipient == assistant
    open_inbox(by=assistant)
    [entry] = Message.objects.get(recipient=assistant).entries
    assert "大雪" in entry.text


@pytest.mark.parametrize("holders", [0, 1])
def test_market_without_stalls_is_called_off_without_telling_partners(
    holders: int, sign_in, staff: User
) -> None:
    market_day = MarketDayFactory()
    StallFactory.create_batch(holders, market_day=market_day)
    client, url = sign_in(staff), reverse("marketday_cancel", args=[market_day.pk])

    asked = client.get(url).text
    done = client.post(url, {"reason": "有雨"}, follow=True).text

    assert ("还没有合伙人报名摊位" in asked) is not bool(holders)
    assert ("1家合伙人已定摊位" in asked) is bool(holders)
    assert ("都会收到通知" in done) is bool(holders)


def test_market_list_marks_public_holidays(db, client) -> None:
    held_on = MarketDayFactory().held_on
    CalendarDay.objects.create(falls_on=held_on, is_working=False, name="元旦")
    assert "元旦" in client.get(reverse("marketday_list")).content.decode()
