"""Has spreadsheets read in a process beside the server, and says why a file can't be read."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.imports.sheets import Unreadable

MAX_ROWS = 200_000
SECONDS = 120  # a reader that takes longer is killed

PROBLEMS: dict[str, Promise | str] = {
    "damaged": _(
        "The file is damaged, or was cut off on its way. If Excel or WPS still opens it, save it there as “Excel workbook (*.xlsx)” and upload that."
    ),
    "password": _(
        "The file is protected by a password. Open it in Excel or WPS, remove the password under “File”, save it and upload it again."
    ),
    "too_big": _(
        "The file unpacks to far more than a partner list can hold. Copy the rows of the list into a new workbook and upload that."
    ),
    "too_many_rows": _("The sheet has more than 200,000 rows. Split it into several files."),
    "empty": _("The file is empty."),
    "word": _("This is a Word document. Copy the table into Excel, save it and upload that."),
    "powerpoint": _("This is a presentation. Copy the table into Excel and upload that."),
    "pdf": _("This is a PDF. Upload the Excel file that it was made from."),
    "picture": _("This is a picture. Upload the Excel file with the list."),
    "archive": _("This is a compressed archive. Unpack it and upload the Excel file in it."),
    "web_page": _(
        "This is a web page that only bears the name of an Excel file. Open it in Excel or WPS, save it as “Excel workbook (*.xlsx)” and upload that."
    ),
    "no_excel": _("This is no Excel file. Upload a list in the format .xlsx, .xls, .et or .csv."),
    "no_rows": _("The file has no sheet with anything in it."),
}


def peek(file: FieldFile) -> list[dict[str, Any]]:
    """The sheets that have something in them: index, name, height, and their first rows.

    Raises `Unreadable`.
    """
    sheets: list[dict[str, Any]] = []
    for message in _messages(file):
        if isinstance(message, dict):
            sheets.append(message | {"rows": []})
        else:
            sheets[-1]["rows"].append(message)
    sheets = [sheet for sheet in sheets if sheet["rows"]]
    if not sheets:
        raise Unreadable("no_rows")
    return sheets


def rows(file: FieldFile, sheet: int) -> Iterator[tuple[int, list[Any]]]:
    """Every row of a sheet that is not blank, with its line number. Raises `Unreadable`."""
    yield from _messages(file, str(sheet), str(MAX_ROWS))


def _messages(file: FieldFile, *options: str) -> Iterator[Any]:
    """What the reader writes, once it has ended: it takes its memory before its parent does."""
    with tempfile.NamedTemporaryFile() as copy, tempfile.TemporaryFile() as output:
        with file.open("rb") as source:  # it may be kept on another machine
            shutil.copyfileobj(source, copy)
        copy.flush()
        command = [sys.executable, "-m", "partners.imports.sheets", copy.name, *options]
        try:
            status = subprocess.run(
                command,
                cwd=settings.BASE_DIR,
                env={"PATH": os.environ.get("PATH", "")},  # none of the server's secrets
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,  # a traceback could quote what stands in the list
                timeout=SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise Unreadable("too_big") from None
        if status != 0:
            # By a signal: it wanted more memory, time or space than it may have.
            raise Unreadable("too_big" if status < 0 else "damaged")
        output.seek(0)
        for line in output:
            message = json.loads(line)
            if isinstance(message, dict) and "problem" in message:
                raise Unreadable(message["problem"])
            yield message
