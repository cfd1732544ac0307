"""The pages on which a plan is agreed and what was delivered is recorded."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.factories import MemberFactory
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.deliveries.models import Delivery

pytestmark = pytest.mark.usefixtures("english_pages")


def plan_data(*rows: tuple[str, str], **changes: str) -> dict[str, str]:
    """What the plan's form sends; every row a new step."""
    data = {
        "aim": "方便老年人",
        "content": "每月一次",
        "deadline_on": (timezone.localdate() + timedelta(days=60)).isoformat(),
        "steps-TOTAL_FORMS": str(len(rows)),
        "steps-INITIAL_FORMS": "0",
    }
    for number, (what, when) in enumerate(rows):
        data |= {f"steps-{number}-text": what, f"steps-{number}-due_on": when}
    return data | changes


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def claimed(project, partner) -> Claim:
    return ClaimFactory(project=project, partner=partner)


def test_secretary_confirms_with_plan(sign_in, secretary, claimed) -> None:
    browser = sign_in(secretary)
    url = reverse("claim_confirm", args=[claimed.pk])
    assert browser.get(url).status_code == 200
    browser.post(url, plan_data(("踏勘", in_days(7)), ("", ""), ("服务", in_days(14))))
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CONFIRMED
    assert [step.text for step in claimed.steps.all()] == ["踏勘", "服务"]


@pytest.mark.parametrize(
    ("rows", "changes", "message"),
    [
        ([("踏勘", in_days(-1))], {}, "This day is in the past."),
        ([("踏勘", in_days(61))], {}, "This is after the deadline"),
        ([("踏勘", "")], {}, "Say by when."),
        ([("", in_days(7))], {}, "Say what is to be done."),
        ([("", "")], {}, "at least one step"),
        ([("踏勘", in_days(7))], {"deadline_on": in_days(-1)}, "The deadline is in the past."),
        ([("踏勘", in_days(7))], {"aim": ""}, "This field is required."),
    ],
)
def test_wrong_plan_is_refused_beside_its_field(
    sign_in, secretary, claimed, rows, changes, message
) -> None:
    answer = sign_in(secretary).post(
        reverse("claim_confirm", args=[claimed.pk]), plan_data(*rows, **changes)
    )
    assert message in answer.text
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CLAIMED


def test_step_after_the_deadline_is_named_beside_another_row_s_error(
    sign_in, secretary, claimed
) -> None:
    data = plan_data(("踏勘", in_days(7)), ("服务", in_days(61)), ("回访", ""))
    answer = sign_in(secretary).post(reverse("claim_confirm", args=[claimed.pk]), data)
    fine, late, undated = (row.errors for row in answer.context["rows"])
    assert not fine
    assert late["due_on"][0].startswith("This is after the deadline")
    assert undated["due_on"] == ["Say by when."]
    assert not claimed.steps.exists()


def test_more_rows_keep_what_was_typed(sign_in, secretary, claimed) -> None:
    answer = sign_in(secretary).post(
        reverse("claim_confirm", args=[claimed.pk]),
        plan_data(("踏勘", in_days(7)), ("", ""), aim="目标先写着") | {"more": "1"},
    )
    rows = answer.context["rows"].forms
    assert len(rows) == 5
    assert ["autofocus" in str(row["text"]) for row in rows] == [False, False, True, False, False]
    assert "目标先写着" in answer.text
    assert 'value="踏勘"' in answer.text
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CLAIMED


def test_plan_is_changed_and_keeps_past_steps(sign_in, secretary, confirmed) -> None:
    past = StepFactory(claim=confirmed, due_on=timezone.localdate() - timedelta(days=3))
    url = reverse("claim_plan_edit", args=[confirmed.pk])
    browser = sign_in(secretary)
    assert past.text in browser.get(url).text
    data = plan_data((past.text, past.due_on.isoformat()), ("回访", in_days(20)))
    browser.post(url, data | {"steps-0-pk": past.pk, "steps-INITIAL_FORMS": "1"})
    assert next(iter(confirmed.steps.values_list("pk", "text"))) == (past.pk, past.text)
    assert confirmed.steps.count() == 2


