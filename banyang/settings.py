"""One settings file, read from the environment; `.env.example` lists every variable.

Without `DATABASE_URL` or `REDIS_URL` the embedded servers stand in (see `banyang.embedded`),
so that a fresh machine needs no configuration at all.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
import pghistory
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from whitenoise.compress import Compressor

from banyang.foundation.logs import without_refused_traceback

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env", recurse=False)

# --- Where the truth lives -----------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED = not (DATABASE_URL and REDIS_URL)

if EMBEDDED:
    from banyang import embedded

    DATABASE_URL = DATABASE_URL or embedded.database_url()
    REDIS_URL = REDIS_URL or embedded.redis_url()

DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True),
}
DATABASE_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
# Only a statement that asks for it is ever prepared: the stamp of a reminder.
DATABASE_OPTIONS.setdefault("prepare_threshold", 5)
# A page's statements are short, and many people's run at a time. A second process for the rare
# search in a million partners made 18 ms of 4, and one compiled before it runs gains as little.
DATABASE_OPTIONS.setdefault("options", "-c max_parallel_workers_per_gather=0 -c jit=off")
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "banyang.foundation.cache.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds that each question waits for a Redis that does not answer, before a page goes on.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    },
}

# --- Security ------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
# Where people reach the site; links in e-mails start here.
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
# Nobody else comes to a machine by this name, so it needs neither TLS nor a key of its own.
LOCAL = EMBEDDED or urlsplit(SITE_URL).hostname == "localhost"
SECRET_KEY = env.str("SECRET_KEY", "")
if LOCAL and not SECRET_KEY:
    from banyang.embedded import secret_key

    SECRET_KEY = secret_key()
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random string.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [], subcast=str.strip)
ALLOWED_HOSTS += [urlsplit(SITE_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [], subcast=str.strip)
# Behind a proxy that ends TLS.
HTTPS = env.bool("HTTPS", not LOCAL)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# How many proxies stand before the web process; the sign-in lockout and the limits on public
# forms ask it whose address to count.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "banyang.foundation.error_pages.csrf_failure"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 12  # a working day and its evening, in seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = env.bool("SESSION_EXPIRE_AT_BROWSER_CLOSE", False)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # Bootstrap draws its form icons from data URLs
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "banyang.accounts.backends.PhoneOrUsernameBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "phone", "email"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "front"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24 * 7  # an invitation holds for a week, in seconds

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "banyang.foundation.limits.client_address"
AXES_RESET_ON_SUCCESS = True
# One count for a phone number, however it is spelt.
AXES_USERNAME_CALLABLE = "banyang.accounts.backends.identity"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says for how long; it must hold
AXES_LOCKOUT_CALLABLE = "banyang.accounts.views.own.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
AXES_VERBOSE = False

# --- The application -----------------------------------------------------------------------

# The rooms of the house, floor by floor: see docs/architecture.md.
ROOMS = [
    "banyang.foundation",
    "banyang.accounts",
    "banyang.office",
    "banyang.reminders",
    "communities",
    "projects.catalogue",
    "partners",
    "partners.imports",
    "projects.needs",
    "projects.lists",
    "projects.claims",
    "projects.deliveries",
    "events.markets",
    "banyang.site",
    "banyang.demo",
    # Its servers and `serve`, which production never gets to see.
    *(["banyang.embedded"] if LOCAL else []),
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "pghistory",
    "pgtrigger",
    *ROOMS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "banyang.foundation.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "banyang.accounts.middleware.VisitorMiddleware",
    "banyang.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "banyang.foundation.error_pages.NotAllowedMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "banyang.accounts.middleware.AuditContextMiddleware",
    "banyang.foundation.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "banyang.urls"
WSGI_APPLICATION = "banyang.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "banyang.foundation.precompiled.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                ),
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                ),
            ],
            "builtins": ["banyang.foundation.templatetags.banyang"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "banyang.site.context_processors.page",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "banyang.foundation.forms.Renderer"

# --- Languages, time, files ----------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = env.str("TIME_ZONE", "Asia/Shanghai")
USE_TZ = USE_I18N = True
# Apps go before one another as they are installed; ours are to go before Django's own too.
LOCALE_PATHS = [BASE_DIR.joinpath(*room.split("."), "locale") for room in ROOMS]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.path("MEDIA_ROOT", BASE_DIR / ".local" / "media")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Compressing is slow: not twice, and not what only a developer's browser asks for.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
FILE_UPLOAD_HANDLERS = [
    "banyang.foundation.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 1  # no page asks for more, and anybody may send what none asks for

# --- Reminders and the queue ---------------------------------------------------------------

_email = dj_email_url.parse(env.str("EMAIL_URL", "") or ("file:" if LOCAL else "console:"))
if "EMAIL_BACKEND" not in _email:
    raise ImproperlyConfigured(
        "EMAIL_URL must be submission://user:password@host:587 "
        "or smtp://user:password@host:465?ssl=true."
    )
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
if LOCAL:
    from banyang.embedded import local_folder

    EMAIL_FILE_PATH = local_folder() / "mail"  # what file: means
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "banyang@localhost")

# A message goes out through the first of these that reaches its recipient: email, null.
REMINDER_CHANNELS = env.list("REMINDER_CHANNELS", ["email"], subcast=str.strip)
# How often the ledger is looked through, and how long a worker has a batch for itself.
REMINDER_SCAN_SECONDS = env.float("REMINDER_SCAN_SECONDS", 60)
REMINDER_LEASE_SECONDS = env.float("REMINDER_LEASE_SECONDS", 300)

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BEAT_SCHEDULE = {
    "send-due-reminders": {
        "task": "banyang.reminders.tasks.send_due",
        "schedule": REMINDER_SCAN_SECONDS,
        # Scans that nobody was there to run don't pile up.
        "options": {"expires": REMINDER_SCAN_SECONDS},
    },
    "pass-on-places": {
        "task": "projects.claims.tasks.pass_on_places",
        "schedule": crontab(minute=10),
    },
    "pass-on-stalls": {
        "task": "events.markets.tasks.pass_on_stalls",
        "schedule": crontab(minute=20),
    },
    "tidy-imports": {
        "task": "partners.imports.tasks.tidy_imports",
        "schedule": crontab(hour=3, minute=15),
    },
    "tidy-sessions": {
        "task": "banyang.accounts.tasks.tidy_sessions",
        "schedule": crontab(hour=3, minute=45),
    },
    # Before the reminder hours: whoever has joined since a thing was written down is told as well.
    "write-project-reminders": {
        "task": "projects.claims.tasks.write_reminders",
        "schedule": crontab(hour=4, minute=15),
    },
    "write-list-reminders": {
        "task": "projects.lists.tasks.write_reminders",
        "schedule": crontab(hour=4, minute=20),
    },
    "write-event-reminders": {
        "task": "events.markets.tasks.write_reminders",
        "schedule": crontab(hour=4, minute=30),
    },
    "tidy-sign-ins": {
        "task": "banyang.accounts.tasks.tidy_sign_ins",
        "schedule": crontab(hour=4, minute=0),
    },
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 60 * 30  # seconds
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {  # seconds
    "visibility_timeout": 60 * 40,  # above the time limit
    # A Redis that hangs holds a page up for two tries, not for ever. Where there is no work it
    # answers a worker's question for some every second, so that it is not taken to hang.
    "socket_connect_timeout": 1,
    "socket_timeout": 3,
}

# --- Audit ---------------------------------------------------------------------------------

PGHISTORY_APPEND_ONLY = True
# Whatever is entered, changed or removed, by whatever code, leaves a row in the history.
PGHISTORY_DEFAULT_TRACKERS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
)
# Requests that only read change nothing that has a history, and need no context for it.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# --- Logs: structured enough to grep, nothing personal in them -----------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "banyang.foundation.logs.WithoutRows",
            "format": "{levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": [without_refused_traceback],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},  # that people are refused or get lost is no warning
        "django.security.csrf": {"level": "ERROR"},  # nor is a form left open too long
        "axes": {"level": "WARNING"},  # the same of every sign-in
    },
}
