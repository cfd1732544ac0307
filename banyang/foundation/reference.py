"""Reads the reference data that an office starts with: tables as CSV, its own details as JSON."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

Thing = TypeVar("Thing", bound=models.Model)


class BadFile(Exception):
    """A reference file can't be used; the message says which, where and why."""


@dataclass(frozen=True)
class ReferenceRow:
    """One line of a table: its cells by column, and where it stands for the messages."""

    location: str
    cells: dict[str, str]

    def make(self, model: type[Thing], **fields: object) -> Thing:
        """A new, checked and saved `model`. Raises `BadFile` with the line if a rule refuses it."""
        thing = model(**fields)
        try:
            thing.full_clean()
        except ValidationError as error:
            raise BadFile(f"{self.location}: {' '.join(error.messages)}") from error
        thing.save()
        return thing


def read_table(
    path: Path, required: Sequence[str], optional: Sequence[str] = ()
) -> list[ReferenceRow]:
    """The rows of a CSV file with a header; other columns are ignored, blank lines skipped.

    Excel in China saves CSV as GB 18030 as often as UTF-8, so both are read. Raises `BadFile`.
    """
    reader = csv.DictReader(StringIO(_read_text(path), newline=""), strict=True)
    missing = [name for name in required if name not in (reader.fieldnames or [])]
    if missing:
        raise BadFile(
            _("%(file)s has no column %(columns)s.")
            % {"file": path.name, "columns": ", ".join(missing)}
        )
    rows = []
    try:
        for record in reader:
            cells = {name: (record.get(name) or "").strip() for name in (*required, *optional)}
            if any(cells.values()):
                location = _("%(file)s, line %(line)s") % {
                    "file": path.name,
                    "line": reader.line_num,
                }
                rows.append(ReferenceRow(location, cells))
    except csv.Error as error:
        raise BadFile(
            _("%(file)s, line %(line)s: this is no CSV file (%(error)s).")
            % {"file": path.name, "line": reader.line_num, "error": error}
        ) from error
    for row in rows:
        if empty := [name for name in required if not row.cells[name]]:
            raise BadFile(
                _("%(location)s: %(columns)s must not be empty.")
                % {"location": row.location, "columns": ", ".join(empty)}
            )
    return rows


def read_details(path: Path, known: Sequence[str]) -> dict[str, str]:
    """A JSON object of texts whose names are all `known`. Raises `BadFile`."""
    try:
        details = json.loads(_read_text(path))
    except ValueError as error:
        raise BadFile(
            _("%(file)s is no JSON file (%(error)s).") % {"file": path.name, "error": error}
        ) from error
    if not isinstance(details, dict) or not all(isinstance(v, str) for v in details.values()):
        raise BadFile(_("%(file)s must hold names with texts.") % {"file": path.name})
    if unknown := sorted(set(details) - set(known)):
        raise BadFile(
            _("%(file)s has unknown names: %(names)s.")
            % {"file": path.name, "names": ", ".join(unknown)}
        )
    return details


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile(
            _("%(file)s can't be read (%(error)s).") % {"file": path, "error": error.strerror}
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(_("%(file)s is neither UTF-8 nor GB 18030 text.") % {"file": path.name})
