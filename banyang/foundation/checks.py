"""What is refused beside Django's own checks: settings that only look right.

What would keep a server from its work is checked by every command, the rest by `check --deploy`.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Backends that tell nobody: for trying things out on one's own machine.
NOWHERE = ("console", "filebased", "dummy", "locmem")


@register(Tags.security, deploy=True)
def email_leaves(**options: Any) -> list[CheckMessage]:
    """Reminders and invitations that are printed or filed reach nobody."""
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if settings.LOCAL or kind not in NOWHERE:
        return []
    hint = "Set EMAIL_URL to an SMTP server: submission://user:password@host:587"
    return [Error(f"E-mail goes nowhere ({kind}).", hint=hint, id="banyang.E001")]


@register(Tags.security, deploy=True)
def site_is_named(**options: Any) -> list[CheckMessage]:
    """Links in e-mails start with SITE_URL, and so does the list of names that are answered to."""
    if not settings.HTTPS or settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to where people reach the site: https://partners.example.org"
    return [
        Error(f"HTTPS is on, but SITE_URL is {settings.SITE_URL}.", hint=hint, id="banyang.E002")
    ]
