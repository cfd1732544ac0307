"""The office's working calendar."""

from datetime import date, datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.office.actions import load_calendar
from banyang.office.calendar import add_working_days, decent_moments, waking_moment
from banyang.office.models import CalendarDay, Office
from tests.actors import A_TEST
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db

CALENDAR_QUERIES = 3  # of one day and of 39: the person, what is new in the inbox, the days


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def works_on(day: date) -> bool:
    return add_working_days(day, 0) == day


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked in lieu
        (date(2026, 10, 12), True),  # a Monday
        (date(2026, 10, 17), False),  # a Saturday
    ],
)
def test_working_day_follows_the_announcement(day: date, works: bool) -> None:
    load_calendar(year=2026, by=A_TEST)
    assert works_on(day) is works


def test_working_days_are_counted_across_a_holiday() -> None:
    load_calendar(year=2026, by=A_TEST)
    # 30 September is a Wednesday; the holiday ends on 7 October, and Saturday the 10th is worked.
    assert add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert add_working_days(date(2026, 10, 1), 0) == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("moment", "decent"),
    [
        ("2026-09-30 07:00", "2026-09-30 08:30"),
        ("2026-09-30 12:15", "2026-09-30 12:15"),
        ("2026-09-30 18:00", "2026-10-08 08:30"),
        ("2026-10-10 09:00", "2026-10-10 09:00"),
    ],
)
def test_decent_moment_waits_for_the_office(moment: str, decent: str) -> None:
    load_calendar(year=2026, by=A_TEST)
    soon, _next_day = decent_moments(at(moment))
    assert soon == at(decent)


@pytest.mark.parametrize(
    ("moment", "waking"),
    [
        ("2026-10-03 06:59", "2026-10-03 07:00"),  # a holiday, and a Saturday
        ("2026-10-03 07:00", "2026-10-03 07:00"),
        ("2026-10-03 20:59", "2026-10-03 20:59"),
        ("2026-10-03 21:00", "2026-10-04 07:00"),
    ],
)
def test_waking_moment_asks_for_no_working_day(moment: str, waking: str) -> None:
    load_calendar(year=2026, by=A_TEST)
    assert waking_moment(at(moment)) == at(waking)


def test_load_calendar_keeps_what_staff_changed() -> None:
    CalendarDay.objects.create(falls_on=date(2026, 10, 1), is_working=True, name="值班")
    assert load_calendar(year=2026, by=A_TEST) > 0
    CalendarDay.objects.filter(falls_on=date(2026, 10, 2)).delete()
    assert load_calendar(year=2026, by=A_TEST) == 0
    assert works_on(date(2026, 10, 1))
    assert works_on(date(2026, 10, 2))


def test_load_calendar_of_a_year_not_announced_adds_nothing() -> None:
    assert load_calendar(year=2100, by=A_TEST) == 0


def test_load_calendar_command_may_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 22))
    for _ in range(2):
        call_command("load_calendar", stdout=StringIO())
        assert CalendarDay.objects.in_year(2026).count() == 39


