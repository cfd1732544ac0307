"""What changes communities and their people."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from banyang.reference import Row
from communities.models import Community

COMMUNITY_COLUMNS = ("code", "name", "short_name")
COMMUNITY_EXTRAS = ("brand", "brand_summary", "address", "phone")


@transaction.atomic
def load_communities(*, rows: Sequence[Row]) -> int:
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
