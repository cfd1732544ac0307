"""What a person finds in their inbox."""

from banyang.accounts.models import User
from banyang.reminders.actions import open_inbox
from banyang.reminders.models import Message


def news(user: User) -> list[str]:
    """What is new in a person's inbox, in the order of sending."""
    before = len(_texts(user))
    open_inbox(by=user)
    return _texts(user)[before:]


def _texts(user: User) -> list[str]:
    messages = Message.objects.filter(recipient=user).order_by("notified_on")
    return [entry.text for message in messages for entry in message.entries]
