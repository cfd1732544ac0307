"""Makes the catalogue, needs, projects and claims, for tests and for the demo office."""

import uuid
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from communities.factories import CommunityFactory
from partners.factories import PartnerFactory
from projects.models import (
    Category,
    Claim,
    Delivery,
    Group,
    Need,
    Project,
    ProjectList,
    Service,
    Step,
)


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


class ProjectListFactory(DjangoModelFactory):
    """A published list that opened an hour ago; `draft=True` makes it a draft."""

    class Meta:
        model = ProjectList
        django_get_or_create = ["community", "year"]

    class Params:
        draft = factory.Trait(state=ProjectList.State.DRAFT, published_at=None, opens_at=None)

    community = factory.SubFactory(CommunityFactory)
    year = 2026
    state = ProjectList.State.PUBLISHED
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class ProjectFactory(DjangoModelFactory):
    """An open project; `draft=True` makes a draft on a draft list."""

    class Meta:
        model = Project

    class Params:
        draft = factory.Trait(
            state=Project.State.DRAFT,
            list=factory.SubFactory(ProjectListFactory, draft=True),
        )

    list = factory.SubFactory(ProjectListFactory)
    title = factory.Sequence(lambda n: f"便民项目{n}")
    summary = "为社区居民提供便民服务。"
    places = 1
    unit = factory.LazyAttribute(lambda project: "块" if project.by_quantity else "")
    by_quantity = False
    state = Project.State.PUBLISHED
    cancel_reason = factory.LazyAttribute(
        lambda project: "场地维修，今年不再开展" if project.state == "cancelled" else ""
    )


class ClaimFactory(DjangoModelFactory):
    """A claim that holds its place; `confirmed=True` makes it one with a plan."""

    class Meta:
        model = Claim

    class Params:
        confirmed = factory.Trait(
            state=Claim.State.CONFIRMED,
            asked_at=factory.LazyAttribute(lambda _claim: timezone.now()),
            confirmed_at=factory.LazyFunction(timezone.now),
            aim="方便居民就近享受服务",
            content="每月一次，现场服务",
            deadline_on=factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=40)),
        )
        waiting = factory.Trait(state=Claim.State.WAITING)

    project = factory.SubFactory(ProjectFactory)
    partner = factory.SubFactory(PartnerFactory, signed=True)
    state = Claim.State.CLAIMED
    held_at = factory.LazyAttribute(
        lambda claim: None if claim.state == "waiting" else timezone.now()
    )
    ended_at = factory.LazyAttribute(
        lambda claim: timezone.now() if claim.state == "completed" or claim.end_reason else None
    )
    end_reason = factory.LazyAttribute(
        lambda claim: "人手不足" if claim.state in {"withdrawn", "released"} else ""
    )


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    claim = factory.SubFactory(ClaimFactory, confirmed=True)
    text = "进社区开展服务"
    due_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=10))


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    claim = factory.SubFactory(ClaimFactory, confirmed=True)
    delivered_on = factory.LazyFunction(timezone.localdate)
    content = "为居民免费理发"
    residents_served = 30
    form_token = factory.LazyFunction(uuid.uuid4)


class NeedFactory(DjangoModelFactory):
    """A need nobody has checked yet; `on_board=True` makes one that anybody may read."""

    class Meta:
        model = Need

    class Params:
        on_board = factory.Trait(
            state=Need.State.OPEN, checked_at=factory.LazyFunction(timezone.now)
        )

    community = factory.SubFactory(CommunityFactory)
    text = factory.Sequence(lambda n: f"{n}号楼道灯不亮，晚上老人上下楼不方便")
    asker_phone = factory.Sequence(lambda n: f"196{n:08d}")
