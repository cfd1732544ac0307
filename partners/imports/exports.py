"""Workbooks to download: a blank list for offices that have none, and the rows left out."""

from tempfile import TemporaryFile

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from banyang.accounts.actions import record_export
from banyang.accounts.models import User
from banyang.foundation.exports import Column, export_response, make_export
from banyang.office.models import Office
from communities.models import Community
from partners.imports.columns import DAYS, FIELDS
from partners.imports.display import RowDisplay
from partners.imports.models import PartnerImport
from partners.models import Partner

CHECKED_ROWS = 2_000  # of the blank list: formatted, and checked while typing
WIDTHS = {"name": 32, "credit_code": 24, "address": 32, "offers": 32, "note": 24}


def blank_list() -> FileResponse:
    """A workbook with titles that are recognised; it keeps codes and phones as text."""
    file = TemporaryFile()  # noqa: SIM115 — the response closes it
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet(_("Partners"))
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#EDE6DA", "align": "center"})
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    choices = {
        "kind": [str(label) for label in Partner.Kind.labels],
        "status": [str(label) for label in Partner.Status.labels],
        "community": list(Community.objects.values_list("short_name", flat=True)),
    }
    for column, (name, title) in enumerate(FIELDS.items()):
        sheet.set_column(column, column, WIDTHS.get(name, 16), day if name in DAYS else text)
        sheet.write_string(0, column, str(title), head)
        source = choices.get(name, [])
        if source and len(",".join(source)) <= 255:  # Excel's limit for a drop-down
            rule = {"validate": "list", "source": source}
            sheet.data_validation(1, column, CHECKED_ROWS, column, rule)
    sheet.freeze_panes(1, 2)
    book.close()
    return export_response(file, _("Partner list to fill in"))


def rows_left_out(partner_import: PartnerImport, *, by: User) -> FileResponse:
    """The rows that were or would be left out, each with its reasons."""
    display = RowDisplay(partner_import)
    response, count = make_export(
        title=_("Rows left out"),
        columns=[
            Column(_("Row"), 8, "number"),
            Column(_("Name"), 36),
            Column(_("Kind of row"), 12),
            Column(_("Reason"), 80),
        ],
        rows=(
            (row.line, row.name, row.get_kind_display(), "\n".join(display.problems(row)))
            for row in partner_import.rows.left_out().iterator(chunk_size=1000)
        ),
        filed_by=Office.current().name,
    )
    # A reason may quote a phone number as it stood in the file.
    query = f"pk={partner_import.pk}"
    record_export(model=PartnerImport, query=query, rows=count, by=by, phones_shown=True)
    return response
