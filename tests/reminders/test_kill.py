"""Nothing is lost: real processes are killed in the middle of 1,000 reminders that are due.

Beat, a worker with two children, Redis and an SMTP server of the test's own; the database is the
tests'. Leases are short here, so that what a dead worker left is taken up at once.
"""

from datetime import datetime
from pathlib import Path

import pytest

import tests.reminders.kinds  # noqa: F401 - registers the kinds
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.reminders.actions import remind
from banyang.reminders.models import Message, Reminder
from communities.factories import CommunityFactory
from tests.reminders.processes import (
    CHILDREN,
    PrivateRedis,
    beat,
    kept_running,
    running,
    wait_until,
    worker,
)
from tests.reminders.smtp import Postbox

PEOPLE = 1000
PATIENCE = 180  # seconds, on a busy machine

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def thousand_due(decent_now: datetime) -> set[str]:
    """A thousand people with one reminder each, due at a moment that is decent; their addresses."""
    people = User.objects.bulk_create(UserFactory.build_batch(PEOPLE))
    remind(kind="test_plain", recipients=people, subject=CommunityFactory(), due_at=decent_now)
    return {person.email for person in people}


def all_stamped() -> bool:
    return not Reminder.objects.waiting().exists()


def test_worker_killed_in_the_middle_loses_none(
    thousand_due: set[str], postbox: Postbox, env: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(beat(tmp_path), env, log):
        with running(worker(), env, log) as process:
            assert postbox.wait_for(300, PATIENCE), log.read_text()
            process.kill()
        killed_at = postbox.received.total()
        left = Reminder.objects.waiting().count()
        assert 0 < left <= PEOPLE - killed_at + CHILDREN  # it was in the middle
        with running(worker(), env, log):
            wait_until(all_stamped, PATIENCE)
    assert set(postbox.received) == thousand_due
    # At least once; twice only what each child had handed over and not yet stamped.
    assert postbox.received.total() <= PEOPLE + CHILDREN
    assert max(postbox.received.values()) <= 2
    assert Message.objects.filter(pushed_at__isnull=False).count() == PEOPLE


def test_redis_killed_and_emptied_while_the_worker_is_dead_loses_none(
    thousand_due: set[str],
    postbox: Postbox,
    private_redis: PrivateRedis,
    env: dict[str, str],
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    with running(beat(tmp_path), env, log):
        with running(worker(), env, log) as process:
            assert postbox.wait_for(300, PATIENCE), log.read_text()
            process.kill()
        assert Reminder.objects.waiting().filter(leased_until__isnull=False).exists()
        private_redis.kill_and_empty()  # and with it the batches that were asked for
        private_redis.start()
        with private_redis.client() as client:
            assert not client.exists("unacked")
        with running(worker(), env, log):
            wait_until(all_stamped, PATIENCE)
    assert set(postbox.received) == thousand_due
    assert postbox.received.total() <= PEOPLE + CHILDREN
    assert max(postbox.received.values()) <= 2


def test_redis_killed_emptied_and_flushed_loses_none(
    thousand_due: set[str],
    postbox: Postbox,
    private_redis: PrivateRedis,
    env: dict[str, str],
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    # A worker that loses Redis before it has acknowledged its first task finishes what it has in
    # hand and ends, since kombu then can't give the task back.
    with running(beat(tmp_path), env, log), kept_running(worker(), env, log):
        assert postbox.wait_for(200, PATIENCE), log.read_text()
        private_redis.kill_and_empty()
        private_redis.start()
        assert postbox.wait_for(600, PATIENCE), log.read_text()
        private_redis.flush()
        wait_until(all_stamped, PATIENCE)
    # Nobody was killed while sending, so nobody got it twice either.
    assert set(postbox.received) == thousand_due
    assert postbox.received.total() == PEOPLE
