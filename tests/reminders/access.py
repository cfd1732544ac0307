from tests.access import SIGNED_IN, Page

PAGES: dict[str, Page] = {
    "inbox": Page(SIGNED_IN),
}
