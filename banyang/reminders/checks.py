"""What is refused of the reminders' settings: channels that don't exist."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from banyang.reminders.channels import CHANNELS


@register()
def channels_are_known(**options: Any) -> list[CheckMessage]:
    """Nothing would ever be sent: the name is looked up when the reminders are at hand."""
    unknown = [name for name in settings.REMINDER_CHANNELS if name not in CHANNELS]
    if not unknown:
        return []
    hint = f"Set REMINDER_CHANNELS to one or more of these, by commas: {', '.join(CHANNELS)}"
    said = f"No channel for reminders is called {' or '.join(map(repr, unknown))}."
    return [Error(said, hint=hint, id="banyang.E003")]
