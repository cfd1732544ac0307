"""Import of a long partner list: seconds and peak memory of each step, beside the bare file.

    python -m tests.benchmarks.imports [ROWS]

Makes a list of that many partners (default 10,000), imports it into a database of its own, and
compares it once more. Memory is the highest of this process so far; a reader's is its own.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TITLES = ["编号", "单位名称", "单位性质", "统一社会信用代码", "联系人", "联系电话", "所属社区", "地址",
          "签约时间", "到期时间", "可提供资源"]  # fmt: skip


def write_list(path: Path, rows: int) -> None:
    """A workbook with `rows` signed partners."""
    import xlsxwriter
    from stdnum.cn import uscc

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, TITLES)
    for n in range(1, rows + 1):
        base = f"91370302MA{n:07d}"
        code = base + uscc.calc_check_digit(base)
        values = [n, f"般阳第{n}便民服务有限公司", "企业", code, "王小明", f"138{n:08d}",
                  "东升社区", f"般阳路{n}号", "2021年5月15日", "2024-05-14", "义诊、理发"]  # fmt: skip
        sheet.write_row(n, 0, values)
    book.close()


@contextmanager
def timed(label: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{label:<28}{seconds:>8.1f} s {peak:>6} MB peak so far")


def measure(path: Path) -> None:
    """Import the list at `path` and compare it once more, printing what each step takes."""
    from django.core.files import File

    from banyang.accounts.models import User
    from communities.models import Community
    from partners.imports import actions, reading
    from partners.imports.forms import MatchForm, SheetForm

    staff = User.objects.create_user("bench", name="bench", is_staff=True)
    Community.objects.create(code="370302000001", name="东升社区居委会", short_name="东升社区")
    for again in ("", " again"):
        with path.open("rb") as file:
            found = actions.upload_import(file=File(file, name="list.xlsx"), by=staff)
        with timed("read the bare file"):
            for _row in reading.rows(found.file, 0):
                pass
        actions.run_import(found.pk)
        found.refresh_from_db()
        form = MatchForm(found, **SheetForm(found).chosen())
        data = {name: form[name].value() for name in form.fields}
        form = MatchForm(found, sheet=form.sheet, header=form.header, data=data)
        if not form.is_valid():
            raise SystemExit(str(form.errors))
        actions.match_import(partner_import=found, mapping=form.mapping, by=staff)
        with timed("read and compare" + again):
            actions.run_import(found.pk)
        found.refresh_from_db()
        if not again:
            actions.commit_import(partner_import=found, leaves_out=False, by=staff)
            with timed("commit"):
                actions.run_import(found.pk)
        else:
            actions.discard_import(partner_import=found, by=staff)
        found.refresh_from_db()
        print({kind: count for kind, count in found.report["counts"].items() if count})


def main(rows: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")
    import django
    from django.conf import settings
    from django.test.utils import get_runner

    if settings.EMBEDDED:
        from banyang import embedded

        embedded.ensure()
    django.setup()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "list.xlsx")
            with timed(f"write {rows:,} rows"):
                write_list(path, rows)
            measure(path)
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
