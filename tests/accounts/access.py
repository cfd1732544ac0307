from tests.access import PUBLIC, Page

PAGES: dict[str, Page] = {"sign_in": Page(PUBLIC)}
