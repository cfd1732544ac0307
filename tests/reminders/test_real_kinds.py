"""What falls due today, from being written down to the mail that arrives: by a real worker."""

from datetime import datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.utils import timezone
from kombu import Connection

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.celery import app
from banyang.foundation.dates import day
from banyang.office.models import CalendarDay
from banyang.reminders.models import Message, Reminder
from communities.factories import SecretaryFactory
from communities.models import Community
from events.markets import actions as events
from partners.models import Partner
from projects.claims.actions.claims import withdraw_claim
from projects.claims.factories import ClaimFactory, StepFactory
from projects.lists.factories import ProjectFactory
from tests.reminders.processes import PrivateRedis, beat, running, wait_until, worker
from tests.reminders.smtp import Postbox

PATIENCE = 180  # seconds, on a busy machine
DAY = timedelta(days=1)

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def due_today(
    decent_now: datetime,
    community: Community,
    partner: Partner,
    other_partner: Partner,
    secretary: User,
    member: User,
    other_member: User,
) -> None:
    """One of each: three steps, a claim to confirm, a place come free, a market tomorrow."""
    today = timezone.localdate(decent_now)
    for days in (1, 2, 3):
        CalendarDay.objects.create(falls_on=today - days * DAY, is_working=True)
    planned = ClaimFactory(
        project=ProjectFactory(list__community=community, title="老年人免费理发"),
        partner=partner,
        confirmed=True,
    )
    for text, days in (("首次进社区", 7), ("第二次进社区", 1), ("现场踏勘", -1)):
        StepFactory(claim=planned, text=text, due_on=today + days * DAY)
    ClaimFactory(
        project=ProjectFactory(list__community=community, title="修鞋配钥匙"),
        partner=partner,
        held_at=decent_now - 3 * DAY,
    )
    wanted = ProjectFactory(list__community=community, title="绘本馆课后托管")
    given_up = ClaimFactory(project=wanted, partner=partner)
    ClaimFactory(project=wanted, partner=other_partner, waiting=True)
    withdraw_claim(claim=given_up, reason="人手不足", by=member)
    [market_day] = events.plan_market_days(
        turns=[(today + DAY, community)],
        starts_at=time(8, 30),
        ends_at=time(11, 30),
        capacity=20,
        by=UserFactory(),
    )
    events.take_stall(market_day=market_day, partner=partner, offer="磨剪子", by=member)


LATE_KINDS = {"claim_unconfirmed", "step_overdue", "market_day_host"}


def kinds_for(person: User) -> set[str]:
    due = Reminder.objects.filter(recipient=person, due_at__lte=timezone.now())
    return set(due.values_list("kind", flat=True))


def lines(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_what_falls_due_today_arrives_today_and_in_chinese(
    due_today: None,
    decent_now: datetime,
    private_redis: PrivateRedis,
    postbox: Postbox,
    env: dict[str, str],
    tmp_path: Path,
    community: Community,
    secretary: User,
    member: User,
    other_member: User,
) -> None:
    assistant = SecretaryFactory(community=community).user  # for whom nothing is written yet
    log = tmp_path / "log"
    with running(worker(), env, log):
        with Connection(env["REDIS_URL"].replace("unix://", "redis+socket://")) as connection:
            for room in ("projects.claims", "events.markets"):  # as beat does in the early morning
                app.send_task(f"{room}.tasks.write_reminders", connection=connection)
        wait_until(lambda: kinds_for(assistant) == LATE_KINDS, PATIENCE)
        with running(beat(tmp_path), env, log):
            assert postbox.wait_for(4, PATIENCE), log.read_text()
            wait_until(lambda: Message.objects.count() == 4, PATIENCE)

    letters = {str(letter["To"]): lines(letter) for letter in postbox.messages}
    assert len(postbox.messages) == len(letters) == 4
    today = timezone.localdate(decent_now)
    overdue = f"的步骤“现场踏勘”应于{day(today - DAY)}完成，现已逾期"
    unconfirmed = f"般阳理发店认领了“修鞋配钥匙”，自{day(today - 3 * DAY)}起等待确认"
    host = f"{day(today + DAY)}由您社区在东升社区举办大集：已报摊位1个，共20个"
    expected = {
        secretary: [
            host,
            unconfirmed,
            overdue,
            "“绘本馆课后托管”空出的名额已由候补的淄川绘本馆递补，请协商实施计划并确认认领",
            "般阳理发店退出了“绘本馆课后托管”的认领，原因：人手不足",
        ],
        assistant: [host, unconfirmed, overdue],
        member: [
            f"您的摊位“磨剪子”：{day(today + DAY)}08:30开集，地点东升社区",
            overdue,
            f"“老年人免费理发”的步骤“第二次进社区”应于{day(today + DAY)}完成",
            f"“老年人免费理发”的步骤“首次进社区”应于{day(today + 7 * DAY)}完成",
        ],
        other_member: ["“绘本馆课后托管”（东升社区）空出名额，已由淄川绘本馆递补"],
    }
    for person, said in expected.items():
        letter = letters[person.email]
        assert letter.startswith(f"{person.name}，您好！")
        assert [one for one in said if one not in letter] == []
        assert letter.count("\n· ") == len(said)
        message = Message.objects.get(recipient=person)
        assert (message.notified_on, len(message.notices)) == (today, len(said))
        assert message.pushed_at is not None
