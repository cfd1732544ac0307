"""The form of a plan, where something is wrong with it."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_plan_lists_what_is_wrong_with_its_steps_on_top(sign_in, secretary, confirmed) -> None:
    data = {
        "aim": "方便老年人",
        "content": "每月一次",
        "deadline_on": "2099-12-31",
        "steps-TOTAL_FORMS": "2",
        "steps-INITIAL_FORMS": "0",
        "steps-0-text": "踏勘",
        "steps-0-due_on": "2099-11-30",
        "steps-1-text": "回访",
    }
    url = reverse("claim_plan_edit", args=[confirmed.pk])
    page = sign_in(secretary).post(url, data).content.decode()
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    assert 'href="#id_steps-1-due_on"' in summary
    assert "steps-0" not in summary
