"""An application that comes to nothing is turned down; only who had joined can withdraw."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from partners import actions
from partners.factories import PartnerFactory
from partners.imports import cells
from partners.models import Partner

pytestmark = pytest.mark.django_db

LIST = "/partners/"


@pytest.fixture
def turned_down() -> Partner:
    return PartnerFactory(name="未成的店", status="withdrawn")


@pytest.fixture
def withdrawn() -> Partner:
    return PartnerFactory(name="离开的店", signed=True, status="withdrawn")


def step_page(partner: Partner) -> str:
    verb = "turn_down" if partner.number is None else "withdraw"
    return reverse(f"partner_{verb}", args=[partner.pk])


def told(answer: Any) -> list[str]:
    """The messages on the page."""
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("status", ["applied", "vetted"])
def test_application_is_turned_down_in_these_words(status: str, sign_in, staff: User) -> None:
    client, partner = sign_in(staff), PartnerFactory(name="甲店", status=status)
    shown = client.get(partner.get_absolute_url()).text
    assert ">不予通过</a>" in shown
    assert "退出</a>" not in shown
    asked = client.get(step_page(partner)).text
    assert "不予通过“甲店”的申请？" in asked
    assert "退出？" not in asked
    data = {"on": timezone.localdate(), "reason": "材料不全"}
    answer = client.post(step_page(partner), data, follow=True)
    assert told(answer) == ["“甲店”的申请已办结：不予通过。"]
    shown = answer.text
    assert "<strong>未通过</strong>" in shown.split("办理记录")[1]
    assert '<span class="state state-ended">未通过</span>' in shown
    assert "已退出" not in shown


def test_partner_that_had_signed_withdraws_in_these_words(
    sign_in, staff: User, partner: Partner
) -> None:
    client = sign_in(staff)
    assert ">退出</a>" in client.get(partner.get_absolute_url()).text
    data = {"on": timezone.localdate(), "reason": "搬迁"}
    answer = client.post(step_page(partner), data, follow=True)
    assert told(answer) == [f"“{partner}”已退出。"]
    shown = answer.text
    assert "<strong>已退出</strong>" in shown.split("办理记录")[1]
    assert "未通过" not in shown


def test_english_tells_turning_down_from_withdrawing(
    sign_in, staff: User, partner: Partner
) -> None:
    client = sign_in(staff)
    client.cookies["django_language"] = "en"
    asked = client.get(step_page(PartnerFactory(name="A"))).text
    assert "Turn down the application of “A”?" in asked
    assert "Turn down</button>" in asked
    assert f"Does “{partner}” withdraw?" in client.get(step_page(partner)).text


def test_application_turned_down_stays_so_in_the_way_of_who_joined_later(staff: User) -> None:
    today = timezone.localdate()
    partner = PartnerFactory()
    actions.turn_down_partner(partner=partner, on=today, reason="材料不全", by=staff)
    actions.vet_partner(partner=partner, on=today, by=staff)
    signed = actions.sign_partner(
        partner=partner, signed_on=today, agreement_ends_on=today.replace(year=2099), by=staff
    )
    actions.withdraw_partner(partner=signed, on=today, reason="搬迁", by=staff)
    labels = [step.label for step in partner.status_changes.order_by("pk")]
    assert labels == ["未通过", "已审核", "已签约", "已退出"]


def test_page_for_turning_down_that_was_left_open_withdraws_nobody(sign_in, staff: User) -> None:
    today = timezone.localdate()
    partner = PartnerFactory(status="vetted")
    client, url = sign_in(staff), step_page(partner)
    actions.sign_partner(
        partner=partner, signed_on=today, agreement_ends_on=today.replace(year=2099), by=staff
    )
    (said,) = (
        client.post(url, {"on": today, "reason": "材料不全"}).context["form"].non_field_errors()
    )
    assert "已签约（第1号）" in said
    partner.refresh_from_db()
    assert partner.status == "signed"


def test_refusal_calls_it_turned_down(turned_down: Partner, staff: User) -> None:
    with translation.override("en"), pytest.raises(Refused, match="is turned down"):
        actions.suspend_partner(
            partner=turned_down, on=timezone.localdate(), reason="整改", by=staff
        )


def test_list_and_its_filter_tell_the_two_apart(
    sign_in, staff: User, turned_down: Partner, withdrawn: Partner
) -> None:
    client = sign_in(staff)

    def labels(query: str) -> dict[str, str]:
        rows = client.get(f"{LIST}?{query}").context["rows"]
        return {row["name"]: row["status_label"] for row in rows}

    assert labels("") == {"离开的店": "已退出", "未成的店": "未通过"}
    assert labels("status=withdrawn") == {"离开的店": "已退出"}
    assert labels("status=turned_down") == {"未成的店": "未通过"}
    (chip,) = client.get(f"{LIST}?status=turned_down").context["filters"].chips
    assert chip.value == "未通过"


def test_ledger_tells_the_two_apart_and_can_be_read_again(
    sign_in, staff: User, turned_down: Partner, withdrawn: Partner
) -> None:
    answer: Any = sign_in(staff).get(reverse("partner_export"))
    sheet: Any = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    said = {row[2]: row[11] for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert said == {"离开的店": "已退出", "未成的店": "未通过"}
    assert {cells.status(word) for word in said.values()} == {"withdrawn"}
