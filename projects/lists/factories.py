"""Makes project lists and projects, for tests and for the demo office."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from communities.factories import CommunityFactory
from projects.lists.models import Project, ProjectList, ProjectNeed
from projects.needs.factories import NeedFactory
from projects.needs.models import Need


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
    capacity = 1
    unit = factory.LazyAttribute(lambda project: "块" if project.by_quantity else "")
    by_quantity = False
    state = Project.State.PUBLISHED
    cancel_reason = factory.LazyAttribute(
        lambda project: "场地维修，今年不再开展" if project.state == "cancelled" else ""
    )


def need_of(project: Project, **fields: Any) -> Need:
    """A need that became `project`, whatever has become of it since."""
    ended_at = timezone.now() if project.has_ended else None
    state = {"on_board": True, "state": Need.State.PROJECT, "project_ended_at": ended_at}
    need = NeedFactory(**{**state, "community": project.community, **fields})
    ProjectNeed.objects.create(need=need, project=project)
    return need
