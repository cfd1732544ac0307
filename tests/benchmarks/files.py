"""Import and export of long lists, beside reading and writing the bare file."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from banyang.accounts.factories import UserFactory
from partners.models import Partner
from tests.benchmarks import population
from tests.benchmarks.report import Target, field, table, times

SIZES, QUICK_SIZES = (10_000, 100_000), (100,)
AIM = 300  # MB
COMPILED = tempfile.TemporaryDirectory()
TITLES = {
    "合伙人编号": "number",
    "单位名称": "name",
    "类别": "kind",
    "统一社会信用代码": "credit_code",
    "所属社区": "community",
    "地址": "address",
    "联系人": "contact",
    "联系电话": "phone",
    "签约日期": "signed_on",
    "到期日期": "agreement_ends_on",
    "可提供资源": "offers",
}


@dataclass(frozen=True)
class Cost:
    """Seconds, and megabytes: at one time all together, and the job and its reader alone."""

    seconds: float
    together: float
    own: float
    reader: float

    @property
    def columns(self) -> list[str]:
        alone = f" ({self.own:,.0f} and {self.reader:,.0f})" if self.reader else ""
        return [f"{self.seconds:,.1f}", f"{self.together:,.0f}{alone}"]


def run(port: int, *, quick: bool) -> tuple[str, list[Target]]:
    UserFactory(is_staff=True)
    rows, targets = [], []
    for size in QUICK_SIZES if quick else SIZES:
        population.empty()
        with tempfile.TemporaryDirectory() as folder:
            source, made = Path(folder) / "list.xlsx", Path(folder) / "made.xlsx"
            _write_list(source, size)
            for what, ours, bare, path in (
                ("import", "import_list", "read_bare", source),
                ("export", "export_list", "write_bare", made),
            ):
                beside = _cost(bare, path, size)
                cost = _cost(ours, path, size)
                slower = times(cost.seconds / beside.seconds)
                rows.append([what, f"{size:,}", *cost.columns, *beside.columns, slower])
                if size == max(SIZES):
                    aim = f"{what} of {size:,} rows under {AIM} MB"
                    reached = cost.together < AIM
                    targets.append(Target(aim, f"{cost.together:,.0f} MB", reached))
    population.empty()
    heads = ["", "rows", "seconds", "peak MB", "bare file: seconds", "peak MB", "time : bare"]
    return table(heads, rows), targets


def _write_list(path: Path, rows: int) -> None:
    """The Excel list of an office that has kept it well."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("合伙人名单")
    kinds, statuses = dict(Partner.Kind.choices), dict(Partner.Status.choices)
    sheet.write_row(0, 0, TITLES)
    for line, partner in enumerate(population.partners(1, rows), start=1):
        words = {"kind": str(kinds[partner["kind"]]), "status": str(statuses[partner["status"]])}
        row = partner | words
        sheet.write_row(line, 0, [row[field] for field in TITLES.values()])
    book.close()


def _cost(job: str, path: Path, rows: int) -> Cost:
    """The seconds that a job takes and the memory that it and its children hold at most.

    What each held alone is exact. What they held at one time is looked at twenty times a second.
    """
    command = [sys.executable, "-m", "tests.benchmarks.jobs", job, str(path), str(rows)]
    # Compiled once, as where it is installed: compiling takes memory too.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": COMPILED.name}
    environment = os.environ | compiled | {"LOG_LEVEL": "ERROR"}
    peaks: dict[int, int] = {}
    together = 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            family = _family(process.pid)
            for pid in family:
                peaks[pid] = max(peaks.get(pid, 0), memory(pid, "VmHWM"))
            together = max(together, sum(memory(pid, "VmRSS") for pid in family))
            time.sleep(0.05)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{job} of {rows} rows failed.")
    # Children come one after the other: the reader once to peek, once for all rows.
    own = peaks.pop(process.pid)
    reader = max(peaks.values(), default=0)
    together = max(together, own, reader)
    return Cost(float(said.split()[-1]), together / 1024, own / 1024, reader / 1024)


def _family(pid: int) -> list[int]:
    """A process and its children, as far as they live."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [pid, *map(int, children.split())]


def memory(pid: int, which: str) -> int:
    """The memory of a process in kB, now or at most so far; 0 if it has just ended."""
    try:
        return int(field(f"/proc/{pid}/status", which).split()[0])
    except (OSError, ValueError):
        return 0
