"""What changes communities and their people."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from banyang.accounts.actions import find_or_invite_user
from banyang.accounts.models import User
from banyang.foundation.actions import Actor, action
from banyang.foundation.errors import save_valid
from banyang.foundation.moves import locked
from banyang.foundation.reference import ReferenceRow
from communities.models import Community, Helper, Secretary

COMMUNITY_COLUMNS = ("code", "name", "short_name")
COMMUNITY_EXTRAS = ("brand", "brand_summary", "address", "phone")


@action
def load_communities(*, rows: Sequence[ReferenceRow], by: Actor) -> int:
    """Add the communities of a reference table that are missing; returns how many.

    One that has the same code or either name is the same community, whatever staff have made
    of it since, and stays as it is. Raises `BadFile` at a row that breaks a rule.
    """
    added = 0
    for row in rows:
        cells = row.cells
        if not Community.objects.filter(
            Q(code=cells["code"]) | Q(name=cells["name"]) | Q(short_name=cells["short_name"])
        ).exists():
            row.make(Community, **cells)
            added += 1
    return added


@action
def create_community(*, by: User, **fields: Any) -> Community:
    """Add a community. `by` is staff. Raises `Refused` if a field breaks a rule."""
    community = Community(**fields)
    save_valid(community)
    return community


@action
def update_community(*, community: Community, by: User, **fields: Any) -> None:
    """Change what is said about a community; its code and names only staff change.

    Raises `Refused` if a field breaks a rule.
    """
    for name, value in fields.items():
        setattr(community, name, value)
    save_valid(community, only=list(fields))


@action
def appoint_secretary(
    *, community: Community, name: str, phone: str, post: str, by: User
) -> tuple[Secretary, bool]:
    """Let the person with this phone number act for `community`, with a new account if need be.

    Gives the secretary and whether the account is new: then `invitations.path` is the link for
    it. Somebody who acts for it already gets the new post. `by` is staff. Raises `Refused` if
    the account with this number may not sign in.
    """
    user, is_new = find_or_invite_user(name=name, phone=phone, by=by)
    secretary, _is_first = Secretary.objects.update_or_create(
        community=community, user=user, defaults={"post": post}
    )
    return secretary, is_new


@action
def remove_secretary(*, secretary: Secretary, by: User) -> None:
    """End a person's acting for a community; their account stays. `by` is staff."""
    secretary.delete()


@action
def add_helper(*, community: Community, by: User, **fields: Any) -> Helper:
    """List a red building leader, grid worker or hub household.

    Raises `Refused` if the person is listed for this building or grid already.
    """
    helper = Helper(community=community, **fields)
    save_valid(helper)
    return helper


@action
def update_helper(*, helper: Helper, by: User, **fields: Any) -> None:
    """Correct a helper. Raises `Refused` if the person is listed for this place already."""
    helper = locked(Helper.objects, helper.pk)
    for name, value in fields.items():
        setattr(helper, name, value)
    save_valid(helper)


@action
def remove_helper(*, helper: Helper, by: User) -> None:
    """Take a helper off the list; the history keeps that they were on it."""
    helper.delete()
