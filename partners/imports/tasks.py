"""Long steps of imports, outside the request."""

from celery import shared_task

from partners.imports import actions


@shared_task
def run_import(pk: int) -> None:
    actions.run_import(pk)


@shared_task
def tidy_imports() -> None:
    actions.tidy_imports()
