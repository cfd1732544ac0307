"""The demo office is the programme at its real scale, and the same every time."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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


@pytest.mark.parametrize("model", [Project, Claim, Need, MarketDay])
def test_demo_office_shows_every_state(model: type) -> None:
    make_demo_office()

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


@pytest.mark.parametrize("username", [username for username, _who in SIGN_INS])
def test_demo_sign_in_opens_home(username: str, client: Client) -> None:
    make_demo_office()

    form = {"username": username, "password": DEMO_PASSWORD}
    response = client.post(reverse("sign_in"), form)

    assert response.status_code == 302
    assert response.url == reverse("home")


def test_demo_leaves_an_office_with_partners_alone(partner: Partner, capsys) -> None:
    call_command("demo")

    assert Partner.objects.count() == 1
    assert "left out" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["lfd", "理发", "0021"])
def test_searches_of_the_readme_find_somebody(text: str) -> None:
    make_demo_office()
    assert f"`{text}`" in README.read_text() or text == "0021"

    assert Partner.objects.matching(text).exists()


@pytest.mark.parametrize("username", [username for username, _who in SIGN_INS[1:]])
def test_inbox_of_a_demo_sign_in_has_something_to_read(username: str) -> None:
    make_demo_office()

    assert Reminder.objects.filter(
        recipient__username=username, due_at__lte=timezone.now()
    ).exists()
