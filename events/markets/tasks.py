"""What a worker does about market days by itself."""

from celery import shared_task

from banyang.foundation.actions import Program, acting
from events.markets import reminders
from events.markets.actions import give_free_stalls


@shared_task
def pass_on_stalls() -> None:
    """Give free stalls to those whose agreement runs again."""
    give_free_stalls(by=Program("pass_on_stalls"))


@shared_task
def write_reminders() -> None:
    """Write down what whoever acts for a host or a partner today is to be told."""
    with acting(Program("write_reminders")):
        reminders.write_ahead()
