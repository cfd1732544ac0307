"""What pages say of needs and projects is so."""

from datetime import timedelta

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.reminders.kinds import KINDS
from communities.models import Community
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory, need_of
from projects.lists.models import Project, ProjectList
from projects.needs.factories import NeedFactory
from projects.needs.forms import EnterForm


def text_of(kind: str, subject: Model, recipient: User) -> str | None:
    notice = KINDS[kind].render(KINDS[kind].queryset().get(pk=subject.pk), recipient)
    return notice and notice.text


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_need_refused_before_it_was_public_is_not_said_to_be_so_no_longer(
    sign_in, secretary: User, community: Community
) -> None:
    client = sign_in(secretary)
    for is_public in (False, True):
        need = NeedFactory(community=community, on_board=is_public)
        url = reverse("need_reject", args=[need.pk])
        [told] = said(client.post(url, {"reason": "涉及个人纠纷"}, follow=True))
        assert ("不再公开" in told) is is_public


def test_need_that_goes_back_to_the_board_leaves_its_project_and_says_so(
    sign_in, secretary: User, community: Community, project: Project
) -> None:
    need = need_of(project)
    page = sign_in(secretary).get(reverse("need_check", args=[need.pk])).content.decode()
    assert f"本需求不再对应项目“{project}”" in page


def test_name_alone_in_a_need_is_answered_without_a_word_of_phones(
    secretary: User, community: Community
) -> None:
    sent = {"source": "visit", "community": community.pk, "asker_name": "王秀英"}
    for text, is_told in (("王秀英家灯不亮", False), ("灯不亮，电话13812341234", True)):
        form = EnterForm(sent | {"text": text}, user=secretary)
        [error] = form.errors["text"]
        assert (str(EnterForm.base_fields["asker_phone"].label) in error) is is_told


def test_cancelling_what_nobody_has_claimed_tells_nobody(
    sign_in, secretary: User, project: Project
) -> None:
    client, url = sign_in(secretary), reverse("project_cancel", args=[project.pk])
    page = client.get(url).content.decode()
    assert "目前没有合伙人认领或候补，无需通知。" in page
    assert "释放0个认领" not in page
    assert said(client.post(url, {"reason": "场地维修"}, follow=True)) == ["项目已取消。"]


def test_cancelled_project_has_no_places_left(client: Client, open_list: ProjectList) -> None:
    cancelled = ProjectFactory(list=open_list, state=Project.State.CANCELLED)
    for url in (cancelled.get_absolute_url(), open_list.get_absolute_url()):
        assert "剩1" not in client.get(url).content.decode()


def test_visitor_reads_that_a_project_is_full(client: Client, project: Project) -> None:
    assert "合伙人登录后可以认领" in client.get(project.get_absolute_url()).content.decode()
    ClaimFactory(project=project)
    page = client.get(project.get_absolute_url()).content.decode()
    assert "合伙人登录后可以认领" not in page
    assert "名额已满，合伙人登录后可以加入候补" in page


def test_receipt_is_found_with_words_before_its_number(client: Client, db: None) -> None:
    need = NeedFactory(created_at=timezone.now() - timedelta(days=1))
    typed = f"回执号:{need.receipt_in_groups.replace(' ', '-')}"
    answer = client.get(reverse("need_find"), {"receipt": typed})
    assert answer.url == need.get_receipt_url()


@pytest.mark.parametrize(("days", "is_said"), [(-1, False), (0, True), (1, True)])
def test_step_is_not_said_to_be_due_on_a_day_that_is_past(
    days: int, is_said: bool, confirmed: Claim, member: User
) -> None:
    """As after an outage of the mail; that it is overdue is said by itself."""
    step = StepFactory(claim=confirmed, due_on=timezone.localdate() + timedelta(days=days))
    assert (text_of("step_due", step, member) is not None) is is_said
    assert text_of("step_overdue", step, member)


@pytest.mark.parametrize("state", [Claim.State.CONFIRMED, Claim.State.COMPLETED])
def test_place_is_not_said_to_have_come_free_once_the_claim_has_gone_on(
    state: str, project: Project, partner, member: User, secretary: User
) -> None:
    claim = ClaimFactory(project=project, partner=partner, confirmed=True, state="claimed")
    for person in (member, secretary):
        assert text_of("claim_place_free", claim, person)
    Claim.objects.update(state=state, ended_at=timezone.now())
    for person in (member, secretary):
        assert text_of("claim_place_free", claim, person) is None
