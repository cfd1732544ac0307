"""What a worker does about accounts at night."""

from axes.handlers.proxy import AxesProxyHandler
from celery import shared_task
from django.core.management import call_command

# Who signed in when, and from where. The law asks for six months (网络安全法, article 21); a year
# lets staff look back over one round of lists, and no personal data stays for longer.
SIGN_INS_KEPT = 365  # days


@shared_task
def tidy_sessions() -> None:
    """Delete the sessions that are over: Redis forgets them by itself, the database does not."""
    call_command("clearsessions")


@shared_task
def tidy_sign_ins() -> None:
    """Forget who signed in more than `SIGN_INS_KEPT` days ago."""
    AxesProxyHandler.reset_logs(age_days=SIGN_INS_KEPT)
