"""What changes accounts, and what is written down about those who use them."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model

from banyang.accounts.models import Disclosure, User


@transaction.atomic
def disclose(*, thing: Model, field: str, by: User) -> str:
    """The value of `thing.field` in full, with a record that `by` was shown it.

    The caller has made sure that `by` is among those who need it.
    """
    content_type = ContentType.objects.get_for_model(thing)
    Disclosure.objects.create(user=by, content_type=content_type, object_id=thing.pk, field=field)
    return getattr(thing, field)
