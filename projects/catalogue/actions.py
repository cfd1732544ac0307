"""What changes the suggested project list: categories, groups, services."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Max, ProtectedError, QuerySet
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, action
from banyang.foundation.errors import Refused, save_valid
from banyang.foundation.moves import locked
from banyang.foundation.reference import ReferenceRow
from projects.catalogue.models import Category, Group, Service

CATALOGUE_COLUMNS = ("category", "group", "code", "name")
CATALOGUE_EXTRAS = ("summary", "typical_partner_kind")
SERVICE_FIELDS = ("group", "code", "name", "summary", "typical_partners")  # that forms change


def _next_position(things: type[Category] | type[Group], **lookup: object) -> int:
    last = things._base_manager.filter(**lookup).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


@action
def load_catalogue(*, rows: Sequence[ReferenceRow], by: Actor) -> tuple[int, int, int]:
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


def _group_of(row: ReferenceRow) -> Group:
    category = Category.objects.filter(name=row.cells["category"]).first() or row.make(
        Category, name=row.cells["category"], position=_next_position(Category)
    )
    return Group.objects.filter(category=category, name=row.cells["group"]).first() or row.make(
        Group,
        category=category,
        name=row.cells["group"],
        position=_next_position(Group, category=category),
    )


# --- By staff, on the pages ----------------------------------------------------------------


@action
def save_category(*, category: Category, by: User) -> None:
    """Save a new or renamed category; a new one comes last. Raises `Refused` if it is there."""
    if category._state.adding:
        category.position = _next_position(Category)
        save_valid(category)
    else:
        locked(Category.objects, category.pk)
        save_valid(category, only=["name"])


@action
def save_group(*, group: Group, by: User) -> None:
    """Save a new, renamed or moved group; where it is new it comes last.

    Raises `Refused` if its category has a group of this name already.
    """
    before = None if group._state.adding else locked(Group.objects, group.pk)
    is_elsewhere = before is None or before.category_id != group.category_id
    if is_elsewhere:
        group.position = _next_position(Group, category=group.category_id)
    changed = ["category", "name", *(["position"] if is_elsewhere else [])]
    save_valid(group, only=None if before is None else changed)


@action
def move_section(*, section: Category | Group, up: bool, by: User) -> None:
    """Change places with the category or group before or after; at the end nothing happens."""
    siblings: list[Any] = sorted(_siblings(section), key=attrgetter("position", "pk"))
    if section not in siblings:  # somebody has just removed it
        return
    here = siblings.index(section)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(siblings):
        return
    siblings[here], siblings[there] = siblings[there], siblings[here]
    for position, sibling in enumerate(siblings):
        if sibling.position != position:
            sibling.position = position
            sibling.save(update_fields=["position"])


@action
def remove_section(*, section: Category | Group, by: User) -> None:
    """Remove a category or group. Raises `Refused` unless it is empty."""
    try:
        section.delete()
    except ProtectedError as error:
        raise Refused(
            _("“%(section)s” is not empty. Move what is in it elsewhere first.")
            % {"section": section}
        ) from error


@action
def save_service(*, service: Service, by: User) -> None:
    """Save a new or edited service. Raises `Refused` if its code belongs to another.

    Whether it is offered, `retire_service` and `restore_service` say.
    """
    if service._state.adding:
        save_valid(service)
    else:
        locked(Service.objects, service.pk)
        save_valid(service, only=SERVICE_FIELDS)


@action
def retire_service(*, service: Service, by: User) -> None:
    """Offer a service no more. Projects that came of it stay as they are. Harmless to repeat."""
    service.is_current = False
    service.save(update_fields=["is_current"])


@action
def restore_service(*, service: Service, by: User) -> None:
    """Offer a retired service again. Harmless to repeat."""
    service.is_current = True
    service.save(update_fields=["is_current"])


def _siblings(section: Category | Group) -> QuerySet[Any]:
    if isinstance(section, Group):
        things: QuerySet[Any] = Group.objects.filter(category=section.category_id)
    else:
        things = Category.objects.all()
    # Locked in an order that nobody changes; where they stand is known once they are locked.
    return things.select_for_update(no_key=True, of=("self",)).order_by("pk")