def test_step_of_another_claim_is_not_taken_into_a_plan(sign_in, secretary, confirmed) -> None:
    foreign = StepFactory()
    url = reverse("claim_plan_edit", args=[confirmed.pk])
    data = plan_data(("偷梁换柱", in_days(20))) | {"steps-0-pk": foreign.pk}
    answer = sign_in(secretary).post(url, data)
    assert answer.status_code == 200
    foreign.refresh_from_db()
    assert foreign.text != "偷梁换柱"


def test_step_is_marked_and_unmarked(sign_in, member, confirmed) -> None:
    step = StepFactory(claim=confirmed)
    browser = sign_in(member)
    for done in ("1", "0"):
        browser.post(reverse("step_done", args=[step.pk]), {"done": done})
        step.refresh_from_db()
        assert (step.done_on is not None) == (done == "1")


def test_delivery_sent_twice_is_recorded_once_and_completed(
    sign_in, member, secretary, confirmed
) -> None:
    browser = sign_in(member)
    url = reverse("delivery_create", args=[confirmed.pk])
    token = browser.get(url).context["form"]["form_token"].value()
    done = {
        "form_token": str(token),
        "delivered_on": in_days(0),
        "content": "理发",
        "residents_served": 30,
    }
    for _ in range(2):
        assert browser.post(url, done).status_code == 302
    assert Delivery.objects.get().recorded_by == member
    sign_in(secretary).post(reverse("claim_complete", args=[confirmed.pk]))
    confirmed.refresh_from_db()
    assert confirmed.state == Claim.State.COMPLETED


def test_second_session_just_like_the_first_is_recorded_once_it_says_so(
    sign_in, member, confirmed
) -> None:
    browser, url = sign_in(member), reverse("delivery_create", args=[confirmed.pk])
    done = {"delivered_on": in_days(0), "content": "理发", "residents_served": 20}

    def send(**changes: str):
        token = browser.get(url).context["form"]["form_token"].value()
        return browser.post(url, done | {"form_token": str(token)} | changes)

    assert send().status_code == 302
    answer = send()
    assert "You recorded just this on" in answer.text
    assert "理发" in answer.text
    again = {"form_token": answer.context["form"]["form_token"].value(), "location": "下午，活动室"}
    assert send(**again).status_code == 302
    assert sorted(Delivery.objects.values_list("location", flat=True)) == ["", "下午，活动室"]


def test_delivery_in_the_future_is_refused_beside_its_field(sign_in, member, confirmed) -> None:
    answer = sign_in(member).post(
        reverse("delivery_create", args=[confirmed.pk]),
        {
            "form_token": str(uuid.uuid4()),
            "delivered_on": in_days(1),
            "content": "理发",
            "residents_served": 1,
        },
    )
    assert "This day has not come yet." in answer.text
    assert not Delivery.objects.exists()


def test_delivery_recorded_by_a_member_is_corrected_by_the_community(
    sign_in, secretary, member, partner, confirmed
) -> None:
    delivery = DeliveryFactory(claim=confirmed, recorded_by=member, residents_served=300)
    colleague = MemberFactory(partner=partner).user
    url = reverse("delivery_edit", args=[delivery.pk])
    assert url not in sign_in(colleague).get(confirmed.get_absolute_url()).text
    assert sign_in(colleague).get(url).status_code == 403

    browser = sign_in(secretary)
    assert url in browser.get(confirmed.get_absolute_url()).text
    right = {
        "form_token": str(delivery.form_token),
        "delivered_on": in_days(0),
        "content": "理发",
        "residents_served": 30,
    }
    browser.post(url, right)
    delivery.refresh_from_db()
    assert (delivery.residents_served, delivery.recorded_by) == (30, member)
    browser.post(reverse("delivery_remove", args=[delivery.pk]))
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"delivered_on": in_days(-1)}, "nothing was delivered before."),
        ({"residents_served": 900_000_000}, "One delivery serves 100000 residents at most."),
    ],
)
def test_delivery_that_cannot_be_is_refused_beside_its_field(
    wrong, said, sign_in, member, confirmed
) -> None:
    typed = {
        "form_token": str(uuid.uuid4()),
        "delivered_on": in_days(0),
        "content": "理发",
        "residents_served": 1,
    }
    url = reverse("delivery_create", args=[confirmed.pk])
    answer = sign_in(member).post(url, typed | wrong)
    assert said in answer.text
    assert "理发" in answer.text
    assert not Delivery.objects.exists()
