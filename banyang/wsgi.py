"""The WSGI entry point for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")

if settings.EMBEDDED:
    from banyang import embedded

    embedded.ensure()

application = get_wsgi_application()
