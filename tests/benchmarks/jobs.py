"""What is measured of import and export, each in a fresh process: see `files.py`.

python -m tests.benchmarks.jobs JOB FILE ROWS
"""

import sys
import time
from pathlib import Path

# What a row of a ledger says besides the serial number.
TYPICAL = [
    "昌国瑞丰家政服务有限公司",
    "1",
    "企业",
    "91370302MA0000001X",
    "昌国社区",
    "般阳路1号",
    "王瑞",
]
TYPICAL += ["190****0001", "2026-01-05", "2028-01-04", "已签约", "", "油烟机、空调清洗公益名额"]


def import_list(path: Path, rows: int) -> None:
    """As a clerk does it: upload, match the columns as proposed, compare, commit."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from banyang.accounts.models import User
    from partners.imports import actions
    from partners.imports.forms import MatchForm, SheetForm

    by = User.objects.filter(is_staff=True).latest("pk")
    file = SimpleUploadedFile(path.name, path.read_bytes())
    partner_import = actions.upload_import(file=file, by=by)
    del file

    def run() -> None:
        actions.run_import(partner_import.pk)
        partner_import.refresh_from_db()

    run()
    form = MatchForm(partner_import, **SheetForm(partner_import).chosen())
    data = {name: form[name].value() for name in form.samples} | {"kind": ""}
    form = MatchForm(partner_import, sheet=form.sheet, header=form.header, data=data)
    if not form.is_valid():
        raise RuntimeError(form.errors.as_text())
    actions.match_import(partner_import=partner_import, mapping=form.mapping, by=by)
    run()
    actions.commit_import(
        partner_import=partner_import, seen=partner_import.preview_key, leaves_out=False, by=by
    )
    run()
    if partner_import.state != partner_import.State.COMMITTED:
        raise RuntimeError(f"The import is {partner_import.state}.")


def export_list(path: Path, rows: int) -> None:
    """The whole list as the ledger that staff download."""
    from banyang.accounts.models import Export, User
    from partners.exports import partner_export_file
    from partners.models import Partner

    by = User.objects.filter(is_staff=True).latest("pk")
    response = partner_export_file(Partner.objects.order_by("number"), query="", by=by)
    with path.open("wb") as file:
        file.writelines(response.streaming_content)
    response.close()
    if Export.objects.latest("pk").rows != rows:
        raise RuntimeError("The ledger is not complete.")


def read_bare(path: Path, rows: int) -> None:
    """Every cell of the list that is imported."""
    from python_calamine import load_workbook

    read = sum(1 for _row in load_workbook(path).get_sheet_by_index(0).iter_rows())
    if read != rows + 1:
        raise RuntimeError(f"{read} rows were read.")


def write_bare(path: Path, rows: int) -> None:
    """As many rows as the export has, each as long as a real one."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(rows):
        sheet.write_row(row, 0, [row, f"{TYPICAL[0]}{row}", *TYPICAL[1:]])
    book.close()


JOBS = {job.__name__: job for job in (import_list, export_list, read_bare, write_bare)}


def main(name: str, path: Path, rows: int) -> None:
    """Do one job and print how many seconds it took."""
    if not name.endswith("_bare"):
        import django

        django.setup()
    start = time.perf_counter()
    JOBS[name](path, rows)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
