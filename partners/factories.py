"""Makes partners, for tests and for the demo office."""

from datetime import timedelta
from typing import Any

import factory
from django.db.models import Max
from django.utils import timezone
from factory.django import DjangoModelFactory

from banyang.accounts.factories import UserFactory
from partners.models import Contact, Member, NumberBook, Partner
from partners.search import index, refresh_search


class PartnerFactory(DjangoModelFactory):
    """A partner that has applied; `signed=True` makes it a signed one with the next number.

    Its agreement began less than a year ago and runs for more than another.
    """

    class Meta:
        model = Partner

    class Params:
        signed = factory.Trait(
            status=Partner.Status.SIGNED,
            number=factory.LazyFunction(lambda: _next_number()),  # noqa: PLW0108 (defined below)
            signed_on=factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=300)),
            agreement_ends_on=factory.LazyFunction(
                lambda: timezone.localdate() + timedelta(days=400)
            ),
        )

    name = factory.Sequence(lambda n: f"般阳第{n}便民商行")
    kind = Partner.Kind.SOLE_TRADER
    credit_code = None

    @classmethod
    def _create(cls, model_class: type[Partner], *args: Any, **fields: Any) -> Partner:
        partner = model_class(**fields)
        index(partner, [])
        partner.save()
        return partner


def _next_number() -> int:
    book, _created = NumberBook.objects.get_or_create(pk=1)
    book.last = max(book.last, Partner.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    book.save()
    return book.last


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact
        skip_postgeneration_save = True

    partner = factory.SubFactory(PartnerFactory)
    name = factory.Faker("name", locale="zh_CN")
    phone = factory.Sequence(lambda n: f"197{n:08d}")

    @factory.post_generation
    def searchable(self: Contact, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            refresh_search(self.partner)


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    partner = factory.SubFactory(PartnerFactory, signed=True)
    user = factory.SubFactory(UserFactory)
