"""Roles that people have for something, such as secretary of a community or member of a partner.

Accounts know which roles there are. Which rows give them is the business of the rooms that keep
these rows: each registers its relation here, so that accounts need not know it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What somebody may act as; one person may have several of these, for several things."""

    SECRETARY = "secretary", _("community secretary")
    MEMBER = "member", _("partner member")


@dataclass(frozen=True)
class GivenBy:
    """Which rows give a role: `relation` leads from an account to them, `target` from such a row
    to what the person acts for. `title` says in words what the person is there."""

    relation: str
    target: str
    title: Callable[[Any], str]

    @property
    def path(self) -> str:
        """The lookup from an account to what the person acts for."""
        return f"{self.relation}__{self.target}"


GIVEN_BY: dict[Role, GivenBy] = {}


def register(role: Role, given_by: GivenBy) -> None:
    """Say which rows give `role`; belongs into `AppConfig.ready` of the room that keeps them."""
    GIVEN_BY[role] = given_by
