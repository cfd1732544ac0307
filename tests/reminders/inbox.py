"""What a person finds in their inbox."""

from banyang.accounts.models import User
from banyang.reminders.actions import open_inbox
from banyang.reminders.models import Message


def news(user: User) -> list[str]:
    """What is new in a person's inbox, in the order of telling."""
    before = len(_lines(user))
    open_inbox(by=user)
    return _lines(user)[before:]


def _lines(user: User) -> list[str]:
    messages = Message.objects.filter(recipient=user).order_by("day")
    return [line.text for message in messages for line in message.said]
