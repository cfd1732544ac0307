from partners.factories import ContactFactory, MemberFactory
from partners.imports.factories import ImportFactory
from tests.access import STAFF_ONLY, Page

# A partner's pages: staff and secretaries see every signed partner, members their own.
SEEN = "302 200 200 200 200 404"
# What staff do to a partner: those who see it are told that it is not theirs to change.
STAFF_STEP = "302 200 403 403 403 404"
KEPT_UP = "302 200 403 403 200 404"
IMPORTS = STAFF_ONLY
IMPORT_STEP = "302 302 403 403 403 403"


def _partner(cast):
    return {"pk": cast.partner.pk}


def _contact(cast):
    return {"pk": ContactFactory(partner=cast.partner).pk}


def _member(cast):
    return {"pk": MemberFactory(partner=cast.partner).pk}


def _import(state="read", **fields):
    return lambda cast: {"pk": ImportFactory(by=cast.staff, state=state, **fields).pk}


def _of_partner(cast):
    return {"partner_pk": cast.partner.pk}


PAGES: dict[str, Page] = {
    "partner_list": Page("302 200 200 200 403 403"),
    "partner_create": Page(STAFF_ONLY),
    "partner_export": Page("302 200 200 200 403 403"),
    "partner_detail": Page(SEEN, _partner),
    "partner_edit": Page(KEPT_UP, _partner),
    **{
        f"partner_{verb}": Page(STAFF_STEP, _partner)
        for verb in ("vet", "sign", "renew", "suspend", "resume", "withdraw", "turn_down")
    },
    "contact_add": Page(KEPT_UP, _of_partner),
    "contact_edit": Page(KEPT_UP, _contact),
    "contact_remove": Page(KEPT_UP, _contact),
    "contact_phone": Page("302 200 200 200 200 404", _contact, post=lambda cast: {}),
    "member_add": Page(STAFF_STEP, _of_partner),
    "member_remove": Page(STAFF_STEP, _member),
    # Imports hold everybody's details.
    "import_list": Page(STAFF_ONLY),
    "import_upload": Page(STAFF_ONLY),
    "import_template": Page(STAFF_ONLY),
    "import_detail": Page(IMPORTS, _import("discarded")),
    "import_match": Page(IMPORTS, _import()),
    "import_preview": Page(IMPORTS, _import("previewed")),
    "import_commit": Page(IMPORT_STEP, _import("previewed"), post=lambda cast: {}),
    "import_rename": Page(IMPORT_STEP, _import("previewed"), post=lambda cast: {}),
    "import_resume": Page(IMPORT_STEP, _import("discarded"), post=lambda cast: {}),
    "import_discard": Page(IMPORTS, _import()),
    "import_left_out": Page(IMPORTS, _import("committed")),
}
