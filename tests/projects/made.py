"""What the pages of projects, claims and deliveries are about, made for the cast."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim
from projects.deliveries.factories import DeliveryFactory
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project

# For the community's own secretary and staff, what everybody may see: the others see, but can't.
COMMUNITY_GET = "302 200 200 403 403 403"
COMMUNITY_POST = "302 302 302 403 403 403"
SECRETARIES = "302 200 200 200 403 403"


def a_list(cast: SimpleNamespace, **kwargs: Any) -> dict[str, int]:
    return {"pk": ProjectListFactory(community=cast.community, **kwargs).pk}


def _project(cast: SimpleNamespace, **kwargs: Any) -> Project:
    return ProjectFactory(list=ProjectListFactory(community=cast.community), **kwargs)


def _claim(cast: SimpleNamespace, **kwargs: Any) -> Claim:
    return ClaimFactory(project=_project(cast), partner=cast.partner, **kwargs)


def project(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": _project(cast).pk}


def draft(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": _project(cast, state=Project.State.DRAFT).pk}


def draft_list(cast: SimpleNamespace) -> dict[str, int]:
    return a_list(cast, draft=True)


def soon_list(cast: SimpleNamespace) -> dict[str, int]:
    return a_list(cast, opens_at=timezone.now() + timedelta(days=2))


def completable(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": completed_claim_of(cast).project_id}


def completed(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": _project(cast, state=Project.State.COMPLETED).pk}


def claimed(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": _claim(cast).pk}


def confirmed(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": _claim(cast, confirmed=True).pk}


def delivered(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": DeliveryFactory(claim=_claim(cast, confirmed=True)).claim_id}


def completed_claim_of(cast: SimpleNamespace) -> Claim:
    return _claim(cast, confirmed=True, state=Claim.State.COMPLETED)


def completed_claim(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": completed_claim_of(cast).pk}


def step(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": StepFactory(claim=_claim(cast, confirmed=True)).pk}


def delivery(cast: SimpleNamespace) -> dict[str, int]:
    claim = _claim(cast, confirmed=True)
    return {"pk": DeliveryFactory(claim=claim, recorded_by=cast.member).pk}


def nothing(cast: SimpleNamespace) -> dict[str, Any]:
    return {}
