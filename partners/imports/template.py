"""A blank workbook for offices that have no list of their own yet."""

from tempfile import TemporaryFile

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from banyang.foundation.exports import export_response
from communities.models import Community
from partners.imports.columns import FIELDS
from partners.models import Partner

ROWS = 2_000  # formatted and checked while typing
WIDTHS = {"name": 32, "credit_code": 24, "address": 32, "offers": 32, "note": 24}


def template_response() -> FileResponse:
    """The workbook as a download: titles that are recognised, codes and phones as text."""
    file = TemporaryFile()  # noqa: SIM115 — the response closes it
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet(_("Partners"))
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#EDE6DA", "align": "center"})
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (name, title) in enumerate(FIELDS.items()):
        is_day = name in ("signed_on", "agreement_ends_on")
        sheet.set_column(column, column, WIDTHS.get(name, 16), day if is_day else text)
        sheet.write_string(0, column, str(title), head)
        if choices := _choices(name):
            sheet.data_validation(1, column, ROWS, column, {"validate": "list", "source": choices})
    sheet.freeze_panes(1, 2)
    book.close()
    return export_response(file, _("Partner list to fill in"))


def _choices(name: str) -> list[str]:
    """What a column may hold, as far as Excel's 255 characters of a drop-down go."""
    choices = {
        "kind": lambda: [str(label) for label in Partner.Kind.labels],
        "status": lambda: [str(label) for label in Partner.Status.labels],
        "community": lambda: list(Community.objects.values_list("short_name", flat=True)),
    }.get(name, list)()
    return choices if len(",".join(choices)) <= 255 else []
