"""The status changes that a list adds to a partner or corrects, and their days."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyang.accounts.models import User
from partners.actions import create_partner, suspend_partner
from partners.factories import PartnerFactory
from partners.imports.models import PartnerImport
from partners.models import Partner, StatusChange
from tests.partners.imports.conftest import TITLES, code, row, workbook

SIGNED_ON, ENDS_ON = date(2021, 5, 15), date(2024, 5, 14)


def recorded(partner: Partner) -> list[tuple]:
    """The steps in the order in which they were recorded."""
    steps = partner.status_changes.order_by("pk")
    return list(steps.values_list("before", "after", "on", "agreement_ends_on"))


@pytest.fixture
def imported(preview, commit) -> Callable[..., PartnerImport]:
    """Commit a list of the first partner, its agreement until `until`."""

    def _imported(
        until: object = ENDS_ON, status: str = "正常", **changes: object
    ) -> PartnerImport:
        titles = [*TITLES, "到期日", "状态"]
        return commit(preview(workbook([titles, [*row(1, **changes), until, status]])))

    return _imported


@pytest.mark.parametrize(("word", "status"), [("已退出", "withdrawn"), ("暂停", "suspended")])
def test_ended_partner_signed_on_its_day_and_ended_on_that_of_the_import(
    word: str, status: str, imported, staff: User
) -> None:
    done = imported(status=word)
    partner, today = Partner.objects.get(), timezone.localdate()
    assert (partner.status, partner.number) == (status, 1)
    assert recorded(partner) == [
        ("", "signed", SIGNED_ON, ENDS_ON),
        ("signed", status, today, None),
    ]
    signing, ending = partner.status_changes.order_by("pk")
    assert signing.reason == f"第{done.pk}号导入"
    assert ending.reason == f"第{done.pk}号导入：名单未注明日期，按导入日期登记"
    assert {signing.by, ending.by} == {staff}


def test_ended_partner_without_a_day_of_signing_ends_on_the_day_of_the_import(
    preview, commit
) -> None:
    commit(preview(workbook([["单位名称", "单位性质", "状态"], ["般阳茶社", "企业", "终止"]])))
    assert recorded(Partner.objects.get()) == [("", "withdrawn", timezone.localdate(), None)]
    assert "未注明日期" in StatusChange.objects.get().reason


def test_step_after_a_list_follows_the_signing_not_the_later_entry(imported, staff: User) -> None:
    today = timezone.localdate()
    partner = create_partner(name="般阳第1便民服务部", kind="enterprise", by=staff)
    imported()
    suspend_partner(partner=partner, on=today - timedelta(days=30), reason="整改", by=staff)
    assert recorded(partner) == [
        ("", "applied", today, None),
        ("applied", "signed", SIGNED_ON, ENDS_ON),
        ("signed", "suspended", today - timedelta(days=30), None),
    ]
    # Told by their days, the last one first.
    told = [(step.after, step.on) for step in partner.status_changes.all()]
    assert told == sorted(told, key=lambda step: step[1], reverse=True)


def test_later_end_in_a_list_is_a_renewal(imported, sign_in, staff: User) -> None:
    imported()
    partner = Partner.objects.get()
    done = imported(until="2027-05-14")
    assert recorded(partner) == [
        ("", "signed", SIGNED_ON, ENDS_ON),
        ("signed", "signed", timezone.localdate(), date(2027, 5, 14)),
    ]
    renewal = partner.status_changes.latest("pk")
    assert (renewal.label, renewal.by) == ("已续签", staff)
    assert renewal.reason.startswith(f"第{done.pk}号导入：")
    imported(until="2027-05-14", 联系人="李四")
    assert partner.status_changes.count() == 2


def test_renewal_of_a_suspended_partner_leaves_it_suspended(imported) -> None:
    imported(status="暂停")
    imported(until="2027-05-14", status="暂停")
    partner = Partner.objects.get()
    assert partner.status == "suspended"
    assert recorded(partner)[2] == (
        "suspended",
        "suspended",
        timezone.localdate(),
        date(2027, 5, 14),
    )


@pytest.mark.parametrize(
    ("until", "status", "then"),
    [
        ("2026-05-14", "正常", "2024-02-28"),
        (None, "正常", "2024-02-28"),
        ("2024-05-14", "已退出", "2025-01-31"),
    ],
)
def test_other_moves_of_the_end_correct_the_step_that_set_it(
    until: str | None, status: str, then: str, imported
) -> None:
    imported(until=until, status=status)
    partner = Partner.objects.get()
    before = recorded(partner)
    imported(until=then, status=status)
    assert recorded(partner) == [(*before[0][:3], date.fromisoformat(then)), *before[1:]]


def test_corrected_day_of_signing_is_carried_to_its_step(imported) -> None:
    imported(status="已退出")
    imported(status="已退出", 签约时间="2021-06-01")
    partner = Partner.objects.get()
    assert partner.signed_on == date(2021, 6, 1)
    assert recorded(partner) == [
        ("", "signed", date(2021, 6, 1), ENDS_ON),
        ("signed", "withdrawn", timezone.localdate(), None),
    ]


def test_days_of_a_partner_without_recorded_steps_are_still_corrected(imported) -> None:
    partner = PartnerFactory(
        signed=True, credit_code=code(1), name="般阳第1便民服务部", agreement_ends_on=ENDS_ON,
        signed_on=SIGNED_ON,
    )  # fmt: skip
    imported(until="2023-05-14", 签约时间="2021-06-01")
    partner.refresh_from_db()
    assert (partner.signed_on, partner.agreement_ends_on) == (date(2021, 6, 1), date(2023, 5, 14))
    assert recorded(partner) == []


def test_moved_days_cost_the_same_queries_however_many(preview, commit) -> None:
    titles = [*TITLES, "到期日"]

    def queries(count: int, until: str, signed: str) -> int:
        rows = [[*row(n, 签约时间=signed), until] for n in range(1, count + 1)]
        found = preview(workbook([titles, *rows]))
        with CaptureQueriesContext(connection) as captured:
            commit(found)
        return len(captured)

    queries(60, "2024-05-14", "2021-05-15")
    few, many = queries(2, "2025-05-14", "2021-05-16"), queries(60, "2026-05-14", "2021-05-17")
    assert many == few
