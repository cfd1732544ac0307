"""What an action raises when the answer is no."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.forms import BaseForm
from django.utils.translation import gettext as _


class Refused(Exception):
    """The action can't be done, and nothing was changed.

    The message is a translated sentence for the person who asked: what is the matter and what
    to do next. A form's view adds it to the form; elsewhere `RefusalMiddleware` shows it on the
    page that the person came from.
    """


@contextmanager
def refusals_in(form: BaseForm, field: str | None = None) -> Iterator[None]:
    """Put a refusal by the action called inside on top of `form`, or beside `field`, and go on.

    So a view answers inside the block when all went well, and shows the form again below it.
    """
    try:
        yield
    except Refused as refusal:
        form.add_error(field, str(refusal))


def save_valid(thing: Model) -> None:
    """Save `thing`; raise `Refused` with the reasons if it breaks a rule."""
    try:
        thing.full_clean()
        with transaction.atomic():
            thing.save()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    except IntegrityError as error:  # somebody entered the same between the check and the save
        raise Refused(
            _("Somebody else has just entered the same. Look at the list, please.")
        ) from error
