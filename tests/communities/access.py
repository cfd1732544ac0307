from types import SimpleNamespace

from communities.factories import HelperFactory, SecretaryFactory
from tests.access import PUBLIC, STAFF_ONLY, Page

# Everybody may see a community and its people; only staff and its own secretaries change them.
OWN = "302 200 200 403 403 403"


def _community(cast: SimpleNamespace) -> dict[str, str]:
    return {"code": cast.community.code}


def _secretary(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": SecretaryFactory(community=cast.community).pk}


def _helper(cast: SimpleNamespace) -> dict[str, int]:
    return {"pk": HelperFactory(community=cast.community).pk}


PAGES: dict[str, Page] = {
    "community_list": Page(PUBLIC),
    "community_detail": Page(PUBLIC, _community),
    "community_create": Page(STAFF_ONLY),
    "community_edit": Page(OWN, _community),
    "secretary_appoint": Page(STAFF_ONLY, _community),
    "secretary_remove": Page(STAFF_ONLY, _secretary),
    "secretary_phone": Page(OWN, _secretary, post=lambda cast: {}),
    "helper_add": Page(OWN, _community),
    "helper_edit": Page(OWN, _helper),
    "helper_remove": Page(OWN, _helper),
    "helper_phone": Page(OWN, _helper, post=lambda cast: {}),
}
