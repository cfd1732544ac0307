"""Makes people, for tests and for the demo office."""

import factory
from factory.django import DjangoModelFactory

from banyang.accounts.models import User


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    # Of a series that is not given out to subscribers.
    phone = factory.Sequence(lambda n: f"199{n:08d}")
    name = factory.Faker("name", locale="zh_CN")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