def test_calendar_page_fills_an_announced_year(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    assert "还没有填入日历" in client.get("/office/calendar/?year=2026").content.decode()
    page = client.post("/office/calendar/load/?year=2026", follow=True).content.decode()
    assert "国庆节调休" in page
    assert "还没有填入日历" not in page


def test_calendar_page_says_when_a_year_is_not_announced(staff: User, sign_in: SignIn) -> None:
    load_calendar(year=2026, by=A_TEST)
    client = sign_in(staff)
    assert "尚未公布" in client.get("/office/calendar/?year=2100").content.decode()
    assert "尚未公布" not in client.get("/office/calendar/?year=2026").content.decode()


@pytest.mark.parametrize("year", ["", "nonsense", "20260", "²"])
def test_calendar_page_opens_this_year_by_default(year: str, staff: User, sign_in: SignIn) -> None:
    assert sign_in(staff).get(f"/office/calendar/?year={year}").status_code == 200


def test_calendar_day_can_be_added_changed_and_removed(staff: User, sign_in: SignIn) -> None:
    client = sign_in(staff)
    saturday = date(2026, 11, 28)
    form = {"falls_on": "2026-11-28", "is_working": "True", "name": "文明城市迎检"}
    client.post("/office/calendar/add/", form)
    assert works_on(saturday)
    day = CalendarDay.objects.get()
    client.post(f"/office/calendar/{day.pk}/", form | {"is_working": "False"})
    assert not works_on(saturday)
    assert "移除" in client.get(f"/office/calendar/{day.pk}/remove/").content.decode()
    client.post(f"/office/calendar/{day.pk}/remove/")
    assert not CalendarDay.objects.exists()


def test_announced_day_moved_to_another_year_leaves_that_year_to_be_filled(
    staff: User, sign_in: SignIn
) -> None:
    load_calendar(year=2025, by=A_TEST)
    moved = CalendarDay.objects.get(falls_on=date(2025, 10, 1))
    client = sign_in(staff)
    form = {"falls_on": "2026-03-02", "is_working": "False", "name": "植树"}
    page = client.post(f"/office/calendar/{moved.pk}/", form, follow=True)

    assert page.context["year"] == 2026
    assert "还没有填入日历" in page.text
    assert "本单位" in page.text
    assert load_calendar(year=2026, by=A_TEST) == 39
    assert not works_on(date(2026, 3, 2))
    assert load_calendar(year=2025, by=A_TEST) == 0


def test_calendar_day_that_staff_corrected_is_their_own_in_a_year_that_is_filled(
    staff: User, sign_in: SignIn
) -> None:
    load_calendar(year=2026, by=A_TEST)
    day = CalendarDay.objects.get(falls_on=date(2026, 10, 10))
    client = sign_in(staff)
    form = {"falls_on": "2026-10-10", "is_working": "False", "name": "国庆节"}
    page = client.post(f"/office/calendar/{day.pk}/", form, follow=True)

    day.refresh_from_db()
    assert (day.is_working, day.is_announced) == (False, False)
    assert "还没有填入日历" not in page.text
    assert load_calendar(year=2026, by=A_TEST) == 0


def test_calendar_day_keeps_what_a_colleague_has_stored_meanwhile(
    staff: User, sign_in: SignIn
) -> None:
    day = CalendarDay.objects.create(falls_on=date(2026, 11, 28), is_working=True)
    client, url = sign_in(staff), f"/office/calendar/{day.pk}/"
    opened = client.get(url).context["form"].initial
    CalendarDay.objects.update(is_working=False)

    answer = client.post(url, opened | {"name": "文明城市迎检"})

    assert "现在已保存的当天：“放假”" in answer.text
    day.refresh_from_db()
    assert (day.is_working, day.name) == (False, "")


def test_calendar_day_twice_is_refused(staff: User, sign_in: SignIn) -> None:
    load_calendar(year=2026, by=A_TEST)
    page = sign_in(staff).post(
        "/office/calendar/add/", {"falls_on": "2026-10-01", "is_working": "True", "name": ""}
    )
    assert "日历里已经有这一天" in page.content.decode()
    assert not works_on(date(2026, 10, 1))


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_calendar_page_costs_the_same_queries(
    year: str, staff: User, sign_in: SignIn, django_assert_num_queries
) -> None:
    load_calendar(year=2026, by=A_TEST)
    CalendarDay.objects.create(falls_on=date(2025, 10, 1), is_working=False)
    client = sign_in(staff)
    client.get("/office/calendar/")
    with django_assert_num_queries(CALENDAR_QUERIES):
        client.get(f"/office/calendar/?year={year}")


def test_no_working_day_is_looked_for_after_the_end_of_time(db: None) -> None:
    assert add_working_days(date.max, 3) == date.max


def test_calendar_of_the_year_0000_is_that_of_this_year(sign_in, staff: User) -> None:
    response = sign_in(staff).get(reverse("calendar_edit"), {"year": "0000"})
    assert response.context["year"] == timezone.localdate().year


@pytest.mark.parametrize(
    ("moment", "soon", "next_day"),
    [
        ("2026-09-29 07:00", "2026-09-29 08:30", "2026-09-30 08:30"),
        ("2026-09-30 12:15", "2026-09-30 12:15", "2026-10-08 08:30"),
        ("2026-09-30 18:00", "2026-10-08 08:30", "2026-10-09 08:30"),
        ("2026-10-10 09:00", "2026-10-10 09:00", "2026-10-12 08:30"),
        ("9999-12-31 23:00", "9999-12-31 23:00", "9999-12-31 23:00"),
    ],
)
def test_decent_moments_are_on_two_days(
    moment: str, soon: str, next_day: str, django_assert_num_queries: Any
) -> None:
    load_calendar(year=2026, by=A_TEST)
    Office.current()
    with django_assert_num_queries(0 if moment.startswith("9999") else 1):
        assert decent_moments(at(moment)) == (at(soon), at(next_day))
