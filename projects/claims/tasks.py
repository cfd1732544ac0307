"""What a worker does about claims by itself."""

from celery import shared_task

from banyang.foundation.actions import Program, acting
from projects.claims import reminders
from projects.claims.actions.claims import pass_on_free_places


@shared_task
def pass_on_places() -> None:
    """Give free places to those whose agreement runs again."""
    pass_on_free_places(by=Program("pass_on_places"))


@shared_task
def write_reminders() -> None:
    """Write down what whoever acts for a community or a partner today is to be told."""
    with acting(Program("write_reminders")):
        reminders.write_ahead()
