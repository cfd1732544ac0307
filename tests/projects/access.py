from tests.access import Page

PAGES: dict[str, Page] = {}
