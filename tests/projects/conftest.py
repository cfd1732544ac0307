"""What the tests of projects share."""

from collections.abc import Iterator

import pytest
from django.utils import timezone, translation

from communities.models import Community
from partners.models import Partner
from projects.factories import ClaimFactory, ProjectFactory, ProjectListFactory
from projects.models import Claim, Project, ProjectList


@pytest.fixture
def english() -> Iterator[None]:
    """Refusals in English; for tests that call actions."""
    with translation.override("en"):
        yield


@pytest.fixture
def open_list(community: Community) -> ProjectList:
    return ProjectListFactory(community=community)


@pytest.fixture
def draft_list(community: Community) -> ProjectList:
    """Next year's, on which projects can be drafted now."""
    next_year = timezone.localdate().year + 1
    return ProjectListFactory(community=community, year=next_year, draft=True)


@pytest.fixture
def project(open_list: ProjectList) -> Project:
    return ProjectFactory(list=open_list, title="老年人免费理发")


@pytest.fixture
def confirmed(project: Project, partner: Partner) -> Claim:
    """The partner's claim on the project, with its plan."""
    return ClaimFactory(project=project, partner=partner, confirmed=True)
