"""How dates read on a page."""

from datetime import UTC, date, datetime

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from banyang.foundation.listing import SortHeader
from banyang.foundation.templatetags.banyang import (
    about,
    cached_include,
    unbroken,
    whole_day,
    whole_moment,
)

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-hans", "2026年11月22日（周日）"), ("en", "Sun 22 Nov 2026")],
)
def test_day_is_kept_whole_by_itself_and_within_a_sentence(language: str, text: str) -> None:
    whole = f'<span class="whole">{text}</span>'
    with translation.override(language):
        assert whole_day(SUNDAY) == whole
    assert unbroken(f"{text}: {text}") == f"{whole}: {whole}"


def test_moment_breaks_between_day_and_time_at_most() -> None:
    with translation.override("zh-hans"):
        moment = whole_moment(datetime(2026, 11, 22, 1, 5, tzinfo=UTC))

    assert moment == '<span class="whole">2026年11月22日（周日）</span>09:05'


def test_no_day_is_nothing() -> None:
    assert whole_day(None) == whole_moment(None) == ""


@pytest.mark.parametrize("link", [mark_safe("<a>甲</a>"), "<a>甲</a>"])
def test_message_keeps_the_links_that_it_was_given_and_no_others(link: str) -> None:
    message = Message(messages.INFO, format_html("{}定于2026年11月22日（周日）", link))
    page = render_to_string("components/messages.html", {"messages": [message]})

    assert '<span class="whole">2026年11月22日（周日）</span>' in page
    assert ("<a>甲</a>" in page) is hasattr(link, "__html__")


def test_dot_holds_on_to_what_stands_before_it() -> None:
    assert unbroken("东升社区 · <理发>") == "东升社区\xa0· &lt;理发&gt;"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("暂停“淄川理发店”的资格？", '暂停<span class="whole">“淄川理发店”</span>的资格？'),
        ("认领“理发”？", '认领<span class="whole">“理发”？</span>'),
        ("定于2026年11月22日（周日）。", '定于<span class="whole">2026年11月22日（周日）。</span>'),
        ("on Sun 22 Nov 2026.", 'on <span class="whole">Sun 22 Nov 2026.</span>'),
        # Longer than a heading's line on a phone, where it has to break somewhere.
        ("暂停“淄川般阳路理发美容服务部”", "暂停“淄川般阳路理发美容服务部”"),
        ("“<理发>”", "“&lt;理发&gt;”"),
    ],
)
def test_short_name_in_quotation_marks_is_kept_whole_with_the_mark_behind_it(
    text: str, whole: str
) -> None:
    assert unbroken(text) == whole


def test_error_names_its_field_once() -> None:
    assert about("完成时限已过", "完成时限") == "完成时限已过"
    assert about("此项必填。", "完成时限") == "完成时限：此项必填。"
    assert about("此项必填。", "是哪个社区的事？") == "是哪个社区的事？此项必填。"
    with translation.override("en"):
        assert (
            about("This field is required.", "Which one?") == "Which one? This field is required."
        )


def sort_header(label: str) -> str:
    return cached_include(
        "components/sort_header.html", header=SortHeader("name", label, "?sort=name", "")
    )


def test_cached_include_keeps_what_was_written_for_equal_arguments() -> None:
    first = sort_header("名称")

    assert "名称</a>" in first
    assert sort_header("名称") is first
    assert "编号</a>" in sort_header("编号")


def test_cached_include_writes_each_language_for_itself() -> None:
    written = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            written[language] = cached_include("components/view_switch.html", elder_view=False)

    assert "Large type" in written["en"]
    assert "Large type" not in written["zh-hans"]


def test_cached_include_takes_no_text_for_the_markup_that_reads_the_same() -> None:
    tools = "components/tools.html"
    assert "<i>甲</i>" in cached_include(tools, signed_in=True, name=mark_safe("<i>甲</i>"))
    assert "&lt;i&gt;甲" in cached_include(tools, signed_in=True, name="<i>甲</i>")
