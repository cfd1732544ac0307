"""How a partner's members reach their claims."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from banyang.accounts.models import User
from projects.claims.models import Claim


def get_represented(user: User, **lookup: Any) -> Claim:
    """The one claim that `user` may act on for its partner.

    Raises `Http404` if they may not even see it and `PermissionDenied` if they see it from the
    community's side.
    """
    claim = get_object_or_404(Claim.objects.visible_to(user).on_page(), **lookup)
    if claim.partner_id not in user.partner_ids:
        raise PermissionDenied
    return claim
