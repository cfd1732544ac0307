"""The partner list beside Django's admin changelist of the same rows and beside a bare view."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from banyang.accounts.factories import UserFactory
from banyang.foundation.listing import PER_PAGE
from tests.benchmarks import population
from tests.benchmarks.report import Target, table, times
from tests.benchmarks.server import Sample, answer, ask_for, sign_in

SIZES = (151, 10_000, 100_000, 1_000_000)
QUICK_SIZES = (151,)
ROUNDS, ROUND_SECONDS = 3, 1.0
QUICK_ROUNDS, QUICK_ROUND_SECONDS = 1, 0.1
LIST, ADMIN, BARE = "/partners/", "/bench/admin/partners/partner/", "/bench/bare/"


@dataclass
class Figures:
    """One page of one size: the partner list, the admin and the bare view."""

    size: int
    page: str
    ours: Sample = field(default_factory=Sample)
    admin: Sample = field(default_factory=Sample)
    bare: Sample = field(default_factory=Sample)

    @property
    def lead(self) -> float:
        return self.ours.rate / self.admin.rate

    @property
    def row(self) -> list[str]:
        columns = [f"{self.size:,}", self.page]
        for sample in (self.ours, self.admin, self.bare):
            columns += [f"{sample.rate:,.0f}", f"{sample.p50:,.1f} / {sample.p95:,.1f}"]
        return [
            *columns,
            times(self.lead),
            times(self.ours.rate / self.bare.rate),
        ]


def pages(size: int) -> dict[str, tuple[str, str]]:
    """What is asked for: name, and the query of the list and of the admin.

    The admin's last full page, so that it shows as many rows.
    """
    return {
        "first page": ("", ""),
        "last page": ("last=1", f"p={size // PER_PAGE}"),
        f"rare search “{population.RARE}”": (
            urlencode({"q": population.RARE}),
            urlencode({"q": population.RARE}),
        ),
        f"common search “{population.COMMON}”": (
            urlencode({"q": population.COMMON}),
            urlencode({"q": population.COMMON}),
        ),
    }


def run(port: int, *, quick: bool) -> tuple[str, list[Target]]:
    user = UserFactory(is_staff=True, is_superuser=True)  # the admin need not ask for permissions
    headers = sign_in(user)
    results = []
    for size in QUICK_SIZES if quick else SIZES:
        population.load(size)
        results += [_measure(port, headers, size, page, quick=quick) for page in pages(size)]
    # What the largest is compared with, once more: the machine may be busier now, or less.
    population.empty()
    population.load(SIZES[0])
    again = _measure(port, headers, SIZES[0], "first page", quick=quick)
    return _report([*results, again]), _targets(results, again)


def _measure(port: int, headers: dict[str, str], size: int, page: str, *, quick: bool) -> Figures:
    rounds, seconds = (QUICK_ROUNDS, QUICK_ROUND_SECONDS) if quick else (ROUNDS, ROUND_SECONDS)
    figures = Figures(size, page)
    ours, admin = pages(size)[page]
    paths = {
        f"{LIST}?{ours}": figures.ours,
        f"{ADMIN}?{admin}": figures.admin,
        BARE: figures.bare,
    }
    _check(port, list(paths)[:2], headers)
    for _ in range(rounds):  # in turn, so that whatever else the machine does hits all
        for path, sample in paths.items():
            ask_for(port, path, headers, sample, seconds)
    return figures


def _check(port: int, paths: list[str], headers: dict[str, str]) -> None:
    """Both show as many partners: neither is fast because it shows something else."""
    ours, admin = (answer(port, path, headers) for path in paths)
    shown = ours.count('<th scope="row">'), admin.count("/change/")
    if shown[0] != shown[1] or not shown[0]:
        raise RuntimeError(f"{paths} show {shown} partners.")


def _report(results: list[Figures]) -> str:
    heads = ["partners", "page", "list req/s", "p50 / p95 ms", "admin req/s", "p50 / p95 ms"]
    heads += ["bare req/s", "p50 / p95 ms", "list : admin", "list : bare"]
    return table(heads, [figures.row for figures in results])


def _targets(results: list[Figures], again: Figures) -> list[Target]:
    found = []
    for which, some in (
        ("first page", [each for each in results if each.page == "first page"]),
        ("other pages", [each for each in results if each.page != "first page"]),
    ):
        least = min(some, key=lambda each: each.lead)
        aim = f"{which}: at least 3 times the admin's rate (least: {least.page} of {least.size:,})"
        found.append(Target(aim, times(least.lead), least.lead >= 3))
    first, largest = min(results[0].ours.p50, again.ours.p50), results[-1].size
    for figures in results:
        if figures.size == largest and not figures.page.startswith("common"):
            slower = figures.ours.p50 / first
            aim = f"{figures.page} at {largest:,} within 2 times the first page at {again.size}"
            found.append(Target(aim, times(slower), slower <= 2))
    return found
