"""The demo office is the programme at its real scale, and the same every time."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.demo.build import make_demo_office
from banyang.demo.office import DEMO_PASSWORD, SIGN_INS
from banyang.reminders.models import Reminder
from communities.models import Community, Helper
from events.markets.models import MarketDay
from partners.models import NumberBook, Partner
from projects.claims.models import Claim, Step
from projects.deliveries.models import Delivery
from projects.lists.models import Project, ProjectList
from projects.needs.models import Need
from tests.reminders.processes import database_url

# What the press tells of, and whose trade it is.
PRESS = {
    "为全部360个单元安装信息宣传栏": "村镇银行",
    "四点半课堂：放学后到绘本馆看书写作业": "绘本馆",
    "每月健康查体：测血压、测血糖": "社区卫生服务站",
    "老年人免费理发日": "理发店",
    "小家电免费维修进楼院": "家电维修部",
    "楼前便民座椅安装": "装饰工程有限公司",
    "中秋走访困难群众": "志愿服务中心",
    "金融知识讲座：守住养老钱": "村镇银行",
    "反诈知识进楼院": "派出所",
    "心肺复苏与海姆立克实操培训": "应急救援队",
    "上门换灯泡、修水龙头": "物业服务有限公司",
    "陪独居老人过生日": "志愿服务中心",
}

README = Path(__file__).parents[2] / "README.md"

pytestmark = pytest.mark.django_db


def test_demo_office_has_the_programmes_scale() -> None:
    make_demo_office()

    assert Community.objects.count() == 12
    assert Helper.objects.filter(role=Helper.Role.BUILDING_LEADER).count() == 303
    signed = Partner.objects.signed().order_by("number")
    assert list(signed.values_list("number", flat=True)) == list(range(1, 152))
    first_day = signed.filter(signed_on=signed.first().signed_on)
    assert list(first_day.values_list("number", flat=True)) == list(range(1, 25))
    assert first_day.values("community").distinct().count() == 1  # the pilot
    assert str(signed.last().signed_on) == "2021-05-15"
    assert signed.last().name.endswith("加油站")
    assert Need.objects.filter(double_of=None).count() == 108
    # One more has signed and rests: its number follows theirs, and is the last given out.
    resting = Partner.objects.filter(status=Partner.Status.SUSPENDED)
    assert [partner.number for partner in resting] == [152]
    assert NumberBook.objects.get().last == 152
    assert 95 <= Project.objects.count() <= 110
    assert 50 <= MarketDay.objects.count() <= 53


def test_demo_office_shows_every_state(subtests: pytest.Subtests) -> None:
    make_demo_office()

    for model in (Project, Claim, Need, MarketDay):
        with subtests.test(model=model):
            shown = set(model.objects.values_list("state", flat=True))
            assert shown == set(model.State.values)
    with subtests.test(model=Partner):
        shown = set(Partner.objects.values_list("status", flat=True))
        assert shown == set(Partner.Status.values)


def test_demo_office_tells_why_partners_rest(subtests: pytest.Subtests) -> None:
    make_demo_office()

    for status, rests in (("signed", ["suspended", "signed"]), ("suspended", ["suspended"])):
        with subtests.test(status=status):
            rested = Partner.objects.filter(status=status, status_changes__after="suspended").get()
            steps = list(rested.status_changes.order_by("pk"))
            assert [step.after for step in steps] == ["applied", "vetted", "signed", *rests]
            assert all(after.before == before.after for before, after in pairwise(steps))
            assert [step.changed_on for step in steps] == sorted(step.changed_on for step in steps)
            assert all(step.reason for step in steps[3:])
            assert steps[-1].changed_on <= timezone.localdate()


def test_places_given_up_in_the_demo_office_went_to_the_next_in_line() -> None:
    make_demo_office()

    ended = Claim.objects.ended()
    assert ended
    for claim in ended:
        successor = claim.project.claims.running().get()
        assert claim.ended_at
        assert successor.confirmed_at
        assert claim.asked_at < successor.asked_at < claim.ended_at < successor.confirmed_at
        assert successor.held_at == claim.ended_at


def test_nothing_has_happened_to_a_need_that_is_still_to_come() -> None:
    make_demo_office()

    morning = timezone.localtime().replace(hour=0, minute=0)
    for moment in ("created_at", "checked_at", "answered_at"):
        assert Need.objects.exclude(**{moment: None}).exists()
        assert not Need.objects.filter(**{f"{moment}__gt": morning}).exists()


def test_demo_office_has_what_the_press_tells_of(subtests: pytest.Subtests) -> None:
    make_demo_office()

    for title, trade in PRESS.items():
        with subtests.test(title=title):
            claims = Claim.objects.agreed().filter(project__title=title).on_page()
            assert claims
            assert all(claim.partner.name.endswith(trade) for claim in claims)
    boards = Claim.objects.agreed().filter(project__title__contains="360个单元")
    assert sorted(boards.values_list("quantity", "project__capacity")) == [(160, 360), (200, 360)]
    assert len({claim.partner_id for claim in boards}) == 2


def test_every_project_of_one_long_list_was_claimed_on_the_day_it_opened() -> None:
    make_demo_office()

    lists = ProjectList.objects.annotate(length=Count("projects")).filter(length__gt=30)
    long = lists.get()
    assert 30 < long.length < 40
    assert {claim.asked_on for claim in Claim.objects.filter(project__list=long)} == {
        timezone.localdate(long.opens_at)
    }
    assert not Claim.objects.filter(project__list=long, asked_at__lte=long.opens_at).exists()
    projects = long.projects.all()
    assert not projects.with_capacity_left().exists()
    assert set(projects.values_list("state", flat=True)) == {"published", "completed"}


def test_nothing_was_done_in_the_demo_office_that_is_still_to_come() -> None:
    make_demo_office()

    now = timezone.now()
    for moment in ("asked_at", "held_at", "confirmed_at", "ended_at"):
        assert Claim.objects.exclude(**{moment: None}).exists()
        assert not Claim.objects.filter(**{f"{moment}__gt": now}).exists()
    for things, day in ((Step, "done_on"), (Delivery, "delivered_on")):
        assert not things.objects.filter(**{f"{day}__gt": timezone.localdate()}).exists()


@pytest.mark.django_db(transaction=True)
def test_demo_office_is_the_same_in_every_process() -> None:
    first, second = digests(), digests()
    if first["day"] != second["day"]:  # it was midnight
        first = digests()

    assert first == second
    assert int(first["partners_partner"].split()[0]) > 151


def digests() -> dict[str, str]:
    """What each table of a demo office holds, made in a process of its own; and the day."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.demo.demo_digest"],
        env=os.environ
        | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": str(settings.CACHES["default"]["LOCATION"]),
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return dict(line.split(maxsplit=1) for line in made.stdout.splitlines())


def test_demo_sign_ins_open_home_and_find_something_to_read(subtests: pytest.Subtests) -> None:
    make_demo_office()

    due = Reminder.objects.filter(due_at__lte=timezone.now())
    for username, _who in SIGN_INS:
        with subtests.test(username=username):
            form = {"username": username, "password": DEMO_PASSWORD}
            response = Client().post(reverse("sign_in"), form)
            assert (response.status_code, response.url) == (302, reverse("home"))
            # Staff oversee; what is due is due to the others.
            is_staff = User.objects.get(username=username).is_staff
            assert is_staff or due.filter(recipient__username=username).exists()


def test_demo_leaves_an_office_with_partners_alone(partner: Partner, capsys) -> None:
    call_command("demo")

    assert Partner.objects.count() == 1
    assert "left out" in capsys.readouterr().out


def test_searches_of_the_readme_find_somebody(subtests: pytest.Subtests) -> None:
    make_demo_office()

    for text in ("lfd", "理发"):
        with subtests.test(text=text):
            assert f"`{text}`" in README.read_text()
            assert Partner.objects.matching(text).exists()
    assert Partner.objects.matching("0021").exists()
