from tests.access import STAFF_ONLY, Page

PAGES: dict[str, Page] = {"office_edit": Page(STAFF_ONLY)}
