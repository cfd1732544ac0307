"""The WSGI entry point for gunicorn."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")

if settings.EMBEDDED:
    from banyang import embedded

    embedded.ensure()

application = get_wsgi_application()

# What is loaded by now stays: a quarter of a million objects that the garbage collector would pass
# by each time (70 ms in the middle of somebody's page), and copy into every process by doing so.
gc.collect()
gc.freeze()
