"""Everybody's worklist: what is late first, and only what is theirs."""

from datetime import datetime, time, timedelta
from itertools import chain

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.dates import day as format_day
from banyang.office.calendar import working_days_before
from banyang.office.models import CalendarDay
from communities.models import Community
from events.markets.factories import MarketDayFactory, StallFactory
from events.markets.models import Stall
from partners.factories import PartnerFactory
from partners.models import Partner
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.needs.factories import NeedFactory


def tasks(client: Client) -> dict[str, list[str]]:
    """The texts on the home page by urgency."""
    worklist = client.get(reverse("home")).context["worklist"]
    return {
        name: [task.text for task in getattr(worklist, name)]
        for name in ("overdue", "today", "later")
    }


def test_staff_vet_sign_and_renew(sign_in, staff: User) -> None:
    today = timezone.localdate()
    PartnerFactory(name="新申请的店")
    PartnerFactory(name="待签约的店", status=Partner.Status.VETTED)
    PartnerFactory(name="快到期的店", signed=True, agreement_ends_on=today + timedelta(days=60))
    PartnerFactory(name="还早的店", signed=True, agreement_ends_on=today + timedelta(days=61))

    assert sorted(tasks(sign_in(staff))["later"]) == ["待签约的店", "快到期的店", "新申请的店"]


def test_secretary_sees_their_own_community_alone(
    sign_in, secretary: User, community: Community, other_community: Community
) -> None:
    NeedFactory(community=community, text="这里的需求")
    NeedFactory(community=other_community, text="别处的需求")
    on = ProjectListFactory(community=community)
    ClaimFactory(project=ProjectFactory(list=on, title="这里的项目"))
    ClaimFactory(project__title="别处的项目")

    shown = " ".join(chain.from_iterable(tasks(sign_in(secretary)).values()))

    assert "这里的需求" in shown
    assert "这里的项目" in shown
    assert "别处" not in shown


def test_staff_see_what_is_late_anywhere_and_not_what_is_fresh(sign_in, staff: User) -> None:
    NeedFactory(text="没人管的需求", created_at=timezone.now() - timedelta(days=40))
    NeedFactory(text="刚提的需求")
    ClaimFactory(project__title="拖着没确认", held_at=timezone.now() - timedelta(days=9))
    ClaimFactory(project__title="刚认领的")

    shown = tasks(sign_in(staff))

    late = " ".join(shown["overdue"])
    assert "没人管的需求" in late
    assert "拖着没确认" in late
    assert not shown["today"] + shown["later"]


def test_partner_sees_the_week_ahead_of_their_own_plans(
    sign_in, member: User, partner: Partner, other_partner: Partner
) -> None:
    today = timezone.localdate()
    claim = ClaimFactory(partner=partner, confirmed=True)
    for text, days in (("逾期的步骤", -1), ("今天的步骤", 0), ("下周的步骤", 7), ("以后的", 8)):
        StepFactory(claim=claim, text=text, due_on=today + timedelta(days=days))
    StepFactory(claim=claim, text="做完的", due_on=today, done_on=today)
    StepFactory(claim__partner=other_partner, text="别家的步骤", due_on=today)

    shown = tasks(sign_in(member))

    assert ["逾期的步骤" in text for text in shown["overdue"]] == [True]
    assert ["今天的步骤" in text for text in shown["today"]] == [True]
    assert ["下周的步骤" in text for text in shown["later"]] == [True]


