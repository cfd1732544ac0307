"""What changes the suggested project list: categories, groups, services."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from banyang.reference import Row
from projects.models import Category, Group, Service

CATALOGUE_COLUMNS = ("category", "group", "code", "name")
CATALOGUE_EXTRAS = ("summary", "typical_partner_kind")


def _next_position(things: type[Category] | type[Group], **lookup: object) -> int:
    last = things._base_manager.filter(**lookup).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def load_catalogue(*, rows: Sequence[Row]) -> tuple[int, int, int]:
    """Add the services of a reference table that are missing, with the groups they need.

    Services are known by their code: one that staff have edited, moved or retired stays so, and
    a category or group that they have renamed does not come back. Returns how many categories,
    groups and services were added. Raises `BadFile` at a row that breaks a rule.
    """
    known = set(Service.objects.values_list("code", flat=True))
    before = Category.objects.count(), Group.objects.count(), len(known)
    for row in rows:
        cells = row.cells
        if cells["code"] in known:
            continue
        known.add(cells["code"])
        row.make(
            Service,
            group=_group_of(row),
            code=cells["code"],
            name=cells["name"],
            summary=cells["summary"],
            typical_partners=cells["typical_partner_kind"],
        )
    return (
        Category.objects.count() - before[0],
        Group.objects.count() - before[1],
        len(known) - before[2],
    )


def _group_of(row: Row) -> Group:
    category = Category.objects.filter(name=row.cells["category"]).first() or row.make(
        Category, name=row.cells["category"], position=_next_position(Category)
    )
    return Group.objects.filter(category=category, name=row.cells["group"]).first() or row.make(
        Group,
        category=category,
        name=row.cells["group"],
        position=_next_position(Group, category=category),
    )
