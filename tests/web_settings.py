"""The product's settings for a web server that tests ask, as `tests/conftest.py` has them."""

from banyang.settings import *  # noqa: F403
from banyang.settings import STORAGES

# Nothing has to be collected.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