def test_hosts_and_stall_holders_see_the_next_market(
    sign_in, secretary: User, member: User, community: Community, partner: Partner
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    market_day = MarketDayFactory(host=community, held_on=day)
    StallFactory(market_day=market_day, partner=partner, offer="免费理发")
    StallFactory(market_day=market_day, offer="别家的摊位")

    assert len(tasks(sign_in(secretary))["later"]) == 1
    assert ["免费理发" in text for text in tasks(sign_in(member))["later"]] == [True]
    page = sign_in(member).get(reverse("home")).content.decode()
    assert f"{market_day.starts_at:%H:%M}开始" in page
    assert f"{format_day(day)}前" not in page


def test_more_than_six_of_a_kind_are_counted_and_a_link_away(sign_in, staff: User) -> None:
    PartnerFactory.create_batch(9)

    page = sign_in(staff).get(reverse("home"))
    later = page.context["worklist"].later

    assert (len(later), len(later.tasks)) == (9, 6)
    assert [(more.url, more.count) for more in later.more] == [
        (reverse("partner_list") + "?status=applied", 3)
    ]
    assert "还有3条，查看全部：入伙申请" in page.content.decode()


def test_more_of_a_kind_stands_in_its_section_and_leads_to_the_narrowed_list(
    sign_in, secretary: User, community: Community
) -> None:
    NeedFactory.create_batch(8, community=community, created_at=timezone.now() - timedelta(days=40))
    NeedFactory.create_batch(7, community=community)

    browser = sign_in(secretary)
    worklist = browser.get(reverse("home")).context["worklist"]

    assert [(more.count, more.url) for more in worklist.overdue.more] == [
        (2, reverse("need_list") + "?state=new&overdue=on")
    ]
    assert [(more.count, more.url) for more in worklist.later.more] == [
        (1, reverse("need_list") + "?state=new")
    ]
    listed = browser.get(worklist.overdue.more[0].url).context["page"]
    assert listed.count == len(worklist.overdue) == 8


@pytest.mark.parametrize("days", range(10))
def test_worklist_and_need_list_agree_what_is_late(
    days: int, sign_in, secretary: User, staff: User, community: Community
) -> None:
    now = timezone.now()
    CalendarDay.objects.create(falls_on=timezone.localdate() - timedelta(days=4), is_working=False)
    NeedFactory(community=community, created_at=now - timedelta(days=days))

    for user in (secretary, staff):
        browser = sign_in(user)
        shown = tasks(browser)
        listed = browser.get(reverse("need_list") + "?overdue=on").context["page"]
        assert len(shown["overdue"]) == listed.count


@pytest.mark.parametrize(("days", "section"), [(2, "later"), (3, "today"), (4, "overdue")])
def test_claim_is_late_after_three_working_days(
    days: int, section: str, sign_in, secretary: User, staff: User, community: Community
) -> None:
    today = timezone.localdate()
    CalendarDay.objects.create(falls_on=today, is_working=True)
    held_on = working_days_before(today, days)
    project = ProjectFactory(list=ProjectListFactory(community=community))
    ClaimFactory(project=project, held_at=timezone.make_aware(datetime.combine(held_on, time(16))))

    assert len(tasks(sign_in(secretary))[section]) == 1
    assert len(tasks(sign_in(staff))["overdue"]) == (section == "overdue")


def test_unanswered_need_is_on_the_worklist_once_it_is_late(
    sign_in, secretary: User, community: Community
) -> None:
    asked_at = timezone.now() - timedelta(days=40)
    for text, days in (("一直没答复", 31), ("还不晚", 30)):
        checked_at = timezone.now() - timedelta(days=days)
        NeedFactory(
            community=community,
            text=text,
            on_board=True,
            created_at=asked_at,
            checked_at=checked_at,
        )

    shown = tasks(sign_in(secretary))

    assert ["一直没答复" in text for text in shown["overdue"]] == [True]
    assert not shown["today"] + shown["later"]


def test_buttons_for_partners_lead_to_the_step(sign_in, staff: User) -> None:
    today = timezone.localdate()
    applied = PartnerFactory()
    vetted = PartnerFactory(status=Partner.Status.VETTED)
    ending = PartnerFactory(signed=True, agreement_ends_on=today + timedelta(days=9))

    browser = sign_in(staff)
    urls = {task.url for task in browser.get(reverse("home")).context["worklist"].later}

    assert urls == {
        reverse("partner_vet", args=[applied.pk]),
        reverse("partner_sign", args=[vetted.pk]),
        reverse("partner_renew", args=[ending.pk]),
    }
    assert {browser.get(url).status_code for url in urls} == {200}


def test_agreement_that_has_ended_is_overdue_until_it_is_renewed(sign_in, staff: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = PartnerFactory(signed=True, agreement_ends_on=yesterday)
    PartnerFactory(signed=True, agreement_ends_on=yesterday, status=Partner.Status.WITHDRAWN)
    browser = sign_in(staff)
    [task] = browser.get(reverse("home")).context["worklist"].overdue

    browser.post(task.url, {"on": timezone.localdate(), "agreement_ends_on": "2099-12-31"})

    ended.refresh_from_db()
    assert ended.is_running
    assert not browser.get(reverse("home")).context["worklist"].overdue
    assert ended.status_changes.get().agreement_ends_on == ended.agreement_ends_on


def test_lists_with_drafts_wait_for_their_secretary_alone(
    sign_in, secretary: User, community: Community, other_community: Community
) -> None:
    draft = ProjectListFactory(community=community, year=2027, draft=True)
    ProjectFactory.create_batch(2, list=draft, state="draft")
    ProjectListFactory(community=community, year=2028, draft=True)  # empty
    ProjectFactory(list=ProjectListFactory(community=community))  # published
    elsewhere = ProjectListFactory(community=other_community, year=2027, draft=True)
    ProjectFactory(list=elsewhere, state="draft")

    worklist = sign_in(secretary).get(reverse("home")).context["worklist"]

    assert [(task.text, task.url) for task in worklist.later] == [
        (f"{draft}：已拟2个项目，尚未发布", reverse("projectlist_publish", args=[draft.pk]))
    ]


def test_person_without_role_is_told_what_to_do(sign_in, stranger: User, staff: User) -> None:
    assert "还没有分配角色" in sign_in(stranger).get(reverse("home")).content.decode()
    assert "还没有分配角色" not in sign_in(staff).get(reverse("home")).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_home_costs_the_same_queries(
    rows: int, sign_in, staff: User, secretary: User, community, django_assert_num_queries
) -> None:
    long_ago = timezone.now() - timedelta(days=40)
    NeedFactory.create_batch(rows, community=community, created_at=long_ago)
    claims = ClaimFactory.create_batch(
        rows, project__list__community=community, confirmed=True, held_at=long_ago
    )
    for claim in claims:
        StepFactory(claim=claim, due_on=long_ago.date())
    PartnerFactory.create_batch(rows)
    NeedFactory.create_batch(
        rows, community=community, on_board=True, created_at=long_ago, checked_at=long_ago
    )
    ClaimFactory.create_batch(rows, project__list__community=community, held_at=long_ago)

    for user, queries in ((staff, 16), (secretary, 16)):
        client = sign_in(user)
        client.get(reverse("home"))
        with django_assert_num_queries(queries):
            client.get(reverse("home"))


def test_partner_finds_the_claims_that_are_not_settled_yet(
    sign_in, member: User, partner: Partner, other_partner: Partner
) -> None:
    full = ProjectFactory(title="大家都想要的", capacity=1)
    ClaimFactory(project=full, partner=other_partner)
    ClaimFactory(project=full, partner=partner, state=Claim.State.WAITING)
    ClaimFactory(project__title="刚认领的", partner=partner)
    ClaimFactory(
        project__title="办完的", partner=partner, confirmed=True, state=Claim.State.COMPLETED
    )
    ClaimFactory(project__title="别家认领的", partner=other_partner)

    page = sign_in(member).get(reverse("home"))

    assert {str(claim.project) for claim in page.context["claims"]} == {"大家都想要的", "刚认领的"}
    text = page.content.decode()
    assert "候补第1位" in text
    assert "已认领，待确认" in text


def test_own_claims_take_the_same_queries_however_many_there_are(
    sign_in, member: User, partner: Partner, django_assert_num_queries
) -> None:
    browser = sign_in(member)
    browser.get(reverse("home"))
    for more in (1, 29):
        ClaimFactory.create_batch(more, partner=partner, confirmed=True)
        with django_assert_num_queries(10):
            browser.get(reverse("home"))


def test_steps_of_one_name_are_told_apart_by_community_and_partner(
    sign_in, staff: User, community: Community, partner: Partner
) -> None:
    on = timezone.localdate() - timedelta(days=1)
    project = ProjectFactory(title="保险咨询", list=ProjectListFactory(community=community))
    StepFactory(claim__project=project, claim__partner=partner, claim__confirmed=True, due_on=on)

    [shown] = tasks(sign_in(staff))["overdue"]

    assert shown.startswith(f"{community} · 保险咨询 · ")
    assert shown.endswith(f" · {partner}")


def test_stall_far_ahead_or_on_the_waiting_list_is_shown(
    sign_in, member: User, partner: Partner
) -> None:
    days = MarketDayFactory(held_on=timezone.localdate() + timedelta(days=50), capacity=1)
    StallFactory(market_day=days)
    StallFactory(market_day=days, partner=partner, state=Stall.State.WAITING, offer="免费理发")

    worklist = sign_in(member).get(reverse("home")).context["worklist"]

    assert [task.kind for task in worklist.later] == ["您的摊位（候补）"]
