from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from projects.factories import (
    ClaimFactory,
    DeliveryFactory,
    ProjectFactory,
    ProjectListFactory,
    StepFactory,
)
from projects.models import Claim, Project
from tests.access import PUBLIC, SIGNED_IN, Page
from tests.projects import access_needs

# For the community's own secretary and staff, what everybody may see: the others see, but can't.
COMMUNITY_GET = "302 200 200 403 403 403"
COMMUNITY_POST = "302 302 302 403 403 403"
SECRETARIES = "302 200 200 200 403 403"


def _list(cast: SimpleNamespace, **kwargs: Any) -> dict[str, int]:
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
    return _list(cast, draft=True)


def soon_list(cast: SimpleNamespace) -> dict[str, int]:
    return _list(cast, opens_at=timezone.now() + timedelta(days=2))


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


PAGES: dict[str, Page] = {
    "projectlist_list": Page(PUBLIC),
    "projectlist_create": Page(SECRETARIES),
    "projectlist_detail": Page(PUBLIC, _list),
    "projectlist_publish": Page("302 200 200 404 403 403", draft_list),
    "projectlist_remove": Page("302 200 200 404 403 403", draft_list),
    "projectlist_reschedule": Page(COMMUNITY_GET, soon_list),
    "projectlist_recall": Page(COMMUNITY_GET, soon_list),
    "project_list": Page(PUBLIC),
    "project_create": Page(SECRETARIES),
    "project_detail": Page(PUBLIC, project),
    "project_edit": Page(COMMUNITY_GET, project),
    "project_publish": Page("302 302 302 404 403 403", draft, nothing),
    "project_remove": Page("302 200 200 404 403 403", draft),
    "project_cancel": Page(COMMUNITY_GET, project),
    "project_complete": Page(COMMUNITY_POST, completable, nothing),
    "project_reopen": Page(COMMUNITY_POST, completed, nothing),
    "project_claim": Page("302 403 403 403 200 200", project),
    "claim_list": Page(SIGNED_IN),
    "claim_detail": Page("302 200 200 404 200 404", claimed),
    "claim_confirm": Page("302 200 200 404 403 403", claimed),
    "claim_plan_edit": Page("302 200 200 404 403 403", confirmed),
    "claim_withdraw": Page("302 403 403 403 200 404", claimed),
    "claim_release": Page("302 200 200 404 403 403", claimed),
    "claim_complete": Page("302 200 200 404 403 403", delivered),
    "claim_reopen": Page("302 302 302 404 403 403", completed_claim, nothing),
    "step_list": Page(SIGNED_IN),
    "step_done": Page("302 302 302 404 302 404", step, nothing),
    "delivery_create": Page("302 200 200 404 200 404", confirmed),
    # Recorded by the member; the community may correct it too.
    "delivery_edit": Page("302 200 200 404 200 404", delivery),
    "delivery_remove": Page("302 200 200 404 200 404", delivery),
}
PAGES |= access_needs.PAGES
