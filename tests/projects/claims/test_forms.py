"""The form of a plan, where something is wrong with it or a colleague was at it meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.reminders.models import Reminder
from communities.factories import SecretaryFactory
from projects.claims.actions.plans import PlannedStep, change_plan, confirm_claim
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from tests.races import once_all_wait

pytestmark = pytest.mark.django_db

Dated = tuple[str, int]  # a step and in how many days it is due


def write_plan(claim: Claim, *steps: Dated, days: int = 60, **changes: str) -> None:
    """Somebody writes the plan: steps of the same words are kept, the others go."""
    known = {step.text: step.pk for step in claim.steps.all()}
    today = timezone.localdate()
    planned = [
        PlannedStep(text, today + timedelta(days=due), known.get(text)) for text, due in steps
    ]
    words = {"aim": claim.aim, "content": claim.content} | changes
    deadline_on = today + timedelta(days=days)
    change_plan(claim=claim, deadline_on=deadline_on, steps=planned, by=User(), **words)


def sent(page: Any, **changes: str) -> dict[str, str]:
    """What the browser sends of a plan's page, with `changes` typed into it."""
    form, rows = page.context["form"], page.context["rows"]
    fields = [*form, *rows.management_form, *(field for row in rows for field in row)]
    data = {field.html_name: field.value() for field in fields}
    return {name: str(value) for name, value in data.items() if value is not None} | changes


def steps_of(claim: Claim) -> list[str]:
    return [step.text for step in claim.steps.all()]


@pytest.fixture
def claim(confirmed: Claim) -> Claim:
    """Its plan is to look at the place and to serve."""
    write_plan(confirmed, ("踏勘", 7), ("服务", 14))
    confirmed.refresh_from_db()
    return confirmed


@pytest.fixture
def url(claim: Claim) -> str:
    return reverse("claim_plan_edit", args=[claim.pk])


def test_plan_that_a_colleague_has_changed_meanwhile_is_kept_and_shown(
    sign_in, secretary, claim, url
) -> None:
    browser = sign_in(secretary)
    opened = browser.get(url)
    write_plan(claim, ("踏勘", 7), ("服务", 14), ("回访", 40), days=90, aim="同事的目标")
    added = claim.steps.get(text="回访")

    answer = browser.post(url, sent(opened, aim="我的目标"))

    claim.refresh_from_db()
    assert (claim.aim, steps_of(claim)) == ("同事的目标", ["踏勘", "服务", "回访"])
    assert Reminder.objects.waiting().filter(kind="step_overdue", subject_pk=added.pk).exists()
    for shown in ("“同事的目标”", "踏勘（", "回访（", "我的目标</textarea>", 'value="回访"'):
        assert shown in answer.text

    assert browser.post(url, sent(answer)).status_code == 302
    claim.refresh_from_db()
    assert (claim.aim, steps_of(claim)) == ("我的目标", ["踏勘", "服务", "回访"])
    assert claim.deadline_on == timezone.localdate() + timedelta(days=60)
    assert claim.steps.filter(pk=added.pk).exists()


def test_step_that_a_colleague_has_removed_meanwhile_is_planned_anew_if_it_is_sent_again(
    sign_in, secretary, claim, url
) -> None:
    browser = sign_in(secretary)
    opened = browser.get(url)
    write_plan(claim, ("服务", 14))
    answer = browser.post(url, sent(opened))
    assert answer.status_code == 200
    assert steps_of(claim) == ["服务"]
    assert browser.post(url, sent(answer)).status_code == 302
    assert steps_of(claim) == ["踏勘", "服务"]


def test_step_that_was_marked_meanwhile_is_no_other_plan(sign_in, secretary, claim, url) -> None:
    browser = sign_in(secretary)
    opened = browser.get(url)
    claim.steps.filter(text="踏勘").update(done_on=timezone.localdate())
    assert browser.post(url, sent(opened, aim="我的目标")).status_code == 302
    assert claim.steps.get(text="踏勘").done_on


