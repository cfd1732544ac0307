"""The demo office is the programme at its real scale, and the same every time."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.demo import DEMO_PASSWORD, SIGN_INS, make_demo_office
from banyang.reminders.models import Reminder
from communities.models import Community, Helper
from events.models import MarketDay
from partners.models import NumberBook, Partner
from projects.models import Claim, Need, Project

README = Path(__file__).parents[2] / "README.md"

pytestmark = pytest.mark.django_db


def test_demo_office_has_the_programmes_scale() -> None:
    make_demo_office()

    assert Community.objects.count() == 12
    assert Helper.objects.filter(role=Helper.Role.BUILDING_LEADER).count() == 303
    signed = Partner.objects.signed().order_by("number")
    assert list(signed.values_list("number", flat=True)) == list(range(1, 152))
    assert signed.filter(signed_on=signed.first().signed_on).count() == 24
    assert str(signed.last().signed_on) == "2021-05-15"
    assert NumberBook.objects.get().last == 151
    assert 90 <= Project.objects.count() <= 120
    assert 50 <= MarketDay.objects.count() <= 53


def test_demo_office_shows_every_state(subtests: pytest.Subtests) -> None:
    make_demo_office()

    for model in (Project, Claim, Need, MarketDay):
        with subtests.test(model=model):
            shown = set(model.objects.values_list("state", flat=True))
            ended_without_place = {"withdrawn", "released"} if model is Claim else set()
            assert shown == set(model.State.values) - ended_without_place


def test_demo_office_is_the_same_every_time() -> None:
    def made() -> list[object]:
        with transaction.atomic():
            make_demo_office()
            facts = [
                *Partner.objects.order_by("pk").values_list("name", "number", "signed_on"),
                *Claim.objects.order_by("pk").values_list("partner__name", "project__title"),
                *Project.objects.values("state").annotate(count=Count("pk")).order_by("state"),
            ]
            transaction.set_rollback(True)
        return facts

    assert made() == made()


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
