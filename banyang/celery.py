"""The Celery application and its schedule."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")

app = Celery("banyang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def ensure_servers(**signal: Any) -> None:
    """A worker or scheduler that was started alone brings the embedded servers up too."""
    if settings.EMBEDDED:
        from banyang import embedded

        embedded.ensure()
