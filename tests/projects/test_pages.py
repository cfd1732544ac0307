"""The pages of lists, projects and plans, as the people use them."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from partners.factories import MemberFactory
from projects.factories import (
    ClaimFactory,
    DeliveryFactory,
    NeedFactory,
    ProjectFactory,
    ProjectListFactory,
    ServiceFactory,
    StepFactory,
)
from projects.models import Claim, Delivery, Need, Project, ProjectList


@pytest.fixture(autouse=True)
def _english(client) -> None:
    client.cookies["django_language"] = "en"


def text(response) -> str:
    return response.content.decode()


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


# --- Lists and projects --------------------------------------------------------------------


def test_secretary_begins_drafts_and_publishes_a_list(sign_in, secretary, community) -> None:
    browser = sign_in(secretary)
    browser.post(reverse("projectlist_create"), {"community": community.pk, "year": 2027})
    project_list = ProjectList.objects.get()
    drafted = {"list": project_list.pk, "title": "免费理发", "places": 2}
    browser.post(reverse("project_create"), drafted | {"form_token": uuid.uuid4()})
    opens_at = timezone.localtime() + timedelta(days=1)
    page = reverse("projectlist_publish", args=[project_list.pk])
    assert "1 project becomes public" in text(browser.get(page))
    browser.post(page, {"opens_at": f"{opens_at:%Y-%m-%dT%H:%M}"})
    project = Project.objects.published().get()
    assert project.title == "免费理发"
    assert project.created_by == secretary
    assert project.list.opens_at
    assert abs(project.list.opens_at - opens_at) < timedelta(minutes=1)


def test_list_of_another_community_is_not_offered(sign_in, secretary, other_community) -> None:
    browser = sign_in(secretary)
    answer = browser.post(
        reverse("projectlist_create"), {"community": other_community.pk, "year": 2027}
    )
    assert answer.status_code == 200
    other_list = ProjectListFactory(community=other_community, draft=True)
    ProjectListFactory(community=secretary.secretaryships.get().community, draft=True)
    drafted = {"list": other_list.pk, "title": "混入", "places": 1}
    answer = browser.post(reverse("project_create"), drafted | {"form_token": uuid.uuid4()})
    assert answer.context["form"].errors.keys() == {"list"}
    assert not Project.objects.exists()


def test_project_is_filled_in_from_the_catalogue(sign_in, secretary, draft_list) -> None:
    service = ServiceFactory(name="家电维修", summary="免费检修小家电")
    browser = sign_in(secretary)
    typed = {"list": draft_list.pk, "service": service.pk, "title": "", "places": 3}
    answer = browser.post(reverse("project_create"), typed | {"prefill": "1"})
    form = answer.context["form"]
    assert (form["title"].value(), form["summary"].value()) == ("家电维修", "免费检修小家电")
    assert form["places"].value() == "3"
    assert not Project.objects.exists()
    answer = browser.get(reverse("project_create"), {"service": service.pk})
    assert 'value="家电维修"' in text(answer)


def test_project_from_need_is_filled_in_and_linked(sign_in, secretary, draft_list) -> None:
    need = NeedFactory(community=draft_list.community, on_board=True, text="楼道灯不亮")
    url = reverse("project_create") + f"?need={need.pk}"
    browser = sign_in(secretary)
    form = browser.get(url).context["form"]
    assert (form["title"].value(), form["summary"].value()) == (None, "楼道灯不亮")
    typed = {"list": draft_list.pk, "title": "换楼道灯", "places": 1}
    typed |= {"form_token": uuid.uuid4()}
    page = text(browser.post(url, typed, follow=True))
    assert reverse("projectlist_publish", args=[draft_list.pk]) in page
    assert need.get_absolute_url() in page
    need.refresh_from_db()
    assert need.state == Need.State.PROJECT
    assert need.project.title == "换楼道灯"


def test_need_of_another_community_makes_no_project(sign_in, secretary, other_community) -> None:
    need = NeedFactory(community=other_community, on_board=True)
    browser = sign_in(secretary)
    answer = browser.get(reverse("project_create"), {"need": need.pk})
    assert answer.status_code == 403
    need = NeedFactory(community=other_community)  # not yet checked, so not even visible
    assert browser.get(reverse("project_create"), {"need": need.pk}).status_code == 404


def test_lowering_places_below_taken_says_so_in_the_form(sign_in, secretary, project) -> None:
    project.places = 2
    project.save()
    ClaimFactory.create_batch(2, project=project)
    answer = sign_in(secretary).post(
        reverse("project_edit", args=[project.pk]), {"title": "理发", "places": 1}
    )
    assert "2 places are taken" in text(answer)


def test_cancelling_shows_the_reason_to_everybody(client, sign_in, secretary, project) -> None:
    sign_in(secretary).post(reverse("project_cancel", args=[project.pk]), {"reason": "场地维修"})
    client.logout()
    assert "场地维修" in text(client.get(reverse("project_detail", args=[project.pk])))


def test_drafts_are_seen_by_their_community_alone(
    client, sign_in, member, secretary, project
) -> None:
    draft = ProjectFactory(list=project.list, state=Project.State.DRAFT, title="还没商量好")
    page = reverse("projectlist_detail", args=[project.list_id])
    for user in (None, member):
        client.logout()
        browser = sign_in(user) if user else client
        assert "还没商量好" not in text(browser.get(page))
        assert browser.get(reverse("project_detail", args=[draft.pk])).status_code == 404
    assert "还没商量好" in text(sign_in(secretary).get(page))


def test_full_projects_come_last(client, project) -> None:
    ClaimFactory(project=project)
    free = ProjectFactory()
    url = reverse("project_list")
    assert client.get(url).context["page"].rows == [free, project]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"理发", "义诊"}),
        ("when=open", {"理发"}),
        ("when=soon", {"义诊"}),
        ("when=completed", {"讲座"}),
        ("when=all", {"理发", "义诊", "讲座"}),
        ("q=发", {"理发"}),
        ("left=on", {"义诊"}),
    ],
)
def test_projects_are_filtered(client, db, query, shown) -> None:
    soon = ProjectListFactory(opens_at=timezone.now() + timedelta(days=1))
    ClaimFactory(project=ProjectFactory(title="理发"))
    ProjectFactory(title="义诊", list=soon)
    ProjectFactory(title="讲座", state=Project.State.COMPLETED)
    ProjectFactory(title="草稿", draft=True)
    answer = client.get(reverse("project_list") + f"?{query}")
    assert {project.title for project in answer.context["page"]} == shown


def test_project_is_drafted_on_a_past_list_only_from_that_list(
    sign_in, secretary, community, open_list
) -> None:
    this_year = timezone.localdate().year
    ProjectList.objects.filter(pk=open_list.pk).update(year=this_year)
    past, older, coming = (
        ProjectListFactory(community=community, year=this_year + ahead) for ahead in (-1, -2, 1)
    )
    browser, url = sign_in(secretary), reverse("project_create")

    def offered(address: str) -> set[ProjectList]:
        return set(browser.get(address).context["form"].fields["list"].queryset)

    data = {"title": "免费理发", "places": 1, "form_token": uuid.uuid4(), "list": past.pk}
    assert offered(url) == {open_list, coming}
    assert browser.post(url, data).context["form"].errors.keys() == {"list"}
    assert offered(f"{url}?list={past.pk}") == {open_list, coming, past}
    filled = browser.post(f"{url}?list={past.pk}", data | {"prefill": "1"})
    assert past in filled.context["form"].fields["list"].queryset
    browser.post(f"{url}?list={past.pk}", data)
    assert Project.objects.get().list == past
    assert older.projects.count() == 0


def test_project_of_pieces_says_what_they_are(sign_in, secretary, draft_list) -> None:
    browser, url = sign_in(secretary), reverse("project_create")
    data = {"list": draft_list.pk, "title": "公告栏", "places": 20, "by_quantity": "on"}
    data |= {"form_token": uuid.uuid4()}
    refused = browser.post(url, data)
    assert refused.context["form"].errors.keys() == {"unit"}
    assert not Project.objects.exists()
    browser.post(url, data | {"unit": "块"})
    assert Project.objects.get().unit == "块"


# --- Plans and deliveries ------------------------------------------------------------------


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
    assert message in text(answer)
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
    assert "目标先写着" in text(answer)
    assert 'value="踏勘"' in text(answer)
    claimed.refresh_from_db()
    assert claimed.state == Claim.State.CLAIMED


def test_plan_is_changed_and_keeps_past_steps(sign_in, secretary, confirmed) -> None:
    past = StepFactory(claim=confirmed, due_on=timezone.localdate() - timedelta(days=3))
    url = reverse("claim_plan_edit", args=[confirmed.pk])
    browser = sign_in(secretary)
    assert past.text in text(browser.get(url))
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
    assert "This day has not come yet." in text(answer)
    assert not Delivery.objects.exists()


def test_delivery_recorded_by_a_member_is_corrected_by_the_community(
    sign_in, secretary, member, partner, confirmed
) -> None:
    delivery = DeliveryFactory(claim=confirmed, recorded_by=member, residents_served=300)
    colleague = MemberFactory(partner=partner).user
    url = reverse("delivery_edit", args=[delivery.pk])
    assert url not in text(sign_in(colleague).get(confirmed.get_absolute_url()))
    assert sign_in(colleague).get(url).status_code == 403

    browser = sign_in(secretary)
    assert url in text(browser.get(confirmed.get_absolute_url()))
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


def test_filling_in_from_another_service_replaces_the_first_ones_words(
    sign_in, secretary, draft_list
) -> None:
    first, second = (
        ServiceFactory(name=f"服务{name}", summary=f"第{name}行\n次行") for name in "甲乙"
    )
    browser, url = sign_in(secretary), reverse("project_create")
    typed = {"list": draft_list.pk, "prefill": "1"}
    form = browser.post(url, typed | {"service": first.pk}).context["form"]
    shown = {"title": form["title"].value(), "summary": first.summary.replace("\n", "\r\n")}
    form = browser.post(url, typed | shown | {"service": second.pk}).context["form"]
    assert (form["title"].value(), form["summary"].value()) == (second.name, second.summary)
    own = shown | {"title": "我们自己的"}
    answer = browser.post(url, typed | own | {"service": second.pk})
    assert answer.context["form"]["title"].value() == "我们自己的"
    assert "Left as you wrote it: Title." in text(answer)
    assert "Choose a service first." in text(browser.post(url, typed | own))


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
    assert said in text(answer)
    assert "理发" in text(answer)
    assert not Delivery.objects.exists()


def test_project_with_too_many_places_is_refused_beside_its_field(
    sign_in, secretary, project
) -> None:
    url = reverse("project_edit", args=[project.pk])
    answer = sign_in(secretary).post(url, {"title": "理发", "places": 99_999_999})
    assert "10000 places at most." in text(answer)
    with pytest.raises(IntegrityError, match="places_limited"):
        ProjectFactory(places=99_999_999)


# --- What a page costs ---------------------------------------------------------------------


@pytest.fixture(params=[1, 30], ids=["1 row", "30 rows"])
def rows(request, open_list, partner) -> int:
    for _ in range(request.param):
        project = ProjectFactory(list=open_list, service=ServiceFactory(), places=2)
        claim = ClaimFactory(project=project, partner=partner, confirmed=True)
        DeliveryFactory(claim=claim)
        ProjectListFactory()
    return request.param


@pytest.mark.parametrize(
    ("page", "who", "queries"),
    [
        ("project_list", "nobody", 4),
        ("project_list", "member", 9),
        ("projectlist_list", "nobody", 3),
        ("projectlist_list", "secretary", 7),
        ("claim_list", "member", 7),
        ("claim_list", "secretary", 7),
    ],
)
def test_list_costs_the_same_at_any_length(
    request, client, sign_in, rows, page, who, queries, django_assert_num_queries
) -> None:
    browser = client if who == "nobody" else sign_in(request.getfixturevalue(who))
    browser.get(reverse(page))  # the office and the session come from the cache from now on
    with django_assert_num_queries(queries):
        answer = browser.get(reverse(page))
    assert len(answer.context["page"].rows) >= rows


@pytest.mark.parametrize(("who", "queries"), [("member", 7), ("secretary", 8)])
def test_list_of_a_community_costs_the_same_at_any_length(
    request, sign_in, rows, open_list, who, queries, django_assert_num_queries
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    page = reverse("projectlist_detail", args=[open_list.pk])
    browser.get(page)
    with django_assert_num_queries(queries):
        answer = browser.get(page)
    assert len(answer.context["projects"]) == rows


@pytest.mark.parametrize("claims", [1, 30])
def test_line_of_a_project_costs_the_same_at_any_length(
    sign_in, secretary, project, claims, django_assert_num_queries
) -> None:
    ClaimFactory.create_batch(claims, project=project, waiting=True)
    browser = sign_in(secretary)
    page = reverse("project_detail", args=[project.pk])
    browser.get(page)
    with django_assert_num_queries(9):
        answer = browser.get(page)
    assert len(answer.context["line"]) == claims


def test_claim_costs_few_queries(sign_in, member, project, django_assert_max_num_queries) -> None:
    browser = sign_in(member)
    url = reverse("project_claim", args=[project.pk])
    with django_assert_max_num_queries(19):
        assert browser.post(url).status_code == 302
