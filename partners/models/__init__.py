"""Partners, the history of their status, and their people."""

from partners.models.partner import (
    BY_ENDING,
    BY_ENDING_DOWN,
    BY_SIGNING,
    BY_SIGNING_DOWN,
    IN_ORDER,
    NumberBook,
    Partner,
    PartnerQuerySet,
)
from partners.models.people import Contact, ContactQuerySet, Member, MemberQuerySet
from partners.models.status_change import StatusChange

__all__ = [
    "BY_ENDING",
    "BY_ENDING_DOWN",
    "BY_SIGNING",
    "BY_SIGNING_DOWN",
    "IN_ORDER",
    "Contact",
    "ContactQuerySet",
    "Member",
    "MemberQuerySet",
    "NumberBook",
    "Partner",
    "PartnerQuerySet",
    "StatusChange",
]
