"""Makes the catalogue, for tests and for the demo office."""

import factory
from factory.django import DjangoModelFactory

from projects.catalogue.models import Category, Group, Service


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"第{n}门类")


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence(lambda n: f"第{n}小组")


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    group = factory.SubFactory(GroupFactory)
    code = factory.Sequence(lambda n: f"T{n:04d}")
    name = factory.Sequence(lambda n: f"第{n}项服务")
