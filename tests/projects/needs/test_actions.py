"""What becomes of a need: its moves, who may make them, what the database refuses."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.office.models import CalendarDay
from communities.models import Community
from projects.catalogue.factories import GroupFactory
from projects.claims.actions.projects import complete_project
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.deliveries.pages import progress_of
from projects.lists.actions import link_project
from projects.lists.factories import ProjectFactory
from projects.lists.models import ProjectNeed
from projects.lists.needs import project_of
from projects.needs import actions
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.actors import A_TEST

State = Need.State
WORDS: dict[str, Any] = {"text": "三号楼道灯不亮", "location": "3号楼", "group": None}


def history() -> int:
    """How many changes of needs have been written down."""
    return apps.get_model("needs", "NeedEvent")._default_manager.count()


def need_in(state: str, community: Community) -> Need:
    """A need that came to `state` by the actions, as every need does."""
    need = NeedFactory(community=community)
    by = User(is_staff=True)
    if state in (State.NEW, State.REJECTED, State.DOUBLE):
        if state == State.REJECTED:
            actions.reject_need(need=need, reason="不属于社区", by=by)
        if state == State.DOUBLE:
            actions.join_need(need=need, other=need_in(State.OPEN, community), by=by)
        return need
    actions.publish_need(need=need, **WORDS, by=by)
    if state == State.PROJECT:
        project = ProjectFactory(list__community=community)
        link_project(need=need, project=project, by=by)
    elif state != State.OPEN:
        actions.answer_need(need=need, outcome=state, answer="已换新灯", by=by)
    return need


def make_move(need: Need, to: str, by: User) -> None:
    if to in Need.OUTCOMES:
        actions.answer_need(need=need, outcome=to, answer="已办好", by=by)
    elif to == State.OPEN:
        actions.publish_need(need=need, **WORDS, by=by)
    elif to == State.REJECTED:
        actions.reject_need(need=need, reason="不属于社区", by=by)
    elif to == State.DOUBLE:
        actions.join_need(need=need, other=need_in(State.OPEN, need.community), by=by)
    else:
        project = ProjectFactory(list__community=need.community)
        if need.state in Need.OUTCOMES:  # it has been a project, and is reopened
            ProjectNeed.objects.update_or_create(need=need, defaults={"project": project})
            actions.reopen_need(need=need, by=by)
        else:
            link_project(need=need, project=project, by=by)


@pytest.mark.parametrize("to", [state for state in State if state != State.NEW])
@pytest.mark.parametrize("start", list(State))
def test_need_moves_as_the_table_says(
    start: str, to: str, community: Community, secretary: User
) -> None:
    need = need_in(start, community)
    if to in Need.MOVES[start]:
        make_move(need, to, secretary)
    elif (start, to) == (State.PROJECT, State.PROJECT):
        with pytest.raises(Refused):
            make_move(need, to, secretary)
        to = start
    else:
        with pytest.raises(Refused):
            make_move(need, to, secretary)
        to = start
    need.refresh_from_db()
    assert need.state == to


def test_need_published_keeps_its_first_words_in_the_history(community: Community) -> None:
    need = NeedFactory(community=community, text="王老太太13800001234家灯不亮")
    actions.publish_need(need=need, **WORDS, by=User(is_staff=True))
    assert need.first_wording() == "王老太太13800001234家灯不亮"
    assert Need.objects.get().text == "三号楼道灯不亮"


def test_reopen_need_never_checked_is_refused(community: Community, secretary: User) -> None:
    need = need_in(State.REJECTED, community)
    with pytest.raises(Refused):
        actions.reopen_need(need=need, by=secretary)
    assert not Need.objects.on_board().exists()


def test_link_project_again_does_nothing(community: Community, secretary: User) -> None:
    need = need_in(State.PROJECT, community)
    before = history()
    project = project_of(need)
    assert project
    link_project(need=need, project=project, by=secretary)
    assert history() == before


def test_link_project_of_another_community_is_refused(
    community: Community, other_community: Community, secretary: User
) -> None:
    need = need_in(State.OPEN, community)
    project = ProjectFactory(list__community=other_community)
    with pytest.raises(Refused):
        link_project(need=need, project=project, by=secretary)
    need.refresh_from_db()
    assert need.state == State.OPEN


def test_join_need_takes_along_what_was_joined_with_it(
    community: Community, secretary: User
) -> None:
    first, second, third = (need_in(State.OPEN, community) for _serial in range(3))
    actions.join_need(need=third, other=second, by=secretary)
    actions.join_need(need=second, other=first, by=secretary)
    third.refresh_from_db()
    assert third.answering == first


def test_join_need_refuses_what_cannot_answer_it(
    community: Community, other_community: Community, secretary: User
) -> None:
    need = need_in(State.OPEN, community)
    elsewhere = need_in(State.OPEN, other_community)
    for other in (need, elsewhere, need_in(State.NEW, community)):
        with pytest.raises(Refused):
            actions.join_need(need=need, other=other, by=secretary)


def test_ask_need_twice_with_one_form_asks_once(community: Community) -> None:
    token = uuid.uuid4()
    details: dict[str, Any] = {"community": community, "location": "3号楼", "form_token": token}
    first = actions.ask_need(text="灯不亮", **details, by=A_TEST)
    assert actions.ask_need(text="灯不亮", **details, by=A_TEST) == first
    other = actions.ask_need(text="井盖松动", **details, by=A_TEST)
    assert other != first
    assert Need.objects.count() == 2


def test_ask_need_again_adds_the_name_and_phone_it_lacks_until_it_is_checked(
    community: Community, secretary: User
) -> None:
    details: dict[str, Any] = {"community": community, "text": "灯不亮", "form_token": uuid.uuid4()}
    need = actions.ask_need(**details, by=A_TEST)
    asked = actions.ask_need(asker_name="王秀英", **details, by=A_TEST)
    assert (asked, asked.asker_name) == (need, "王秀英")
    actions.ask_need(asker_name="别人", asker_phone="13812341234", **details, by=A_TEST)
    need.refresh_from_db()
    assert (need.asker_name, need.asker_phone) == ("王秀英", "13812341234")

    other = actions.ask_need(location="3号楼", **details, by=A_TEST)
    words = {"text": "灯不亮", "location": "", "group": None}
    actions.publish_need(need=other, **words, by=secretary)
    actions.ask_need(location="3号楼", asker_name="王秀英", **details, by=A_TEST)
    other.refresh_from_db()
    assert (other.state, other.asker_name) == (State.OPEN, "")


def test_enter_need_unchecked_waits_off_the_board(community: Community, secretary: User) -> None:
    details = {"community": community, "text": "缺长椅", "source": Need.Source.LEADER}
    waiting, shown = (
        actions.enter_need(details=details, publish=publish, form_token=uuid.uuid4(), by=secretary)
        for publish in (False, True)
    )
    assert list(Need.objects.on_board()) == [shown]
    assert waiting.state == State.NEW
    assert len(shown.receipt) == 12


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": State.SOLVED, "checked_at": timezone.now()}, "办理结果"),
        ({"state": State.OPEN, "checked_at": None}, "核实"),
        ({"state": State.DOUBLE}, "合并"),
    ],
)
def test_need_breaking_a_rule_is_refused_with_a_sentence(
    fields: dict[str, Any], sentence: str, community: Community
) -> None:
    need = NeedFactory.build(community=community, **fields)
    with pytest.raises(ValidationError, match=sentence):
        need.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        need.save()


def test_need_joined_with_itself_is_refused(community: Community) -> None:
    need = NeedFactory(community=community)
    need.state, need.double_of = State.DOUBLE, need
    with pytest.raises(ValidationError, match="自身"):
        need.full_clean()
    with pytest.raises(IntegrityError, match="need_double_of_another"), transaction.atomic():
        need.save()


def test_progress_counts_partners_and_deliveries(community: Community) -> None:
    need = need_in(State.PROJECT, community)
    project = project_of(need)
    claim = ClaimFactory(project=project, confirmed=True)
    ClaimFactory(project=project, waiting=True)
    DeliveryFactory.create_batch(2, claim=claim, residents_served=20)
    DeliveryFactory()  # somebody else's
    assert progress_of(project) == {"partners": 1, "deliveries": 2, "residents": 40}


def test_need_with_ended_project_waits_for_its_outcome(
    community: Community, secretary: User
) -> None:
    need = need_in(State.PROJECT, community)
    assert not Need.objects.awaiting_outcome().exists()
    ClaimFactory(project=project_of(need), confirmed=True, state=Claim.State.COMPLETED)
    complete_project(project=project_of(need), by=secretary)
    assert Need.objects.awaiting_outcome().get() == need
    assert Need.objects.unfinished().get() == need
    assert Need.objects.get().is_awaiting_outcome


def test_need_unchecked_for_three_working_days_is_overdue(community: Community) -> None:
    now = datetime(2026, 11, 26, 9, tzinfo=timezone.get_current_timezone())  # a Thursday
    NeedFactory(community=community, created_at=now - timedelta(days=3))
    assert not Need.objects.overdue(now).exists()
    late = NeedFactory(community=community, created_at=now - timedelta(days=4))
    assert Need.objects.overdue(now).get() == late
    CalendarDay.objects.create(falls_on="2026-11-24", is_working=False)
    assert not Need.objects.overdue(now).exists()


def test_work_order_puts_the_overdue_first_and_the_answered_last(community: Community) -> None:
    now = timezone.now()
    solved = need_in(State.SOLVED, community)
    opened = need_in(State.OPEN, community)
    fresh = NeedFactory(community=community)
    late = NeedFactory(community=community, created_at=now - timedelta(days=60))
    assert list(Need.objects.in_work_order(now)) == [late, fresh, opened, solved]


def test_group_of_a_need_is_kept(community: Community, secretary: User) -> None:
    need, group = need_in(State.OPEN, community), GroupFactory()
    actions.edit_need(need=need, text="路灯不亮", location="", group=group, by=secretary)
    need.refresh_from_db()
    assert (need.text, need.group) == ("路灯不亮", group)
