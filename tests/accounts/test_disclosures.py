"""Masked numbers: whoever is shown one leaves a record that nobody can edit."""

import pytest
from django.db import ProgrammingError, transaction

from banyang.accounts.actions import disclose
from banyang.accounts.models import Disclosure, User
from communities.factories import HelperFactory


def test_disclose_records_who_saw_whose_number(staff: User) -> None:
    helper = HelperFactory(phone="19800000001")
    assert disclose(thing=helper, field="phone", by=staff) == "19800000001"
    disclosure = Disclosure.objects.get()
    assert (disclosure.user, disclosure.object_id) == (staff, helper.pk)
    assert disclosure.content_type.model_class() is type(helper)


def test_disclosure_cannot_be_edited_or_deleted(staff: User) -> None:
    disclose(thing=HelperFactory(), field="phone", by=staff)
    for tamper in (Disclosure.objects.all().delete, lambda: Disclosure.objects.update(field="x")):
        with pytest.raises(ProgrammingError, match="append_only"), transaction.atomic():
            tamper()
    assert Disclosure.objects.get().field == "phone"
