"""What the rooms above tell a need: which project it became, and how far that is."""

from typing import Any

from banyang.foundation.hooks import Hook
from projects.needs.models import Need

# The projects that needs became, by the need's number: whatever has a title as its `str`, a page,
# a state to show and `is_public`, whether everybody may read of it.
projects_of: Hook[[list[Need]], dict[int, Any]] = Hook()

# How far a project that a need became is: how many `partners`, `deliveries` and `residents`.
progress_of: Hook[[Any], dict[str, int]] = Hook()

# Locks the project that a need became. Called before the need itself is locked: whoever changes a
# project locks it before its needs, and in another order two people could wait for each other.
lock_project_of: Hook[[Need], Any] = Hook()

# Whether the project that a need became meets it again, now that it is put on the board again.
meets_again: Hook[[Need], bool] = Hook()

# Called when it does not: the project goes on without the need.
parted_from_project: Hook[[Need], None] = Hook()


def with_projects(needs: list[Need]) -> list[Need]:
    """Each of `needs`, and the one that answers it, with `project`: what it became, or `None`."""
    answering = {need.answering.pk: need.answering for need in needs}
    found: dict[int, Any] = {}
    for projects in projects_of([*needs, *answering.values()]):
        found |= projects
    for need in (*needs, *answering.values()):
        need.project = found.get(need.pk)
    return needs
