"""Sessions end, and nothing of them stays."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from banyang.accounts.models import User
from banyang.celery import app


def test_night_takes_the_sessions_that_are_over(sign_in, member: User, other_member: User) -> None:
    over = sign_in(member).session.session_key
    Session.objects.filter(pk=over).update(expire_date=timezone.now() - timedelta(minutes=1))
    sign_in(other_member)

    app.loader.import_default_modules()
    app.tasks[settings.CELERY_BEAT_SCHEDULE["tidy-sessions"]["task"]].apply(throw=True)

    assert Session.objects.exists()
    assert not Session.objects.filter(pk=over).exists()
