"""What the list of projects shows to whom first, and how one stands with each of them."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities.factories import SecretaryFactory
from partners.factories import MemberFactory
from projects.catalogue.factories import ServiceFactory
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project
from projects.needs.factories import NeedFactory

PAGE = reverse("project_list")


@pytest.fixture
def elsewhere(other_community) -> Project:
    return ProjectFactory(list=ProjectListFactory(community=other_community), title="别处的项目")


def titles(answer) -> set[str]:
    return {project.title for project in answer.context["page"]}


def chips(answer) -> dict[str, str]:
    return {chip.value: chip.query for chip in answer.context["filters"].chips}


def test_secretary_sees_their_own_communities_first_and_can_clear_that(
    sign_in, secretary, community, project, elsewhere
) -> None:
    browser = sign_in(secretary)
    answer = browser.get(PAGE)
    assert titles(answer) == {project.title}
    assert list(chips(answer)) == [str(community)]

    cleared = browser.get(PAGE + chips(answer)[str(community)])
    assert titles(cleared) == {project.title, elsewhere.title}
    assert not chips(cleared)
    assert titles(browser.get(PAGE + "?left=on")) == {project.title}


def test_secretary_of_two_communities_sees_both_and_can_ask_for_any(
    sign_in, secretary, community, other_community, project, elsewhere
) -> None:
    SecretaryFactory(user=secretary, community=other_community)
    third = ProjectFactory(title="第三处的项目")
    browser = sign_in(secretary)
    answer = browser.get(PAGE)
    assert titles(answer) == {project.title, elsewhere.title}
    assert list(chips(answer)) == [f"{community}、{other_community}"]

    asked = browser.get(PAGE + f"?community={third.community.pk}")
    assert titles(asked) == {third.title}
    assert titles(browser.get(PAGE + asked.context["filters"].chips[0].query)) == {
        project.title,
        elsewhere.title,
        third.title,
    }


@pytest.mark.parametrize("who", ["staff", "member", "nobody"])
def test_everybody_else_sees_every_community(
    request, client, sign_in, who, project, elsewhere
) -> None:
    browser = client if who == "nobody" else sign_in(request.getfixturevalue(who))
    answer = browser.get(PAGE)
    assert titles(answer) == {project.title, elsewhere.title}
    assert not chips(answer)


def test_drafts_are_one_click_away_for_their_secretary_alone(
    sign_in, secretary, member, community, draft_list, elsewhere
) -> None:
    draft = ProjectFactory(list=draft_list, state=Project.State.DRAFT, title="还没发布的项目")
    ProjectFactory(list=elsewhere.list, state=Project.State.DRAFT, title="别处的草稿")
    browser = sign_in(secretary)
    assert "草稿1个" in browser.get(PAGE).content.decode()
    assert titles(browser.get(PAGE + "?when=draft")) == {draft.title}
    assert titles(browser.get(PAGE + "?when=draft&community=all")) == {draft.title}
    assert not {draft.title, "别处的草稿"} & titles(sign_in(member).get(PAGE + "?when=draft"))


def test_nothing_of_ones_own_leads_to_every_community(sign_in, secretary, elsewhere) -> None:
    browser = sign_in(secretary)
    answer = browser.get(PAGE)
    assert "Nothing matches" in answer.content.decode() or "没有符合" in answer.content.decode()
    everything = answer.context["filters"].query_without_filters
    assert titles(browser.get(PAGE + everything)) == {elsewhere.title}


# --- How one stands with each ---------------------------------------------------------------


@pytest.fixture
def pages(community, project) -> list[str]:
    """Every page that lists projects which can be claimed."""
    project.service = ServiceFactory()
    project.capacity = 5
    project.save()
    return [
        PAGE,
        reverse("front"),
        reverse("home"),
        reverse("community_detail", args=[community.code]),
        reverse("projectlist_detail", args=[project.list_id]),
        reverse("service_detail", args=[project.service_id]),
    ]


def test_lists_say_what_ones_partner_has_claimed(
    sign_in, member, other_member, partner, project, pages
) -> None:
    claim = ClaimFactory(project=project, partner=partner, confirmed=True)
    for page in pages:
        shown = sign_in(member).get(page).content.decode()
        assert "您已认领，已确认" in shown, page
        assert claim.get_absolute_url() in shown
        assert "您已认领" not in sign_in(other_member).get(page).content.decode()


def test_lists_say_where_ones_partner_stands_in_line(
    sign_in, member, partner, project, pages
) -> None:
    ClaimFactory.create_batch(2, project=project, waiting=True)
    claim = ClaimFactory(project=project, partner=partner, waiting=True)
    ClaimFactory(project=project, waiting=True)
    assert claim.position_in_line == 3
    for page in pages:
        assert "候补第3位" in sign_in(member).get(page).content.decode(), page


def test_claim_that_ended_is_none(sign_in, member, partner, project, pages) -> None:
    ClaimFactory(project=project, partner=partner, state=Claim.State.WITHDRAWN)
    for page in pages:
        assert "您已认领" not in sign_in(member).get(page).content.decode()


def test_member_of_two_partners_reads_which_has_claimed(
    sign_in, member, other_partner, project
) -> None:
    MemberFactory(user=member, partner=other_partner)
    ClaimFactory(project=project, partner=other_partner)
    shown = sign_in(member).get(PAGE).content.decode()
    assert "您已认领" in shown
    assert other_partner.name in shown


def test_saying_so_costs_the_same_at_any_length(sign_in, member, partner, project, pages) -> None:
    browser = sign_in(member)
    costs: list[list[int]] = []
    for rows in (1, 29):
        more = {"list": project.list, "service": project.service, "capacity": 3}
        for each in ProjectFactory.create_batch(rows, **more):
            ClaimFactory(project=each, partner=partner, waiting=True)
        costs.append([])
        for page in pages:
            browser.get(page)
            with CaptureQueriesContext(connection) as queries:
                browser.get(page)
            costs[-1].append(len(queries))
    assert costs[0] == costs[1]


# --- A partner's own lists ------------------------------------------------------------------


def test_partner_page_leads_to_lists_of_that_partner(
    sign_in, member, partner, other_partner
) -> None:
    MemberFactory(user=member, partner=other_partner)
    mine = ClaimFactory(partner=partner)
    ClaimFactory(partner=other_partner)
    browser = sign_in(member)
    url = reverse("claim_list") + f"?partner={partner.pk}"
    assert url in browser.get(partner.get_absolute_url()).content.decode()
    answer = browser.get(url)
    assert list(answer.context["page"]) == [mine]
    assert list(chips(answer)) == [partner.name]
    # Searching within keeps to the partner.
    assert f'name="partner" value="{partner.pk}"' in answer.content.decode()


@pytest.mark.parametrize("value", ["x", "0", "999999999999999999999"])
def test_partner_that_one_may_not_see_is_no_filter(
    sign_in, member, partner, other_partner, value
) -> None:
    mine = ClaimFactory(partner=partner)
    for wrong in (value, str(other_partner.pk)):
        answer = sign_in(member).get(reverse("claim_list") + f"?partner={wrong}")
        assert list(answer.context["page"]) == [mine]
        assert other_partner.name not in answer.content.decode()


# --- A draft made from a need ---------------------------------------------------------------


def test_draft_and_its_need_lead_to_each_other(sign_in, secretary, community, draft_list) -> None:
    need = NeedFactory(community=community, on_board=True, text="楼道灯不亮<b>")
    browser, form = sign_in(secretary), reverse("project_create") + f"?need={need.pk}"
    link = f'href="{need.get_absolute_url()}"'
    assert link in browser.get(form).content.decode()

    sent = {"form_token": uuid.uuid4(), "list": draft_list.pk, "title": "修楼道灯", "capacity": 1}
    saved = browser.post(form, sent, follow=True)
    project = Project.objects.get()
    [message] = [str(message) for message in saved.context["messages"]]
    for thing in (project, draft_list, need):
        assert f'href="{thing.get_absolute_url()}"' in message
    assert "楼道灯不亮&lt;b&gt;" in message
    shown = browser.get(project.get_absolute_url()).content.decode()
    assert link in shown
    back = browser.get(need.get_absolute_url()).content.decode()
    assert f'href="{project.get_absolute_url()}"' in back
    browser.logout()
    for page in (need.get_absolute_url(), need.get_receipt_url()):
        assert project.get_absolute_url() not in browser.get(page).content.decode()
