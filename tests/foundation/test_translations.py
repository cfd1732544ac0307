"""Translations, on a small project made for each test."""

import gettext
import os
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from banyang.foundation import translations

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
name = _("Partner")
verb = pgettext("verb", "Open")
many = ngettext("%(count)s place", "%(count)s places", 2)
hint = _("First line\\nsecond \\"line\\"")
"""
TEMPLATE = """
{% translate "Save" %} {{ _("Home") }} {% translate "May" context "month" %}
{% blocktranslate trimmed with who=user.name %}
  Good morning, {{ who }},
  100% of it
{% endblocktranslate %}
{% blocktranslate trimmed count n=claims|length context "list" %}
  one claim
{% plural %}
  {{ n }} claims
{% endblocktranslate %}
{% include "x.html" with title=_("In a tag") %}
"""
CHINESE = {
    "Partner": "合伙人",
    "Open": "打开",
    "%(count)s place": "%(count)s个名额",
    'First line\nsecond "line"': "第一行\n第二“行”",
}


@pytest.fixture
def project(tmp_path: Path, settings) -> Path:
    for room in ("banyang/foundation", "partners", "partners/imports", "projects/needs"):
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "templates" / "partners").mkdir(parents=True)
    (tmp_path / "partners" / "models.py").write_text(PYTHON)
    settings.BASE_DIR = tmp_path
    return tmp_path


def translate(room: str, chinese: dict[str, str]) -> None:
    path = translations.catalogue_path(room)
    entries = [
        entry._replace(translation=chinese.get(entry.key.msgid, entry.translation))
        for entry in translations.read_catalogue(path)
    ]
    translations.write_catalogue(path, entries)


def keys(room: str) -> set[str]:
    entries = translations.read_catalogue(translations.catalogue_path(room))
    return {" | ".join(filter(None, (e.key.context, e.key.msgid, e.plural))) for e in entries}


def test_rooms_are_the_apps_that_are_ours(project: Path) -> None:
    rooms = ["banyang/foundation", "partners", "partners/imports", "projects/needs"]
    assert translations.rooms() == rooms


def test_update_extracts_every_kind_of_message_from_code(project: Path) -> None:
    translations.update_catalogues()

    assert keys("partners") == {
        "Partner",
        "verb | Open",
        "%(count)s place | %(count)s places",
        'First line\nsecond "line"',
    }


def test_update_extracts_every_kind_of_message_from_templates(project: Path) -> None:
    (project / "partners" / "models.py").write_text("")
    (project / "templates" / "partners" / "partner_list.html").write_text(TEMPLATE)

    translations.update_catalogues()

    assert keys("partners") == {
        "Save",
        "Home",
        "month | May",
        "Good morning, %(who)s, 100%% of it",
        "list | one claim | %(n)s claims",
        "In a tag",
    }


def test_messages_of_no_room_belong_to_the_foundation(project: Path) -> None:
    (project / "templates" / "base.html").write_text('{% translate "Skip to content" %}')
    (project / "banyang" / "foundation" / "forms.py").write_text('_("Sign in")')

    translations.update_catalogues()

    assert keys("banyang/foundation") == {"Skip to content", "Sign in"}


def test_messages_of_a_room_within_another_are_its_own(project: Path) -> None:
    (project / "partners" / "imports" / "forms.py").write_text('_("Upload")')

    translations.update_catalogues()

    assert keys("partners/imports") == {"Upload"}
    assert "Upload" not in keys("partners")


def test_message_known_to_one_room_is_not_added_to_another(project: Path) -> None:
    translations.update_catalogues()
    (project / "projects" / "needs" / "models.py").write_text('_("Partner"); _("Project")')

    translations.update_catalogues()

    assert keys("projects/needs") == {"Project"}


def test_update_keeps_translations_and_drops_what_is_not_shown(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)
    (project / "partners" / "models.py").write_text('_("Partner"); _("Agreement")')

    added, dropped = translations.update_catalogues()

    assert [key.msgid for key in added] == ["Agreement"]
    assert {key.msgid for key in dropped} == CHINESE.keys() - {"Partner"}
    assert 'msgid "Partner"\nmsgstr "合伙人"\n' in catalogue_text("partners")


def catalogue_text(room: str) -> str:
    return translations.catalogue_path(room).read_text(encoding="utf-8")


def test_updating_twice_changes_nothing(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)
    before = catalogue_text("partners")

    assert translations.update_catalogues() == ([], [])
    assert catalogue_text("partners") == before


def test_compiled_catalogue_answers_as_gettext_expects(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)

    assert translations.compile_catalogues() == [translations.catalogue_path("partners")]

    with translations.catalogue_path("partners").with_suffix(".mo").open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.gettext("Partner") == "合伙人"
    assert chinese.pgettext("verb", "Open") == "打开"
    assert chinese.ngettext("%(count)s place", "%(count)s places", 2) == "%(count)s个名额"
    assert chinese.gettext('First line\nsecond "line"') == "第一行\n第二“行”"


def test_compiling_again_does_nothing_until_the_catalogue_changes(project: Path) -> None:
    translations.update_catalogues()
    translations.compile_catalogues()
    path = translations.catalogue_path("partners")

    assert translations.compile_catalogues() == []
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 10))
    assert translations.compile_catalogues() == [path]


def test_start_goes_on_where_a_catalogue_cannot_be_compiled(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    translations.update_catalogues()
    path = translations.catalogue_path("partners")
    path.write_text(conflict(catalogue_text("partners"), ""))

    translations.compile_at_start()

    assert "not up to date" in caplog.text
    assert "merge conflict" in caplog.text


def test_start_goes_on_where_files_cannot_be_written(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    translations.update_catalogues()
    # Nobody writes a file where a folder is, whatever they are allowed to.
    translations.catalogue_path("partners").with_suffix(".mo").mkdir()
    os.utime(translations.catalogue_path("partners"), (2e9, 2e9))

    translations.compile_at_start()

    assert "not up to date" in caplog.text


def test_check_passes_when_everything_is_translated(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)

    call_command("translations", check=True)


@pytest.mark.parametrize(
    ("msgid", "chinese", "problem"),
    [
        ("Partner", "", "'Partner': no translation (partners/models.py:3)"),
        ("%(count)s place", "%(number)s个名额", "placeholders differ"),
        ("%(count)s place", "一个名额", "placeholders differ"),
        ("Partner", "Partner", "is not Chinese"),
        ("Partner", "导入 Excel", "a blank beside Chinese"),
        ("Partner", "Excel 名单", "a blank beside Chinese"),
        ("%(count)s place", "%(count)s 个名额", "a blank beside Chinese"),
        ("%(count)s place", "共 %(count)s个名额", "a blank beside Chinese"),
    ],
)
def test_check_fails_on(project: Path, msgid: str, chinese: str, problem: str) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE | {msgid: chinese})

    with pytest.raises(CommandError, match="1 problems") as error:
        call_command("translations", check=True)
    assert problem in str(error.value)


def test_check_accepts_what_is_marked_as_it_should_be(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE | {"Partner": "Partner"})
    path = translations.catalogue_path("partners")
    path.write_text(path.read_text().replace('msgid "Partner"', '# as is\nmsgid "Partner"'))

    assert translations.find_problems() == []
    translations.update_catalogues()
    assert "# as is\n" in catalogue_text("partners")


def test_check_finds_unused_and_fuzzy_entries(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)
    path = translations.catalogue_path("partners")
    path.write_text(path.read_text() + '\n#, fuzzy\nmsgid "Gone"\nmsgstr "没了"\n')

    assert translations.find_problems() == [
        "partners: 'Gone': marked fuzzy",
        "partners: 'Gone': no longer shown anywhere",
    ]


def test_check_finds_one_message_translated_in_two_ways(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)
    entry = translations.Entry(translations.Key("Partner", ""), "", "伙伴", False, ())
    translations.write_catalogue(translations.catalogue_path("projects/needs"), [entry])

    assert translations.find_problems() == [
        "projects/needs: 'Partner': «伙伴» here, «合伙人» in partners"
    ]


def conflict(ours: str, theirs: str) -> str:
    """Two versions of a file in one, as Git leaves it that can't join them."""
    lines, others = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    joined: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if tag == "equal":
            joined += lines[a:b]
        else:
            joined += ["<<<<<<< HEAD\n", *lines[a:b], "=======\n", *others[c:d], ">>>>>>> left\n"]
    return "".join(joined)


