"""The pages on which partners claim projects, and communities see who is in line."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.factories import MemberFactory, PartnerFactory
from partners.models import Partner
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory

pytestmark = pytest.mark.usefixtures("english_pages")


def test_double_click_gets_the_same_kind_answer(sign_in, member, project) -> None:
    browser = sign_in(member)
    url = reverse("project_claim", args=[project.pk])
    answers = [browser.post(url, follow=True) for _ in range(2)]
    said = [[str(message) for message in answer.context["messages"]] for answer in answers]
    assert said[0] == said[1]
    assert "has claimed this project" in said[0][0]
    assert Claim.objects.count() == 1


def test_place_is_promised_to_the_next_in_line_only_if_somebody_waits(
    sign_in, member, project, partner
) -> None:
    claim = ClaimFactory(project=project, partner=partner)
    page = sign_in(member).get(reverse("claim_withdraw", args=[claim.pk])).text
    assert "If somebody waits in line, the place passes at once to the next, who is told." in page


def test_lost_race_is_told_kindly_with_what_else_is_open(
    sign_in, member, project, other_partner
) -> None:
    ClaimFactory(project=project, partner=other_partner)
    elsewhere = ProjectFactory(title="小家电维修")
    full = ClaimFactory().project
    answer = sign_in(member).post(reverse("project_claim", args=[project.pk]), follow=True)
    assert "on the waiting list" in answer.text
    others = answer.context["others"]
    assert elsewhere in others
    assert full not in others
    assert project not in others


def test_project_of_another_year_s_list_says_the_year(sign_in, member, project, partner) -> None:
    year = timezone.localdate().year
    ProjectFactory(title=project.title, list=ProjectListFactory(year=year - 1))
    ProjectFactory(title="小家电维修", list=ProjectListFactory(year=year))
    waiting = ClaimFactory(project=project, partner=partner, waiting=True)
    answer = sign_in(member).get(waiting.get_absolute_url())
    assert len(answer.context["others"]) == 2
    assert answer.text.count(f"{year - 1} list") == 1
    assert f"{year} list" not in answer.text


def test_member_whose_agreement_ended_reads_so_where_the_button_would_be(
    sign_in, member, partner, other_partner, project
) -> None:
    browser = sign_in(member)
    url, claim_url = project.get_absolute_url(), reverse("project_claim", args=[project.pk])
    assert claim_url in browser.get(url).text

    Partner.objects.update(agreement_ends_on=timezone.localdate() - timedelta(days=1))

    page = browser.get(url).text
    assert claim_url not in page
    assert "Please ask the street office to renew it" in page
    assert other_partner.name not in page
    assert browser.get(claim_url).url == url
    assert "renew it" in browser.post(claim_url).text
    assert not Claim.objects.exists()


def test_member_in_line_whose_agreement_ended_reads_that_it_is_passed_over(
    sign_in, member, project, partner
) -> None:
    ClaimFactory(project=project)
    waiting = ClaimFactory(project=project, partner=partner, waiting=True)
    ProjectFactory(title="小家电维修")
    Partner.objects.update(agreement_ends_on=timezone.localdate() - timedelta(days=1))
    answer = sign_in(member).get(waiting.get_absolute_url())
    assert "it is passed over in the line" in answer.text
    assert answer.context["others"] == []


def test_member_of_two_partners_is_offered_the_one_whose_agreement_runs(
    sign_in, member, project, partner
) -> None:
    second = MemberFactory(user=member).partner
    Partner.objects.filter(pk=second.pk).update(status=Partner.Status.SUSPENDED)
    answer = sign_in(member).get(reverse("project_claim", args=[project.pk]))
    assert answer.context["free"] == [partner]


def test_claim_before_opening_is_refused_with_the_moment(sign_in, member, community) -> None:
    opens_at = timezone.now() + timedelta(days=3)
    project = ProjectFactory(list=ProjectListFactory(community=community, opens_at=opens_at))
    browser = sign_in(member)
    moment = f"{timezone.localtime(opens_at):%H:%M}"
    assert moment in browser.get(reverse("project_detail", args=[project.pk])).text
    answer = browser.post(reverse("project_claim", args=[project.pk]))
    assert answer.status_code == 200
    assert moment in str(answer.context["form"].non_field_errors())
    assert not Claim.objects.exists()


def test_member_of_two_partners_chooses_among_their_own(
    sign_in, member, project, other_partner
) -> None:
    second = MemberFactory(user=member).partner
    url = reverse("project_claim", args=[project.pk])
    browser = sign_in(member)
    answer = browser.post(url, {"partner": other_partner.pk})
    assert answer.status_code == 200
    assert not Claim.objects.exists()
    browser.post(url, {"partner": second.pk})
    assert Claim.objects.get().partner == second


def test_partner_that_has_claimed_is_not_offered_again(
    sign_in, member, partner, project, confirmed
) -> None:
    second = MemberFactory(user=member).partner
    third = MemberFactory(user=member).partner
    url = reverse("project_claim", args=[project.pk])
    browser = sign_in(member)

    offered = browser.get(url).context["form"]["partner"].subwidgets
    assert {option.data["label"] for option in offered} - {second.name, third.name} == {
        "Choose the partner"
    }
    assert [option.data["value"] for option in offered if option.data["selected"]] == [""]

    ClaimFactory(project=project, partner=second, waiting=True)
    only = browser.get(url)
    assert f'type="hidden" name="partner" value="{third.pk}"' in only.text
    for _click in range(2):
        browser.post(url, {"partner": third.pk})
    assert Claim.objects.filter(partner=third).count() == 1
    assert browser.get(url).status_code == 302  # nobody is left to claim for


def test_waiting_partner_reads_its_turn_and_leaves_without_passing_a_place_on(
    sign_in, member, partner, project
) -> None:
    ClaimFactory(project=project)
    ClaimFactory(project=project, waiting=True)
    claim = ClaimFactory(project=project, partner=partner, waiting=True)
    browser = sign_in(member)
    assert "You are number 2 in the line." in browser.get(claim.get_absolute_url()).text

    Claim.objects.waiting().in_line()[0].delete()
    assert "You are number 1 in the line." in browser.get(claim.get_absolute_url()).text
    assert "place passes" not in browser.get(reverse("claim_withdraw", args=[claim.pk])).text
    Claim.objects.filter(pk=claim.pk).delete()
    holding = ClaimFactory(partner=partner)
    assert "place passes" in browser.get(reverse("claim_withdraw", args=[holding.pk])).text


def test_quantity_is_asked_where_parts_are_taken(sign_in, member, open_list) -> None:
    boards = ProjectFactory(list=open_list, capacity=360, by_quantity=True, unit="块")
    url = reverse("project_claim", args=[boards.pk])
    browser = sign_in(member)
    asked = browser.get(url)
    assert "360块" in asked.context["form"]["quantity"].help_text
    assert asked.context["form"]["quantity"].value() is None
    empty = browser.post(url, {"quantity": ""})
    assert empty.context["form"].errors["quantity"] == ["Say how many you take."]
    assert browser.post(url, {"quantity": 400}).status_code == 200
    browser.post(url, {"quantity": 200})
    assert Claim.objects.get().quantity == 200


def test_partner_whose_agreement_rests_is_told_why(sign_in, project) -> None:
    member = MemberFactory(partner=PartnerFactory())
    answer = sign_in(member.user).post(reverse("project_claim", args=[project.pk]))
    assert "only signed partners take something new" in answer.text


def test_claims_of_others_are_not_listed(sign_in, member, other_secretary, confirmed) -> None:
    ClaimFactory(project__title="别家的项目")
    mine = sign_in(member).get(reverse("claim_list")).text
    assert "老年人免费理发" in mine
    assert "别家的项目" not in mine
    assert not sign_in(other_secretary).get(reverse("claim_list")).context["page"].rows


def test_line_is_shown_to_the_community_alone(
    client, sign_in, secretary, other_member, partner, confirmed
) -> None:
    page = reverse("project_detail", args=[confirmed.project_id])
    assert partner.name in sign_in(secretary).get(page).text
    assert partner.name not in sign_in(other_member).get(page).text
    client.logout()
    assert partner.name not in client.get(page).text


@pytest.mark.parametrize("page", ["claim_detail", "project_detail"])
@pytest.mark.parametrize("who", ["staff", "secretary"])
def test_partner_s_name_leads_to_whom_to_call(
    request, sign_in, page, who, confirmed, project, partner, other_partner
) -> None:
    ended = ClaimFactory(project=project, partner=other_partner, state=Claim.State.RELEASED)
    Claim.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    pk = {"claim_detail": confirmed.pk, "project_detail": project.pk}[page]
    shown = sign_in(request.getfixturevalue(who)).get(reverse(page, args=[pk])).text
    assert f'<a href="{partner.get_absolute_url()}">{partner}</a>' in shown
    if page == "project_detail":
        assert f'<a href="{other_partner.get_absolute_url()}">{other_partner}</a>' in shown
        for claim in (confirmed, ended):
            assert f'href="{claim.get_absolute_url()}"' in shown


@pytest.mark.parametrize("page", ["claim_detail", "project_detail"])
def test_partner_that_is_not_to_be_seen_is_named_without_a_link(
    sign_in, secretary, page, project
) -> None:
    partner = PartnerFactory()
    claim = ClaimFactory(project=project, partner=partner)
    pk = {"claim_detail": claim.pk, "project_detail": project.pk}[page]
    shown = sign_in(secretary).get(reverse(page, args=[pk])).text
    assert partner.name in shown
    assert f'href="{partner.get_absolute_url()}"' not in shown


def test_member_is_led_from_the_claim_to_their_own_partner(
    sign_in, member, confirmed, partner
) -> None:
    shown = sign_in(member).get(confirmed.get_absolute_url()).text
    assert f'<a href="{partner.get_absolute_url()}">{partner}</a>' in shown


def test_release_passes_the_place_on(sign_in, secretary, project, confirmed) -> None:
    waiting = ClaimFactory(project=project, waiting=True)
    browser = sign_in(secretary)
    url = reverse("claim_release", args=[confirmed.pk])
    assert browser.post(url, {"reason": ""}).status_code == 200
    browser.post(url, {"reason": "联系不上"})
    waiting.refresh_from_db()
    assert waiting.state == Claim.State.CLAIMED


def test_claim_with_open_steps_is_completed_only_after_they_are_shown(
    sign_in, secretary, confirmed
) -> None:
    DeliveryFactory(claim=confirmed)
    StepFactory(claim=confirmed, text="首次上门", done_on=timezone.localdate())
    left = StepFactory(claim=confirmed, text="回访老人")
    browser, url = sign_in(secretary), reverse("claim_complete", args=[confirmed.pk])
    page = browser.get(confirmed.get_absolute_url()).text
    assert f'href="{url}"' in page
    assert f'action="{url}"' not in page

    asked = browser.get(url).text
    assert left.text in asked
    assert "首次上门" not in asked
    confirmed.refresh_from_db()
    assert confirmed.state == Claim.State.CONFIRMED

    completed = browser.post(url, follow=True).text
    assert "not done" in completed
    assert "due on" not in completed


def test_claim_whose_steps_are_done_is_completed_at_once(sign_in, secretary, confirmed) -> None:
    DeliveryFactory(claim=confirmed)
    StepFactory(claim=confirmed, done_on=timezone.localdate())
    page = sign_in(secretary).get(confirmed.get_absolute_url()).text
    assert f'action="{reverse("claim_complete", args=[confirmed.pk])}"' in page


def test_partner_that_asks_for_more_than_is_left_chooses_whether_to_wait(
    sign_in, member, partner, other_partner, open_list
) -> None:
    boards = ProjectFactory(list=open_list, capacity=60, by_quantity=True)
    ClaimFactory(project=boards, partner=other_partner, quantity=40)
    client, url = sign_in(member), reverse("project_claim", args=[boards.pk])

    page = client.post(url, {"quantity": 30})
    [said] = page.context["form"].non_field_errors()
    assert "Only 20块 are left" in said
    assert not partner.claims.exists()

    answer = client.post(url, {"quantity": 30, "waits": "on"}, follow=True)
    assert partner.claims.get().state == Claim.State.WAITING
    [told] = answer.context["messages"]
    assert "Only 20块 are left" in str(told)
    assert "for 30块" in str(told)


def test_partner_that_asks_for_more_than_there_is_reads_how_many_in_its_unit(
    sign_in, member, open_list
) -> None:
    boards = ProjectFactory(list=open_list, capacity=60, by_quantity=True)
    url = reverse("project_claim", args=[boards.pk])
    page = sign_in(member).post(url, {"quantity": 61, "waits": "on"})
    [said] = page.context["form"].non_field_errors()
    assert "only 60块 altogether" in said


def test_claim_form_asks_about_waiting_only_where_a_part_may_be_left(
    sign_in, member, other_partner, project, open_list
) -> None:
    boards = ProjectFactory(list=open_list, capacity=60, by_quantity=True)
    client = sign_in(member)
    for one, asks in ((boards, True), (project, False)):
        page = client.get(reverse("project_claim", args=[one.pk]))
        assert ("waits" in page.context["form"].fields) is asks
    ClaimFactory(project=boards, partner=other_partner, quantity=60)
    page = client.get(reverse("project_claim", args=[boards.pk]))
    assert "waits" not in page.context["form"].fields
