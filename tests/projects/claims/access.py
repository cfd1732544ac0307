from tests.access import SIGNED_IN, Page
from tests.projects.made import (
    COMMUNITY_GET,
    COMMUNITY_POST,
    claimed,
    completable,
    completed,
    confirmed,
    nothing,
    project,
    step,
)

PAGES: dict[str, Page] = {
    "project_edit": Page(COMMUNITY_GET, project),
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
    "step_list": Page(SIGNED_IN),
    "step_done": Page("302 302 302 404 302 404", step, nothing),
}
