"""The product's settings with Django's admin beside it, on a database of its own."""

from banyang.settings import *  # noqa: F403
from banyang.settings import BASE_DIR, CACHES, DATABASES, INSTALLED_APPS, STORAGES

DATABASE = "banyang_bench"
DATABASES = {"default": DATABASES["default"] | {"NAME": DATABASE, "TEST": {"NAME": DATABASE}}}
CACHES = {"default": CACHES["default"] | {"KEY_PREFIX": DATABASE}}

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "tests.benchmarks.urls"
# A file's address costs every page the same; nothing has to be collected.
STATIC_ROOT = BASE_DIR / "static"
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False  # no proxy stands before
REMINDER_CHANNELS = ["null"]
