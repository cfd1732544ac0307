from types import SimpleNamespace
from typing import Any

from banyang.accounts import actions, invitations
from tests.access import PUBLIC, SIGNED_IN, STAFF_ONLY, Page


def _invited(cast: SimpleNamespace) -> dict[str, Any]:
    user = actions.invite_user(name="李新", phone="13900000001", by=cast.staff)
    _, _, uidb64, token, _ = invitations.path(user).split("/")
    return {"uidb64": uidb64, "token": token}


def _member(cast: SimpleNamespace) -> dict[str, Any]:
    return {"pk": cast.member.pk}


EVERYBODY_ON = "302 302 302 302 302 302"

PAGES: dict[str, Page] = {
    "sign_in": Page("200 302 302 302 302 302"),
    "sign_out": Page(EVERYBODY_ON, post=lambda cast: {}),
    "invitation": Page(PUBLIC, _invited),
    "me": Page(SIGNED_IN),
    "password_change": Page(SIGNED_IN),
    "language_switch": Page(EVERYBODY_ON, post=lambda cast: {"language": "en"}),
    "view_switch": Page(EVERYBODY_ON, post=lambda cast: {"view": "elder"}),
    "user_list": Page(STAFF_ONLY),
    "user_invite": Page(STAFF_ONLY),
    "disclosure_list": Page(STAFF_ONLY),
    "export_list": Page(STAFF_ONLY),
    "user_detail": Page(STAFF_ONLY, _member),
    "user_edit": Page(STAFF_ONLY, _member),
    "user_phone": Page(STAFF_ONLY, _member, post=lambda cast: {}),
    "user_reissue": Page(STAFF_ONLY, _member),
    "user_deactivate": Page(STAFF_ONLY, _member),
    "user_reactivate": Page("302 302 403 403 403 403", _member, post=lambda cast: {}),
}
