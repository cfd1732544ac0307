"""What an action raises when the answer is no."""

import logging
from collections.abc import Collection

import psycopg.errors
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueError

logger = logging.getLogger(__name__)

# What PostgreSQL undoes a transaction for when another one came in between. A key that points to
# nothing shows at the commit: what it pointed to was removed at the same moment.
LOST_RACES = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.ForeignKeyViolation,
)


class Refused(Exception):
    """The action can't be done, and nothing was changed.

    The message is a translated sentence for the person who asked: what is the matter and what
    to do next. `banyang.foundation.forms.submitted` puts it into the form; elsewhere `RefusalMiddleware` shows it on the
    page that the person came from.
    """


def as_refusal(error: Exception) -> Refused | None:
    """What to tell whoever asked, if `error` is a refusal, or no fault of the action's own.

    That is a race that it lost, or a queue that can't be reached.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, QueueError):
        logger.error("Nothing can be put into the queue.", exc_info=error)
        return Refused(
            _("The background work can't be reached at the moment. Please try again in a while.")
        )
    if not isinstance(error, DatabaseError) or not isinstance(error.__cause__, LOST_RACES):
        return None
    # With where it happened: that it happens again and again is a bug of ours, and no race.
    logger.warning("An action lost a race: %s", type(error.__cause__).__name__, exc_info=error)
    return Refused(
        _(
            "Somebody else was at work on this at the same moment, so nothing was changed. "
            "Please try again."
        )
    )


def save_valid(thing: Model, *, only: Collection[str] | None = None) -> None:
    """Save `thing`, or `only` these fields of it, so that others keep what was changed meanwhile.

    Raises `Refused` with the reasons if it breaks a rule.
    """
    kept = () if only is None else {field.name for field in thing._meta.fields} - set(only)
    try:
        thing.full_clean(exclude=kept)
        with transaction.atomic():
            thing.save(update_fields=only)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    except IntegrityError as error:  # somebody entered the same between the check and the save
        raise Refused(
            _("Somebody else has just entered the same. Look at the list, please.")
        ) from error
