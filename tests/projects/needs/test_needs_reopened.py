"""A need that was dealt with: its answer is corrected, or it is reopened with its project."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banyang.foundation.errors import Refused
from projects.claims.actions.projects import cancel_project, complete_project, reopen_project
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists.actions import link_project
from projects.lists.factories import ProjectFactory, need_of
from projects.lists.models import Project
from projects.lists.needs import project_of
from projects.needs import actions
from projects.needs.factories import NeedFactory
from projects.needs.models import Need
from tests.races import once_all_wait

State = Need.State


@pytest.fixture
def project(community) -> Project:
    return ProjectFactory(list__community=community, state=Project.State.COMPLETED)


@pytest.fixture
def solved(community, project) -> Need:
    """It became a project, which has met it."""
    answer = {"answer": "已换新登", "answered_at": timezone.now()}
    return need_of(project, state=State.SOLVED, **answer)


def reopen(need: Need, by: Any) -> Need:
    actions.reopen_need(need=need, by=by)
    return Need.objects.get(pk=need.pk)


@pytest.mark.parametrize("outcome", Need.OUTCOMES)
def test_need_reopened_is_with_its_project_again(solved, project, secretary, outcome) -> None:
    Need.objects.update(state=outcome)
    reopened = reopen(Need.objects.get(), secretary)
    assert (reopened.state, project_of(reopened)) == (State.PROJECT, project)
    assert (reopened.answer, reopened.answered_at) == ("", None)
    assert Need.objects.awaiting_outcome().get() == reopened

    actions.answer_need(need=reopened, outcome=State.PARTLY, answer="先装两盏", by=secretary)
    assert project_of(Need.objects.get()) == project


def test_need_reopened_after_its_project_was_cancelled_is_on_the_board(solved, secretary) -> None:
    Project.objects.update(state=Project.State.CANCELLED, cancel_reason="场地维修")
    reopened = reopen(Need.objects.get(), secretary)
    assert (reopened.state, project_of(reopened)) == (State.OPEN, None)


def test_need_taken_from_its_project_is_on_the_board_without_it(solved, secretary) -> None:
    reopened = reopen(reopen(solved, secretary), secretary)
    assert (reopened.state, project_of(reopened)) == (State.OPEN, None)


def test_need_that_was_answered_becomes_no_project_before_it_is_reopened(
    solved, community, secretary, english
) -> None:
    other = ProjectFactory(list__community=community)
    with pytest.raises(Refused, match="Reopen it first"):
        link_project(need=solved, project=other, by=secretary)
    assert Need.objects.get().answer == solved.answer


def test_answer_is_corrected_in_place(solved, project, secretary, sign_in) -> None:
    browser, url = sign_in(secretary), reverse("need_answer_edit", args=[solved.pk])
    assert url in browser.get(solved.get_absolute_url()).text
    form = browser.get(url).context["form"]
    assert (form["state"].value(), form["answer"].value()) == (State.SOLVED, "已换新登")
    typed = {"answer": "已换新灯", "opened_with": form["opened_with"].value()}
    assert browser.post(url, typed | {"state": State.PARTLY}).url == solved.get_absolute_url()
    corrected = Need.objects.get()
    assert (corrected.state, corrected.answer) == (State.PARTLY, "已换新灯")
    assert (project_of(corrected), corrected.answered_at) == (project, solved.answered_at)
    assert "已换新灯" in Client().get(solved.get_receipt_url()).text


@pytest.mark.parametrize("state", [State.OPEN, State.PROJECT, State.REJECTED])
def test_answer_is_not_corrected_to_what_is_no_outcome(solved, secretary, sign_in, state) -> None:
    browser, url = sign_in(secretary), reverse("need_answer_edit", args=[solved.pk])
    answer = browser.post(url, {"answer": "已换新灯", "state": state})
    assert answer.context["form"].errors.keys() == {"state"}
    assert Need.objects.get().state == State.SOLVED


def test_reason_why_a_need_is_off_the_board_is_corrected(community, secretary, sign_in) -> None:
    need = NeedFactory(community=community)
    actions.reject_need(need=need, reason="不属于社去", by=secretary)
    browser, url = sign_in(secretary), reverse("need_answer_edit", args=[need.pk])
    assert "state" not in browser.get(url).context["form"].fields
    browser.post(url, {"answer": "不属于社区", "state": State.SOLVED})
    corrected = Need.objects.get()
    assert (corrected.state, corrected.answer) == (State.REJECTED, "不属于社区")


def test_need_off_the_board_has_no_outcome_to_correct(community, secretary, english) -> None:
    need = NeedFactory(community=community)
    actions.reject_need(need=need, reason="不属于社区", by=secretary)
    with pytest.raises(Refused, match="no answer now"):
        actions.edit_answer(need=need, answer="已换新灯", outcome=State.PARTLY, by=secretary)
    assert Need.objects.get().answer == "不属于社区"


def test_answer_that_a_colleague_has_corrected_meanwhile_is_kept(
    solved, secretary, sign_in
) -> None:
    browser, url = sign_in(secretary), reverse("need_answer_edit", args=[solved.pk])
    opened_with = browser.get(url).context["form"]["opened_with"].value()
    Need.objects.update(answer="同事改过的")
    typed = {"answer": "已换新灯", "state": State.SOLVED, "opened_with": opened_with}
    answer = browser.post(url, typed)
    assert "“同事改过的”" in answer.text
    assert Need.objects.get().answer == "同事改过的"


def test_answer_of_a_need_reopened_meanwhile_is_not_corrected(solved, secretary, english) -> None:
    loaded_earlier = Need.objects.get()
    reopen(solved, secretary)
    with pytest.raises(Refused, match="no answer now"):
        actions.edit_answer(need=loaded_earlier, answer="已换新灯", by=secretary)
    assert Need.objects.get().answer == ""


@pytest.mark.django_db(transaction=True)
def test_need_reopened_while_its_project_is_cancelled_is_on_the_board(solved, secretary) -> None:
    Project.objects.update(state=Project.State.PUBLISHED)
    project = Project.objects.get()
    [raised] = once_all_wait(
        [lambda: actions.reopen_need(need=Need.objects.get(), by=secretary)],
        behind=lambda: cancel_project(project=project, reason="场地维修", by=secretary),
    )
    assert raised is None
    assert (Need.objects.get().state, project_of(Need.objects.get())) == (State.OPEN, None)


@pytest.mark.django_db(transaction=True)
def test_need_reopened_while_its_project_ends_waits_for_its_outcome(solved, secretary) -> None:
    Project.objects.update(state=Project.State.PUBLISHED)
    Need.objects.update(project_ended_at=None)
    project = Project.objects.get()
    ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    [raised] = once_all_wait(
        [lambda: actions.reopen_need(need=Need.objects.get(), by=secretary)],
        behind=lambda: complete_project(project=project, by=secretary),
    )
    assert raised is None
    assert Need.objects.awaiting_outcome().get() == solved


@pytest.mark.django_db(transaction=True)
def test_need_reopened_while_its_project_runs_again_waits_for_no_outcome(solved, secretary) -> None:
    project = Project.objects.get()
    [raised] = once_all_wait(
        [lambda: actions.reopen_need(need=Need.objects.get(), by=secretary)],
        behind=lambda: reopen_project(project=project, by=secretary),
    )
    assert raised is None
    reopened = Need.objects.get()
    assert (reopened.state, reopened.project_ended_at) == (State.PROJECT, None)


@pytest.mark.django_db(transaction=True)
def test_need_linked_while_the_project_ends_waits_for_its_outcome(project, secretary) -> None:
    Project.objects.update(state=Project.State.PUBLISHED)
    ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    need = NeedFactory(community=project.community, on_board=True)
    [raised] = once_all_wait(
        [lambda: link_project(need=need, project=Project.objects.get(), by=secretary)],
        behind=lambda: complete_project(project=Project.objects.get(), by=secretary),
    )
    assert raised is None
    assert Need.objects.awaiting_outcome().get() == need
