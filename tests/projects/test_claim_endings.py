"""How a claim that somebody else has ended tells its partner why."""

import pytest
from django.utils import translation

from banyang.accounts.models import User
from banyang.reminders.composing import preview
from banyang.reminders.models import Reminder
from projects.actions import projects as actions
from projects.factories import ClaimFactory
from projects.models import Claim, Project


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
