"""What is written out when a template is compiled, and what is left to every request."""

from typing import Any

import pytest
from django.template import Context, Engine, Template
from django.template.base import TextNode
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from banyang.foundation.precompiled import precompile

LOAD = "{% load i18n static %}"


def precompiled(text: str) -> Template:
    template = Template(LOAD + text, engine=Engine.get_default())
    context = Context()
    with translation.override("en"), context.bind_template(template):
        precompile(template.nodelist, context)
    return template


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('<b>{% translate "Home" %}</b>', "<b>Home</b>"),
        ("{% blocktranslate trimmed %} Home {% endblocktranslate %}", "Home"),
        ("{% url 'partner_list' %}?q=1", "/partners/?q=1"),
        ("{% static 'icon.svg' %}", "/static/icon.svg"),
        ("{% comment %}to us{% endcomment %}", ""),
        ('{% include "components/state.html" %}', None),
        ("{{ name }}", None),
        ('{% translate "Home" as home %}', None),
        ("{% translate name %}", None),
        ('{% translate "Home"|upper %}', None),
        ("{% url name %}", None),
        ("{% url 'partner_detail' pk %}", None),
        ("{% blocktranslate %}Hello, {{ name }}{% endblocktranslate %}", None),
    ],
)
def test_only_what_never_changes_is_written_out(text: str, written: str | None) -> None:
    nodes = precompiled(text).nodelist
    is_text = all(isinstance(node, TextNode) for node in nodes)
    assert is_text == (written is not None)
    if is_text:
        assert "".join(node.s for node in nodes) == written


def test_branches_and_loops_are_precompiled_within() -> None:
    text = (
        '{% for x in xs %}{% if x %}{% translate "Home" %}{% else %}{{ x }}{% endif %}{% endfor %}'
    )
    with translation.override("zh-hans"):  # of no account any more
        assert precompiled(text).render(Context({"xs": [1, 0]})) == "Home0"


def test_every_language_has_its_own_templates() -> None:
    def title() -> str:
        return get_template("components/way_back.html").render({"user": None, "office": None})

    with translation.override("en"):
        assert "Sign in" in title()
    with translation.override("zh-hans"):
        assert "登录" in title()
    with translation.override("en"):
        assert "Sign in" in title()


def test_pages_of_two_readers_share_nothing_personal(sign_in: Any, staff: Any, member: Any) -> None:
    first = sign_in(staff).get(reverse("me")).text
    assert reverse("partner_list") in first
    second = sign_in(member).get(reverse("me")).text
    assert reverse("partner_list") + '"' not in second
    assert staff.name not in second
    member.is_staff = True
    member.save()
    assert reverse("partner_list") + '"' in sign_in(member).get(reverse("me")).text
