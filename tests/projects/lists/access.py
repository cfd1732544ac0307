from tests.access import PUBLIC, Page
from tests.projects.made import (
    COMMUNITY_GET,
    SECRETARIES,
    a_list,
    draft,
    draft_list,
    nothing,
    project,
    soon_list,
)

PAGES: dict[str, Page] = {
    "projectlist_list": Page(PUBLIC),
    "projectlist_create": Page(SECRETARIES),
    "projectlist_detail": Page(PUBLIC, a_list),
    "projectlist_publish": Page("302 200 200 404 403 403", draft_list),
    "projectlist_remove": Page("302 200 200 404 403 403", draft_list),
    "projectlist_reschedule": Page(COMMUNITY_GET, soon_list),
    "projectlist_recall": Page(COMMUNITY_GET, soon_list),
    "project_list": Page(PUBLIC),
    "project_create": Page(SECRETARIES),
    "project_detail": Page(PUBLIC, project),
    "project_publish": Page("302 302 302 404 403 403", draft, nothing),
    "project_remove": Page("302 200 200 404 403 403", draft),
}
