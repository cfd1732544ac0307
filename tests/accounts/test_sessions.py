"""Sessions end, and nothing of them stays; who signed in is known for a year."""

from datetime import timedelta

from axes.models import AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from banyang.accounts.models import User
from banyang.celery import app


def run_at_night(name: str) -> None:
    app.loader.import_default_modules()
    app.tasks[settings.CELERY_BEAT_SCHEDULE[name]["task"]].apply(throw=True)


def test_night_takes_the_sessions_that_are_over(sign_in, member: User, other_member: User) -> None:
    over = sign_in(member).session.session_key
    Session.objects.filter(pk=over).update(expire_date=timezone.now() - timedelta(minutes=1))
    sign_in(other_member)

    run_at_night("tidy-sessions")

    assert Session.objects.exists()
    assert not Session.objects.filter(pk=over).exists()


def test_night_takes_sign_ins_of_more_than_a_year_ago(db: None) -> None:
    for days, username in ((366, "long ago"), (364, "lately")):
        log = AccessLog.objects.create(username=username)
        AccessLog.objects.filter(pk=log.pk).update(
            attempt_time=timezone.now() - timedelta(days=days)
        )

    run_at_night("tidy-sign-ins")

    assert [log.username for log in AccessLog.objects.all()] == ["lately"]