def test_more_rows_show_nothing_that_was_changed_meanwhile(sign_in, secretary, claim, url) -> None:
    browser = sign_in(secretary)
    opened = browser.get(url)
    write_plan(claim, ("踏勘", 7), ("服务", 14), ("回访", 40))
    longer = browser.post(url, sent(opened, more="1"))
    assert browser.post(url, sent(longer)).status_code == 200
    assert steps_of(claim) == ["踏勘", "服务", "回访"]


# --- At the same moment --------------------------------------------------------------------


@pytest.fixture
def both(transactional_db: None) -> tuple[Claim, Client]:
    """A claim with its plan, and the browser of its secretary."""
    claim = ClaimFactory(confirmed=True)
    StepFactory(claim=claim, text="服务", due_on=claim.deadline_on)
    secretary = SecretaryFactory(community=claim.project.community).user
    browser = Client()
    browser.force_login(secretary, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return claim, browser


def add_step(claim: Claim) -> Callable[[], None]:
    return lambda: write_plan(claim, ("服务", 14), ("回访", 40))


def test_plan_that_is_changed_at_the_same_moment_is_kept(both: tuple[Claim, Client]) -> None:
    claim, browser = both
    url = reverse("claim_plan_edit", args=[claim.pk])
    data = sent(browser.get(url), aim="我的目标")
    [answer] = once_all_wait([lambda: browser.post(url, data)], behind=add_step(claim))
    assert getattr(answer, "status_code", answer) == 200
    assert steps_of(claim) == ["服务", "回访"]


def test_plan_compared_without_the_lock_takes_a_step_away(both: tuple[Claim, Client]) -> None:
    """The control: what is written was compared before it came to wait."""
    claim, _browser = both
    [step] = claim.steps.all()

    def write_after_comparing() -> None:
        planned = [PlannedStep(step.text, step.due_on, step.pk)]
        with transaction.atomic():
            assert steps_of(claim) == ["服务"]
            change_plan(
                claim=claim,
                aim="我的目标",
                content=claim.content,
                deadline_on=claim.deadline_on,
                steps=planned,
                by=User(),
            )

    assert once_all_wait([write_after_comparing], behind=add_step(claim)) == [None]
    assert steps_of(claim) == ["服务"]


# --- Something wrong -----------------------------------------------------------------------


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


def rows_of(count: int) -> dict[str, str]:
    today = timezone.localdate()
    rows = {"steps-TOTAL_FORMS": str(count), "steps-INITIAL_FORMS": "0"}
    for n in range(count):
        rows |= {f"steps-{n}-text": f"第{n + 1}次", f"steps-{n}-due_on": f"{today}"}
    return rows | {"aim": "目标", "content": "内容", "deadline_on": f"{today}"}


@pytest.mark.parametrize("count", [61, 600])
def test_plan_of_too_many_steps_is_refused_on_the_page_and_by_the_action(
    count: int, sign_in, secretary, project, partner
) -> None:
    claim = ClaimFactory(project=project, partner=partner)
    url = reverse("claim_confirm", args=[claim.pk])

    page = sign_in(secretary).post(url, rows_of(count))
    assert "一份计划最多60个步骤。" in page.context["rows"].non_form_errors()
    steps = [PlannedStep(f"第{n + 1}次", timezone.localdate()) for n in range(count)]
    with pytest.raises(Refused, match="最多60个步骤"):
        confirm_claim(
            claim=claim,
            aim="目标",
            content="内容",
            deadline_on=timezone.localdate(),
            steps=steps,
            by=secretary,
        )

    sign_in(secretary).post(url, rows_of(60))
    assert claim.steps.count() == 60


def test_plan_that_has_more_steps_than_new_ones_may_can_still_be_changed(
    sign_in, secretary, confirmed
) -> None:
    StepFactory.create_batch(62, claim=confirmed)
    client, url = sign_in(secretary), reverse("claim_plan_edit", args=[confirmed.pk])
    page = client.get(url)
    client.post(url, sent(page, aim="新的目标"))
    confirmed.refresh_from_db()
    assert confirmed.aim == "新的目标"
    assert confirmed.steps.count() == 62
