"""How rows of a preview read on a page and in the list of what was left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from banyang.foundation.dates import day
from banyang.foundation.phones import mask, masked, numbers_in
from communities.models import Community
from partners.imports.columns import FIELDS
from partners.imports.models import ImportRow, PartnerImport, problem_text
from partners.models import Partner

# All values of a row beside the name, so that whoever imports a new partner sees them first.
SHOWN_FIELDS = (*(name for name in FIELDS if name != "name"), "others")

# Anything may stand here, if the column was taken for another one.
FREE_TEXT = ("address", "party_branch", "offers", "note")

# From a stored value to what people read; other fields read as they are stored.
IN_WORDS: dict[str, Callable[[Any], Any]] = {
    "phone": mask,
    "others": lambda people: "、".join(f"{name} {mask(phone)}".strip() for name, phone in people),
    "kind": lambda value: Partner.Kind(value).label,
    "status": lambda value: Partner.Status(value).label,
    "signed_on": lambda value: day(date.fromisoformat(value)),
    "agreement_ends_on": lambda value: day(date.fromisoformat(value)),
}


@dataclass(frozen=True)
class ShownRow:
    """A row of the preview in words."""

    row: ImportRow
    facts: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    problems: list[str]


class RowDisplay:
    """Puts rows of one import into words."""

    def __init__(self, partner_import: PartnerImport) -> None:
        self.communities = dict(Community.objects.values_list("pk", "short_name"))
        self.column_titles = partner_import.mapping.get("titles", {})

    def show(self, rows: Sequence[ImportRow]) -> list[ShownRow]:
        return [
            ShownRow(
                row,
                [
                    (self.title(name), self.value(name, row.values[name]))
                    for name in SHOWN_FIELDS
                    if name in row.values
                ],
                [
                    (self.title(name), self.value(name, old), self.value(name, new))
                    for name, old, new in row.changes
                ],
                self.problems(row, masks=True),
            )
            for row in rows
        ]

    def title(self, name: str) -> str:
        """The title of the column that holds a field, as the file has it."""
        if name == "others":
            return str(FIELDS["more_contacts"])
        return self.column_titles.get(name) or str(FIELDS.get(name, ""))

    def value(self, name: str, value: Any) -> str:
        """A stored value as people read it; phones masked."""
        if value in (None, ""):
            return _("(blank)")
        if name == "community":
            return self.communities.get(value, str(value))
        text = str(IN_WORDS.get(name, str)(value))
        return _masked(text) if name in FREE_TEXT else text

    def problems(self, row: ImportRow, *, masks: bool = False) -> list[str]:
        """What is wrong with a row, each with the column that it is wrong in.

        Unless it `masks` them, the numbers that it quotes are in full.
        """
        found = []
        for name, message, named in row.problems:
            title, sentence = self.title(name), problem_text(message, named)
            if masks:
                sentence = _masked(sentence)
            found.append(
                _("“%(title)s”: %(sentence)s") % {"title": title, "sentence": sentence}
                if title
                else sentence
            )
        return found


def _masked(words: str) -> str:
    """Words that may hold a number, such as one that stood in the wrong column."""
    return masked(words) if numbers_in(words) else words
