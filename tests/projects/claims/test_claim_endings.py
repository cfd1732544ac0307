"""How a claim that somebody else has ended tells its partner why."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.composing import preview
from banyang.reminders.models import Reminder
from partners.factories import MemberFactory
from projects.claims.actions import projects as actions
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists.actions import ProjectDetails
from projects.lists.factories import ProjectFactory
from projects.lists.models import Project, ProjectList


@pytest.fixture
def waiting(project: Project, partner, member: User) -> Claim:
    ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
    return ClaimFactory(project=project, partner=partner, waiting=True)


def told() -> str:
    reminder = Reminder.objects.get(kind="claim_released")
    return preview([reminder])[0].text


def test_partner_reads_in_its_own_language_that_the_project_is_completed(
    waiting: Claim, sign_in, member: User, secretary: User
) -> None:
    with translation.override("en"):
        actions.complete_project(project=waiting.project, by=secretary)
    page = sign_in(member).get(waiting.get_absolute_url()).content.decode()
    assert "项目已办结。" in page
    assert "The project is completed." not in page
    assert told().endswith("，原因：项目已办结。")


def test_reason_stored_in_words_stays_as_it_is(waiting: Claim) -> None:
    for kept in ("项目已办结。", "人手不足"):
        waiting.end_reason = kept
        with translation.override("en"):
            assert waiting.why_ended == kept


def test_partner_reads_that_the_project_was_cancelled(
    project: Project, partner, sign_in, member: User, secretary: User
) -> None:
    claim = ClaimFactory(project=project, partner=partner)
    actions.cancel_project(project=project, reason="场地维修。", by=secretary)
    assert (
        "项目已取消：场地维修。" in sign_in(member).get(claim.get_absolute_url()).content.decode()
    )
    assert f"已取消项目“{project}”" in told()
    assert told().endswith("，原因：场地维修。")


# --- What it costs, while everybody who wants a place waits for the project's row ----------


@pytest.mark.parametrize("action", ["edit_project", "cancel_project", "complete_project"])
def test_claim_more_in_line_costs_its_own_move_alone(
    action: str, open_list: ProjectList, secretary: User
) -> None:
    counts = []
    Office.current()  # is in the cache from now on
    for count in (1, 11):
        project = ProjectFactory(list=open_list)
        ClaimFactory(project=project, confirmed=True, state=Claim.State.COMPLETED)
        members = MemberFactory.create_batch(count, partner__signed=True)
        for member in members:
            ClaimFactory(project=project, waiting=True, partner=member.partner)
        more = ProjectDetails(title=project.title, capacity=count + 1)
        given = {
            "edit_project": {"details": more},
            "cancel_project": {"reason": "场地维修"},
            "complete_project": {},
        }
        with CaptureQueriesContext(connection) as queries:
            changed = getattr(actions, action)(project=project, by=secretary, **given[action])
        assert len(changed) == count
        told = Reminder.objects.filter(recipient__in=[member.user_id for member in members])
        assert told.count() == count
        counts.append(len(queries))
    assert counts[1] - counts[0] == 10
