"""What a worker does about project lists by itself."""

from celery import shared_task

from banyang.foundation.actions import Program, acting
from projects.lists import reminders


@shared_task
def write_reminders() -> None:
    """Write down what whoever may claim by now is to be told of the lists that open."""
    with acting(Program("write_reminders")):
        reminders.write_ahead()
