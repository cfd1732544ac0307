"""A real SMTP server that remembers what it was handed."""

import email
import email.policy
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

TOO_MANY = "421 too many messages on this connection"


class Postbox:
    """Takes every message, except for the addresses it is told to refuse."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.received: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.sessions = 0
        self.takes_each_time: int | None = None  # messages on one connection
        self.hangs_up = False  # without a word, when it has taken as many
        self.closes_at_address = False  # rather than at the next message
        self.taken: Counter[Session] = Counter()
        self.arrived = threading.Condition()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return said

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._is_full(session) and not self.closes_at_address:
            if self.hangs_up:
                server.transport.close()
            return TOO_MANY
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._is_full(session):
            return TOO_MANY
        if address in self.refused:
            return "550 no such person"
        self.taken[session] += 1
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.arrived:
            self.messages.append(message)
            self.received.update(envelope.rcpt_tos)
            self.arrived.notify_all()
        return "250 Message accepted"

    def _is_full(self, session: Session) -> bool:
        return self.takes_each_time is not None and self.taken[session] >= self.takes_each_time

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait until `count` messages have arrived in all; whether they did in time."""
        with self.arrived:
            return self.arrived.wait_for(lambda: self.received.total() >= count, timeout)


@contextmanager
def post_office(postbox: Postbox, port: int = 0) -> Iterator[int]:
    """Run the server, on a port of its own choice unless told; gives the port."""
    controller = Controller(postbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
