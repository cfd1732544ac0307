"""The partner list: who sees what, its filters, its cost, and the ledger taken from it."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import Export, User
from partners.factories import ContactFactory, PartnerFactory
from partners.models import Partner

pytestmark = pytest.mark.django_db

URL = "/partners/"
LIST_QUERIES = 5  # the reader, what is new for them, the communities, how many, the rows


def shown(response: Any) -> list[str]:
    return [row["name"] for row in response.context["rows"]]


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_the_same_queries(
    count: int, sign_in, staff: User, django_assert_num_queries
) -> None:
    for _ in range(count):
        ContactFactory(partner=PartnerFactory(signed=True), is_main=True)
    client = sign_in(staff)
    client.get(URL)  # fills the caches
    with django_assert_num_queries(LIST_QUERIES):
        assert len(shown(client.get(URL))) == count


def test_staff_see_everybody_and_secretaries_the_signed_and_their_own(
    sign_in, staff: User, secretary: User, community, other_community
) -> None:
    PartnerFactory(signed=True, name="已签")
    PartnerFactory(name="本社区申请", community=community)
    PartnerFactory(name="外社区申请", community=other_community)
    assert set(shown(sign_in(staff).get(URL))) == {"已签", "本社区申请", "外社区申请"}
    assert set(shown(sign_in(secretary).get(URL))) == {"已签", "本社区申请"}


def test_list_masks_phone_numbers(sign_in, staff: User, partner: Partner) -> None:
    ContactFactory(partner=partner, phone="13812345678", is_main=True)
    content = sign_in(staff).get(URL).content.decode()
    assert "138****5678" in content
    assert "13812345678" not in content


def test_filters_narrow_the_list(sign_in, staff: User, community) -> None:
    today = timezone.localdate()
    reached = PartnerFactory(signed=True, name="有人接", community=community)
    ContactFactory(partner=reached)
    PartnerFactory(
        signed=True, name="快到期", kind="enterprise", agreement_ends_on=today + timedelta(days=60)
    )
    PartnerFactory(name="申请者", kind="resident")
    ContactFactory(partner=PartnerFactory(name="空号", kind="government"), phone="")
    client = sign_in(staff)
    wanted = {
        "q=快到": {"快到期"},
        "status=applied": {"申请者", "空号"},
        "kind=resident": {"申请者"},
        f"community={community.pk}": {"有人接"},
        "ending=on": {"快到期"},
        "no_contact=on": {"快到期", "申请者", "空号"},
        "no_contact=on&status=applied&kind=resident": {"申请者"},
        "status=martian": {"有人接", "快到期", "申请者", "空号"},
    }
    for query, names in wanted.items():
        assert set(shown(client.get(f"{URL}?{query}"))) == names, query


def test_agreement_ending_in_61_days_is_not_soon(sign_in, staff: User) -> None:
    ends = timezone.localdate() + timedelta(days=61)
    PartnerFactory(signed=True, agreement_ends_on=ends)
    response = sign_in(staff).get(f"{URL}?ending=on")
    assert shown(response) == []
    assert "60天内到期" in response.text


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("number", ["丙", "甲", "乙"]),
        ("-number", ["乙", "甲", "丙"]),
        ("name", ["丙", "甲", "乙"]),  # bing, jia, yi
        ("-signed_on", ["甲", "丙", "乙"]),
        ("signed_on", ["丙", "甲", "乙"]),
        ("agreement_ends_on", ["甲", "丙", "乙"]),
        ("-agreement_ends_on", ["丙", "甲", "乙"]),
    ],
)
def test_sort_puts_those_without_a_date_last(
    sort: str, names: list[str], sign_in, staff: User
) -> None:
    today = timezone.localdate()
    later, sooner = today + timedelta(days=9), today + timedelta(days=5)
    PartnerFactory(name="丙", signed=True, signed_on="2021-01-01", agreement_ends_on=later)
    PartnerFactory(name="甲", signed=True, signed_on="2022-01-01", agreement_ends_on=sooner)
    PartnerFactory(name="乙")
    assert shown(sign_in(staff).get(f"{URL}?sort={sort}")) == names


def test_empty_list_tells_nothing_yet_from_nothing_matches(sign_in, staff: User) -> None:
    client = sign_in(staff)
    assert "还没有合伙人" in client.get(URL).content.decode()
    PartnerFactory()
    assert "没有符合筛选条件" in client.get(f"{URL}?q=查无此人").content.decode()


# --- The ledger ----------------------------------------------------------------------------


def ledger(response: Any) -> Any:
    return openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content))).active


def test_export_has_what_is_shown_in_its_order(sign_in, staff: User, community) -> None:
    code = "91370302MA3C0QXK4P"
    first = PartnerFactory(signed=True, name="=SUM(A1)", credit_code=code, community=community)
    ContactFactory(partner=first, name="联系人", phone="13812345678", is_main=True)
    PartnerFactory(signed=True, name="第二家")
    PartnerFactory(name="申请者")
    url = reverse("partner_export") + "?status=signed&sort=-number"
    sheet = ledger(sign_in(staff).get(url))
    names = [row[2] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert names == ["第二家", "=SUM(A1)"]
    row = [cell.value for cell in sheet[5]]
    assert row[4:9] == [code, "东升社区", None, "联系人", "138****5678"]
    assert sheet["E5"].data_type == sheet["I5"].data_type == sheet["C5"].data_type == "s"
    assert Export.objects.values_list("user", "rows", "phones_shown", "query").get() == (
        staff.pk,
        2,
        False,
        "?status=signed&sort=-number",
    )


def test_export_with_phone_numbers_is_for_staff_and_recorded(
    sign_in, staff: User, secretary: User, partner: Partner
) -> None:
    ContactFactory(partner=partner, phone="13812345678", is_main=True)
    url = reverse("partner_export")
    assert sign_in(secretary).post(url).status_code == 403
    assert not Export.objects.exists()
    answer = sign_in(staff).post(url)
    assert "%E5%90%AB%E7%94%B5%E8%AF%9D" in answer["Content-Disposition"]  # 含电话
    assert ledger(answer)["I4"].value == "13812345678"
    assert Export.objects.get().phones_shown


def test_export_for_a_secretary_leaves_out_whom_they_do_not_see(
    sign_in, secretary: User, partner: Partner, other_community
) -> None:
    PartnerFactory(name="外社区申请", community=other_community)
    sheet = ledger(sign_in(secretary).get(reverse("partner_export")))
    assert [row[2] for row in sheet.iter_rows(min_row=4, values_only=True)] == [partner.name]
