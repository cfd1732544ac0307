"""What was changed about a partner, told from the history that triggers keep."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any

from django.db.models import Field, Model
from django.utils.translation import gettext as _

from banyang.accounts.history import actor_of
from banyang.accounts.models import User
from banyang.foundation import phones
from banyang.foundation.dates import day
from communities.models import Community
from partners.models import Partner

LIMIT = 50  # events of each kind that one page looks back over

PARTNER_FIELDS = (
    "name",
    "kind",
    "credit_code",
    "community",
    "address",
    "offers",
    "party_branch",
    "note",
    "agreement_ends_on",
)
CONTACT_FIELDS = ("name", "post", "phone", "is_main")


@dataclass(frozen=True)
class Change:
    """One moment at which somebody changed something: lines of (what, from, to)."""

    at: datetime
    who: str
    title: str
    lines: list[tuple[str, str, str]]


def changes_of(partner: Partner) -> list[Change]:
    """The latest changes of `partner`, its contacts and its members, newest first.

    Takes five queries however much has happened. Phone numbers stay masked.
    """
    tracked: Any = partner  # the audit trail gives it `events`
    partner_events = list(_latest(tracked.events))
    contact_events = list(_latest(_events_about(partner, "contact")))
    member_events = list(_latest(_events_about(partner, "member")))
    people = _people([*partner_events, *contact_events, *member_events])
    communities = dict(Community.objects.values_list("pk", "short_name"))
    found = [
        *_partner_changes(partner_events, people, communities),
        *_contact_changes(contact_events, people),
        *_member_changes(member_events, people),
    ]
    return sorted(found, key=attrgetter("at"), reverse=True)


def _latest(events: Any) -> Any:
    return events.select_related("pgh_context").order_by("-pgh_id")[:LIMIT]


def _events_about(partner: Partner, relation: str) -> Any:
    model: Any = Partner._meta.get_field(f"{relation}s").related_model
    return model.pgh_event_model.objects.filter(partner=partner)


def _people(events: Iterable[Any]) -> dict[int, str]:
    ids = {actor_of(event) for event in events} | {getattr(e, "user_id", None) for e in events}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids - {None})}


def _change(event: Any, people: dict[int, str], title: str, lines: Any = ()) -> Change:
    who = people.get(actor_of(event) or 0, _("the system"))
    return Change(event.pgh_created_at, who, title, list(lines))


def _partner_changes(
    events: list[Any], people: dict[int, str], communities: dict[int, str]
) -> Iterator[Change]:
    for after, before in pairwise(events):
        lines = list(_differences(Partner, before, after, PARTNER_FIELDS, communities))
        if lines:
            yield _change(after, people, _("Changed"), lines)
    if events and events[-1].pgh_label == "insert":
        yield _change(events[-1], people, _("Entered"))


def _contact_changes(events: list[Any], people: dict[int, str]) -> Iterator[Change]:
    earlier: dict[int, Any] = {}
    for event in reversed(events):
        before = earlier.get(event.pgh_obj_id)
        earlier[event.pgh_obj_id] = event
        named = {"name": event.name}
        if event.pgh_label == "delete":
            yield _change(event, people, _("Contact %(name)s removed") % named)
        elif event.pgh_label == "insert":
            yield _change(event, people, _("Contact %(name)s added") % named)
        elif before is not None:
            model = type(event).pgh_tracked_model
            lines = list(
                _differences(model, before, event, CONTACT_FIELDS, {}, name=_("full name"))
            )
            if lines:
                yield _change(event, people, _("Contact %(name)s changed") % named, lines)


def _member_changes(events: list[Any], people: dict[int, str]) -> Iterator[Change]:
    for event in events:
        named = {"name": people.get(event.user_id, _("a deleted account"))}
        if event.pgh_label == "delete":
            yield _change(event, people, _("%(name)s no longer acts for the partner") % named)
        elif event.pgh_label == "insert":
            yield _change(event, people, _("%(name)s acts for the partner") % named)


def _differences(
    model: type[Model],
    before: Any,
    after: Any,
    names: Iterable[str],
    communities: dict[int, str],
    **labels: str,
) -> Iterator[tuple[str, str, str]]:
    """What differs in the fields `names`: its label (of `labels`, else the field's own), from, to."""
    for name in names:
        field: Any = model._meta.get_field(name)
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old != new:
            yield (
                labels.get(name) or str(field.verbose_name),
                _in_words(field, old, communities),
                _in_words(field, new, communities),
            )


def _in_words(field: Field, value: Any, communities: dict[int, str]) -> str:
    if value is None or value == "":
        return _("nothing")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name == "community":
        return communities.get(value, "?")
    if field.name == "phone":
        return phones.mask(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return day(value) if hasattr(value, "isoformat") else str(value)
