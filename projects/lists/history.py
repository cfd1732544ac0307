"""When a project list was published, moved and taken back, and by whom, told from the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from banyang.accounts.history import actor_of, names_of_actors
from banyang.foundation.dates import moment
from projects.lists.models import ProjectList


@dataclass(frozen=True)
class Opening:
    """One change of when, or whether, a list opens; `who` is empty if no person made it."""

    at: datetime
    who: str
    text: str


def openings_of(project_list: ProjectList) -> list[Opening]:
    """Every such change of a list, the latest first; takes two queries."""
    tracked: Any = project_list  # the audit trail gives it `events`
    events = list(tracked.events.select_related("pgh_context").order_by("pgh_id"))
    names = names_of_actors(events)
    found = []
    before = None
    for event in events:
        if text := _changed(before, event):
            found.append(Opening(event.pgh_created_at, names.get(actor_of(event), ""), text))
        before = event
    return found[::-1]


def _changed(before: Any, now: Any) -> str:
    was_open_to_all = before is not None and before.state == ProjectList.State.PUBLISHED
    if now.state != ProjectList.State.PUBLISHED:
        return _("taken back to a draft") if was_open_to_all else ""
    words = {"moment": moment(now.opens_at)}
    if not was_open_to_all:
        return _("published, to open on %(moment)s") % words
    if before.opens_at != now.opens_at:
        return _("opening moved to %(moment)s") % words
    return ""
