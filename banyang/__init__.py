"""The project: settings, accounts, the office, reminders, and the pages that combine several apps."""

from banyang.celery import app as celery_app

__all__ = ["celery_app"]
