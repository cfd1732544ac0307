"""Ways out of the app: what carries a message to where its recipient will notice it.

The inbox in the app is no channel: whoever is notified of anything finds it there. A message goes out
through the first channel in `REMINDER_CHANNELS` that reaches its recipient, or through none.
Another one (WeCom, DingTalk, SMS) is a class with the three methods of `Channel`, entered in
`CHANNELS`.
"""

import hashlib
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parseaddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils.text import Truncator
from django.utils.translation import ngettext

from banyang.accounts.models import User
from banyang.office.models import Office
from banyang.reminders.kinds import Notice

CLOSING = 421  # SMTP: “service not available, closing transmission channel” (RFC 5321)


class ChannelDown(Exception):
    """The channel itself can't be reached: nothing is the matter with the message."""


@dataclass(frozen=True)
class Letter:
    """What goes to one person now. Rendered while their language is active."""

    recipient: User
    sent_on: date
    notices: Sequence[Notice]
    numbers: Sequence[int]  # of the reminders
    due_at: datetime  # of the last of them

    @property
    def title(self) -> str:
        """Says what is inside: the first line, and how many more there are."""
        # A reason that somebody gave may have several lines; a subject has one.
        first = Truncator(" ".join(self.notices[0].text.split())).chars(60)
        more = len(self.notices) - 1
        if not more:
            return first
        return ngettext("%(first)s (and %(more)s more)", "%(first)s (and %(more)s more)", more) % {
            "first": first,
            "more": more,
        }

    @property
    def identity(self) -> str:
        """The same for the same content, so that a mail program folds what it gets twice.

        What staff resend is due anew, and is not to be folded away.
        """
        due_at = self.due_at.astimezone(UTC).isoformat()
        content = f"{self.recipient.pk}:{self.sent_on}:{sorted(self.numbers)}:{due_at}"
        return hashlib.sha256(content.encode()).hexdigest()[:32]


class Channel(Protocol):
    """One batch's use of a channel; connections are kept from message to message."""

    def reaches(self, recipient: User) -> bool:
        """Whether the person can be reached this way at all."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises `ChannelDown`, or anything else if this letter fails."""

    def close(self) -> None:
        """Let go of connections."""


class Email:
    """Plain text with a simple HTML twin, over one connection for the whole batch."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None
        self.down: ChannelDown | None = None
        self.domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]

    def reaches(self, recipient: User) -> bool:
        return bool(recipient.email)

    def send(self, letter: Letter) -> None:
        message = self._message(letter)
        try:
            self._deliver(message)
        except smtplib.SMTPException as error:
            if not (_is_closing(error) or isinstance(error, smtplib.SMTPServerDisconnected)):
                raise
            self._deliver_afresh(message)

    def _deliver_afresh(self, message: EmailMultiAlternatives) -> None:
        """On a connection of its own: many servers take only so many messages on one."""
        try:
            self._deliver(message)
        except smtplib.SMTPException as error:
            if not _is_closing(error):
                raise
            self.down = ChannelDown(f"{type(error).__name__}: {error}")
            raise self.down from error

    def _deliver(self, message: EmailMultiAlternatives) -> None:
        message.connection = self._open()
        try:
            message.send()
        except Exception:
            self.close()  # whatever state it is in; the next letter gets a fresh one
            raise

    def close(self) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            connection.close()

    def _open(self) -> BaseEmailBackend:
        if self.down is not None:  # once a batch is enough to find out
            raise self.down
        if self.connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (OSError, smtplib.SMTPException) as error:
                self.down = ChannelDown(f"{type(error).__name__}: {error}")
                raise self.down from error
            self.connection = connection
        return self.connection

    def _message(self, letter: Letter) -> EmailMultiAlternatives:
        context = {"letter": letter, "office": Office.current(), "site": settings.SITE_URL}
        message = EmailMultiAlternatives(
            subject=letter.title,
            body=render_to_string("reminders/email.txt", context),
            to=[letter.recipient.email],
            headers={
                "Message-ID": f"<{letter.identity}@{self.domain}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string("reminders/email.html", context), "text/html")
        return message


def _is_closing(error: smtplib.SMTPException) -> bool:
    """Whether the server said that it ends the connection, whatever it was asked."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == CLOSING for code, _said in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == CLOSING


class Null:
    """Reaches everybody and does nothing, to measure everything else."""

    def reaches(self, recipient: User) -> bool:
        return True

    def send(self, letter: Letter) -> None:
        pass

    def close(self) -> None:
        pass


CHANNELS: dict[str, type[Channel]] = {"email": Email, "null": Null}


def open_channels() -> list[Channel]:
    """The channels of this installation, in the order in which they are tried."""
    return [CHANNELS[name]() for name in settings.REMINDER_CHANNELS]
