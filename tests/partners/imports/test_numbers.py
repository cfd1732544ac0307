"""Partner numbers: those that a list brings leave no gap, those that it lacks can be given."""

import pytest

from banyang.foundation.errors import Refused
from partners.factories import PartnerFactory
from partners.imports.models import PartnerImport
from partners.models import NumberBook, Partner
from tests.partners.imports.conftest import TITLES, code, everything, kinds, row, workbook

State = PartnerImport.State

DATED = ["单位名称", "单位性质", "联系电话", "签约时间"]


def dated(name: str, day: str | None, phone: str = "13900000001") -> list:
    return [name, "企业", phone, day]


def test_a_gap_in_the_numbers_is_refused_and_named(preview, commit) -> None:
    found = preview(workbook([TITLES, *(row(n) for n in (1, 2, 4, 7))]))
    with pytest.raises(Refused, match="3、5–6"):
        commit(found)


def test_leaving_out_a_row_may_not_leave_a_gap(preview, commit) -> None:
    rows = [row(1), row(2, 联系电话="12345"), row(3)]
    found = preview(workbook([TITLES, *rows]))
    with pytest.raises(Refused, match="2"):
        commit(found, leaves_out=True)
    assert not Partner.objects.exists()


def test_numbers_go_on_where_the_book_stands(preview, commit) -> None:
    PartnerFactory(signed=True)
    commit(preview(workbook([TITLES, row(2), row(3)])))
    assert NumberBook.objects.get().last == 3


def test_numbers_are_given_in_the_order_of_signing(preview, commit) -> None:
    PartnerFactory(signed=True, name="甲")
    PartnerFactory(name="丁", kind="enterprise")
    rows = [
        dated("乙", "2023-02-01"),
        dated("丙", "2022-01-01"),
        dated("丁", "2023-02-01"),
        dated("戊", None),
        dated("己", "2021-01-01", phone="138"),
        dated("甲", None),
    ]
    content = workbook([DATED, *rows])
    done = commit(preview(content, gives_numbers=True), leaves_out=True)
    assert done.state == State.COMMITTED
    assert dict(Partner.objects.values_list("name", "number")) == {
        "甲": 1,
        "丙": 2,
        "乙": 3,
        "丁": 4,
        "戊": None,
    }
    assert Partner.objects.get(name="丁").status == "signed"
    assert NumberBook.objects.get().last == 4
    before = everything()
    again = preview(content, gives_numbers=True)
    assert set(kinds(again).values()) == {"unchanged", "error"}
    assert everything() == before


def test_numbers_given_follow_those_that_the_list_has(preview, commit) -> None:
    rows = [row(1), row(2, 编号=None, 签约时间="2020-01-01"), row(3, 编号=2)]
    commit(preview(workbook([TITLES, *rows]), gives_numbers=True))
    assert Partner.objects.get(credit_code=code(2)).number == 3


def test_numbers_given_move_on_with_a_signing_since_the_preview(preview, commit) -> None:
    found = preview(workbook([DATED, dated("乙", "2023-02-01")]), gives_numbers=True)
    PartnerFactory(signed=True, name="捷足者")
    found = commit(found)
    assert (found.state, found.report["first_number"]) == (State.PREVIEWED, 2)
    commit(found)
    assert Partner.objects.get(name="乙").number == 2
