"""The reference data: what is missing is added, what is there is left alone."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from banyang.office.models import Office
from communities.models import Community
from projects.catalogue.models import Category, Group, Service

pytestmark = pytest.mark.django_db

TRACKED = (Office, Community, Category, Group, Service)

COMMUNITIES = "code,name,short_name\n370303001001,甲社区居委会,甲社区\n"
CATALOGUE = "category,group,code,name\n甲门类,甲小组,J-1,甲服务\n"


def history() -> list[int]:
    events = (apps.get_model(model._meta.app_label, f"{model.__name__}Event") for model in TRACKED)
    return [model._default_manager.count() for model in events]


def write(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_load_reference_fills_an_empty_office() -> None:
    call_command("load_reference", verbosity=0)
    counts = [model.objects.count() for model in TRACKED]
    assert counts == [1, 12, 6, 20, 121]
    assert Office.current().programme == "般阳合伙人"
    assert Community.objects.get(short_name="东升社区").brand == "暖心驿站"
    assert Category.objects.values_list("name", flat=True)[0] == "转型发展"
    assert Group.objects.values_list("name", flat=True)[0] == "营商服务与政策惠企"


def test_load_reference_again_writes_nothing() -> None:
    call_command("load_reference")
    before = history()
    call_command("load_reference")
    assert history() == before


def test_load_reference_keeps_what_staff_changed() -> None:
    call_command("load_reference")
    Office.objects.update(name="般阳街道办")
    Community.objects.filter(short_name="东升社区").update(code="370302001099", brand="新品牌")
    Category.objects.filter(name="转型发展").update(name="转型升级")
    Group.objects.filter(name="普惠金融").update(name="金融服务")
    Service.objects.filter(code="ZX02-01").update(name="普惠贷款", is_current=False)
    before = history()
    call_command("load_reference")
    assert history() == before
    assert not Service.objects.get(code="ZX02-01").is_current


def test_load_reference_restores_a_missing_service_only() -> None:
    call_command("load_reference")
    Service.objects.filter(code="ZX02-01").delete()
    call_command("load_reference")
    assert Service.objects.count() == 121
    assert Service.objects.get(code="ZX02-01").group.name == "普惠金融"


def test_load_reference_takes_another_offices_files(tmp_path: Path) -> None:
    office = write(tmp_path, '{"name": "甲街道办事处"}', "office.json")
    communities = write(tmp_path, COMMUNITIES.encode("gb18030"), "communities.csv")
    catalogue = write(tmp_path, CATALOGUE, "catalogue.csv")
    call_command("load_reference", office=office, communities=communities, catalogue=catalogue)
    assert Office.current().name == "甲街道办事处"
    assert [str(each) for each in Community.objects.all()] == ["甲社区"]
    call_command("load_reference")  # the defaults stay out of an office with its own data
    assert Office.current().name == "甲街道办事处"
    assert Community.objects.count() == Service.objects.count() == 1


def test_load_reference_says_why_an_office_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_reference")
    assert "已载入单位信息：般阳路街道办事处。" in capsys.readouterr().out
    office = write(tmp_path, '{"name": "甲街道办事处"}', "office.json")
    call_command("load_reference", office=office)
    assert "单位信息未改动，仍为般阳路街道办事处" in capsys.readouterr().out


def test_load_reference_of_other_communities_leaves_the_office_neutral(tmp_path: Path) -> None:
    call_command("load_reference", communities=write(tmp_path, COMMUNITIES))
    call_command("load_reference")
    assert "般阳" not in Office.current().name


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("code,name\n370303001001,甲社区居委会\n", "short_name"),
        (COMMUNITIES + "37,乙社区居委会,乙社区\n", "3"),
        (COMMUNITIES + "370303001002,,乙社区\n", "name"),
        (COMMUNITIES + '"370303001002,乙社区居委会,乙社区\n', "table.csv"),
        (b"\xff\xff\xff\x00", "table.csv"),
    ],
    ids=("column missing", "rule broken", "cell empty", "quote open", "no text"),
)
def test_load_reference_refuses_a_bad_table_whole(
    table: str | bytes, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("load_reference", communities=write(tmp_path, table))
    assert not Community.objects.exists()


def test_load_reference_refuses_bad_office_details(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"name": 1}', '{"colour": "red"}', '{"name": ""}'):
        with pytest.raises(CommandError):
            call_command("load_reference", office=write(tmp_path, text, "office.json"))
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_reference", office=tmp_path / "nowhere.json")
