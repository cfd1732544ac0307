"""Kinds of reminders that only tests know. The worker of `test_kill.py` loads them as well."""

from django.utils.translation import get_language

from banyang.accounts.models import User
from banyang.reminders.kinds import Notice, kind
from communities.models import Community

PATH = "/communities/"


def _words(community: Community) -> str:
    if get_language() == "en":
        return f"Look after {community.short_name}."
    return f"请关注{community.short_name}。"


@kind("test_plain", "test: plain")
def _plain(community: Community, recipient: User) -> Notice:
    return Notice(_words(community), PATH)


@kind("test_named", "test: names its recipient")
def _named(community: Community, recipient: User) -> Notice:
    return Notice(f"{recipient.username} & <{community.short_name}>", PATH)


@kind("test_settled", "test: settled once the community tells about its brand")
def _settled(community: Community, recipient: User) -> Notice | None:
    return None if community.brand_summary else Notice(_words(community), PATH)


@kind("test_broken", "test: can't be rendered")
def _broken(community: Community, recipient: User) -> Notice:
    raise LookupError("No words for this.")


@kind(
    "test_related",
    "test: brings its secretaries along",
    queryset=lambda: Community.objects.prefetch_related("secretaries"),
)
def _related(community: Community, recipient: User) -> Notice:
    return Notice(f"{community.short_name}: {len(community.secretaries.all())}", PATH)


@kind(
    "test_meant",
    "test: for those who act for the community",
    meant_for=lambda community, user: community.pk in user.community_ids,
)
def _meant(community: Community, recipient: User) -> Notice:
    return Notice(_words(community), PATH)
