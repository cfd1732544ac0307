"""Makes communities and their people, for tests and for the demo office."""

import factory
from factory.django import DjangoModelFactory

from banyang.accounts.factories import UserFactory
from communities.models import Community, Helper, Secretary


class CommunityFactory(DjangoModelFactory):
    class Meta:
        model = Community
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"3703029{n:05d}")
    name = factory.LazyAttribute(lambda community: f"{community.short_name}居委会")
    short_name = factory.Sequence(lambda n: f"第{n}社区")


class SecretaryFactory(DjangoModelFactory):
    class Meta:
        model = Secretary

    community = factory.SubFactory(CommunityFactory)
    user = factory.SubFactory(UserFactory)


class HelperFactory(DjangoModelFactory):
    class Meta:
        model = Helper

    community = factory.SubFactory(CommunityFactory)
    role = Helper.Role.BUILDING_LEADER
    name = factory.Faker("name", locale="zh_CN")
    phone = factory.Sequence(lambda n: f"198{n:08d}")
    area = factory.Sequence(lambda n: f"{n}号楼")
