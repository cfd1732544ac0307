"""What a worker does about accounts at night."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def tidy_sessions() -> None:
    """Delete the sessions that are over: Redis forgets them by itself, the database does not."""
    call_command("clearsessions")
