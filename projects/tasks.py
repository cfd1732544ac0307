"""What a worker does about projects by itself."""

from celery import shared_task

from projects.actions.claims import pass_on_free_places


@shared_task
def pass_on_places() -> None:
    """Give free places to those whose agreement runs again."""
    pass_on_free_places()
