from tests.access import Page
from tests.projects.made import completed_claim, confirmed, delivered, delivery, nothing

PAGES: dict[str, Page] = {
    "claim_complete": Page("302 200 200 404 403 403", delivered),
    "claim_reopen": Page("302 302 302 404 403 403", completed_claim, nothing),
    "delivery_create": Page("302 200 200 404 200 404", confirmed),
    # Recorded by the member; the community may correct it too.
    "delivery_edit": Page("302 200 200 404 200 404", delivery),
    "delivery_remove": Page("302 200 200 404 200 404", delivery),
}
