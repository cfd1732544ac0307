"""The pages of lists and projects, as the people use them."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from projects.catalogue.factories import ServiceFactory
from projects.claims.factories import ClaimFactory
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from projects.lists.needs import project_of
from projects.needs.factories import NeedFactory
from projects.needs.models import Need

pytestmark = pytest.mark.usefixtures("english_pages")


# --- Lists and projects --------------------------------------------------------------------


def test_secretary_begins_drafts_and_publishes_a_list(sign_in, secretary, community) -> None:
    browser = sign_in(secretary)
    year = timezone.localdate().year
    browser.post(reverse("projectlist_create"), {"community": community.pk, "year": year})
    project_list = ProjectList.objects.get()
    drafted = {"list": project_list.pk, "title": "免费理发", "capacity": 2}
    browser.post(reverse("project_create"), drafted | {"form_token": uuid.uuid4()})
    opens_at = timezone.localtime() + timedelta(days=1)
    page = reverse("projectlist_publish", args=[project_list.pk])
    assert "1 project becomes public" in browser.get(page).text
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
    drafted = {"list": other_list.pk, "title": "混入", "capacity": 1}
    answer = browser.post(reverse("project_create"), drafted | {"form_token": uuid.uuid4()})
    assert answer.context["form"].errors.keys() == {"list"}
    assert not Project.objects.exists()


def test_project_is_filled_in_from_the_catalogue(sign_in, secretary, draft_list) -> None:
    service = ServiceFactory(name="家电维修", summary="免费检修小家电")
    browser = sign_in(secretary)
    typed = {"list": draft_list.pk, "service": service.pk, "title": "", "capacity": 3}
    answer = browser.post(reverse("project_create"), typed | {"prefill": "1"})
    form = answer.context["form"]
    assert (form["title"].value(), form["summary"].value()) == ("家电维修", "免费检修小家电")
    assert form["capacity"].value() == "3"
    assert not Project.objects.exists()
    answer = browser.get(reverse("project_create"), {"service": service.pk})
    assert 'value="家电维修"' in answer.text


def test_project_from_need_is_filled_in_and_linked(sign_in, secretary, draft_list) -> None:
    need = NeedFactory(community=draft_list.community, on_board=True, text="楼道灯不亮")
    url = reverse("project_create") + f"?need={need.pk}"
    browser = sign_in(secretary)
    form = browser.get(url).context["form"]
    assert (form["title"].value(), form["summary"].value()) == (None, "楼道灯不亮")
    typed = {"list": draft_list.pk, "title": "换楼道灯", "capacity": 1}
    typed |= {"form_token": uuid.uuid4()}
    page = browser.post(url, typed, follow=True).text
    assert reverse("projectlist_publish", args=[draft_list.pk]) in page
    assert need.get_absolute_url() in page
    need.refresh_from_db()
    assert need.state == Need.State.PROJECT
    assert project_of(need).title == "换楼道灯"


def test_need_of_another_community_makes_no_project(sign_in, secretary, other_community) -> None:
    need = NeedFactory(community=other_community, on_board=True)
    browser = sign_in(secretary)
    answer = browser.get(reverse("project_create"), {"need": need.pk})
    assert answer.status_code == 403
    need = NeedFactory(community=other_community)  # not yet checked, so not even visible
    assert browser.get(reverse("project_create"), {"need": need.pk}).status_code == 404


def test_lowering_places_below_taken_says_so_in_the_form(sign_in, secretary, project) -> None:
    project.capacity = 2
    project.save()
    ClaimFactory.create_batch(2, project=project)
    answer = sign_in(secretary).post(
        reverse("project_edit", args=[project.pk]), {"title": "理发", "capacity": 1}
    )
    assert "2 places are taken" in answer.text


def test_cancelling_shows_the_reason_to_everybody(client, sign_in, secretary, project) -> None:
    sign_in(secretary).post(reverse("project_cancel", args=[project.pk]), {"reason": "场地维修"})
    client.logout()
    assert "场地维修" in client.get(reverse("project_detail", args=[project.pk])).text


def test_drafts_are_seen_by_their_community_alone(
    client, sign_in, member, secretary, project
) -> None:
    draft = ProjectFactory(list=project.list, state=Project.State.DRAFT, title="还没商量好")
    page = reverse("projectlist_detail", args=[project.list_id])
    for user in (None, member):
        client.logout()
        browser = sign_in(user) if user else client
        assert "还没商量好" not in browser.get(page).text
        assert browser.get(reverse("project_detail", args=[draft.pk])).status_code == 404
    assert "还没商量好" in sign_in(secretary).get(page).text


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

    data = {"title": "免费理发", "capacity": 1, "form_token": uuid.uuid4(), "list": past.pk}
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
    data = {"list": draft_list.pk, "title": "公告栏", "capacity": 20, "by_quantity": "on"}
    data |= {"form_token": uuid.uuid4()}
    refused = browser.post(url, data)
    assert refused.context["form"].errors.keys() == {"unit"}
    assert not Project.objects.exists()
    browser.post(url, data | {"unit": "块"})
    assert Project.objects.get().unit == "块"


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
    assert "Left as you wrote it: Title." in answer.text
    assert "Choose a service first." in browser.post(url, typed | own).text


def test_project_with_too_many_places_is_refused_beside_its_field(
    sign_in, secretary, project
) -> None:
    url = reverse("project_edit", args=[project.pk])
    answer = sign_in(secretary).post(url, {"title": "理发", "capacity": 99_999_999})
    assert "10000 places at most." in answer.text
    with pytest.raises(IntegrityError, match="places_limited"):
        ProjectFactory(capacity=99_999_999)


# --- What a page costs ---------------------------------------------------------------------


@pytest.fixture(params=[1, 30], ids=["1 row", "30 rows"])
def rows(request, open_list, partner) -> int:
    for _ in range(request.param):
        project = ProjectFactory(list=open_list, service=ServiceFactory(), capacity=2)
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


@pytest.mark.parametrize(("who", "queries"), [("member", 7), ("secretary", 7)])
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
