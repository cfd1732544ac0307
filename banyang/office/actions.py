"""What changes the office's own details."""

from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from banyang.accounts.models import User
from banyang.office.models import CACHE_KEY, Office
from banyang.reference import BadFile

DETAILS = ("name", "short_name", "programme", "introduction", "address", "phone", "opening_hours")


@transaction.atomic
def load_office(*, details: dict[str, str]) -> bool:
    """Give an office that nobody has touched its `details`; says whether it did.

    An office in which anything differs from the neutral defaults is left as it is. Raises
    `BadFile` if a detail breaks a rule.
    """
    office, _created = Office.objects.select_for_update().get_or_create(pk=1)
    neutral = Office(pk=1)
    if any(getattr(office, name) != getattr(neutral, name) for name in DETAILS):
        return False
    for name, value in details.items():
        setattr(office, name, value)
    try:
        office.full_clean()
    except ValidationError as error:
        raise BadFile(" ".join(error.messages)) from error
    office.save()
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
    return True


@transaction.atomic
def update_office(*, office: Office, by: User, **details: Any) -> None:
    """Change what every page says about the office, as a form has checked it. `by` is staff."""
    for name, value in details.items():
        setattr(office, name, value)
    office.save(update_fields=list(details))
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
