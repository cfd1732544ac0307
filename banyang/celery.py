"""The Celery application and its schedule."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")

app = Celery("banyang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "send-due-reminders": {
        "task": "banyang.reminders.tasks.send_due",
        "schedule": 60.0,
    },
}