def test_update_joins_both_sides_of_a_merge_conflict(project: Path) -> None:
    translations.update_catalogues()
    translate("partners", CHINESE)
    base, codes, texts = catalogue_text("partners"), [], []
    source = project / "partners" / "sides.py"
    for side, one, both in (("right", "右", "同右"), ("left", "左", "同左")):
        codes.append(f'_("Said twice"); _("Side {side}"); pgettext("verb", "Move {side}")')
        source.write_text(codes[-1])
        translations.catalogue_path("partners").write_text(base)
        translations.update_catalogues()
        translate("partners", {f"Side {side}": one, f"Move {side}": "移动", "Said twice": both})
        texts.append(catalogue_text("partners"))
    source.write_text("\n".join(codes))
    translations.catalogue_path("partners").write_text(conflict(*texts))
    with pytest.raises(CommandError, match="merge conflict"):
        call_command("translations")

    call_command("translations", update=True)

    entries = translations.read_catalogue(translations.catalogue_path("partners"))
    chinese = {entry.key.msgid: entry.translation for entry in entries}
    joined = {"Side left": "左", "Side right": "右", "Move left": "移动", "Move right": "移动"}
    assert chinese == CHINESE | joined | {"Said twice": "同右"}
    assert translations.find_problems() == ["partners: 'Said twice': marked fuzzy"]
    assert "# or: 同左\n" in catalogue_text("partners")
