"""Runs the benchmarks in a database of their own and prints what they found as Markdown."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO


@contextmanager
def database() -> Iterator[None]:
    """A fresh database with the reference data, which nothing is left of afterwards."""
    from django.core.cache import cache
    from django.core.management import call_command
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        cache.delete("office")
        with redirect_stdout(StringIO()):
            call_command("load_reference", stdout=StringIO())
        yield
    finally:
        runner.teardown_databases(databases)


def sections() -> dict[str, tuple[str, Callable]]:
    """Title and measurement by name, in the order in which they run: the largest list last."""
    from tests.benchmarks import claims, files, lists, processor, reminders

    return {
        "reminders": ("Reminders", reminders.run),
        "claims": ("Claims", claims.run),
        "files": ("Import and export", files.run),
        "processor": ("Processor time of a page", processor.run),
        "lists": ("Partner list", lists.run),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that everything runs"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="SECTION")
    options = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    import django
    from django.conf import settings

    if settings.EMBEDDED:
        from banyang import embedded

        embedded.ensure()
    django.setup()
    from tests.benchmarks import report
    from tests.benchmarks.server import serving

    targets = []
    with database(), serving() as served:
        print(report.machine(), flush=True)
        for name, (title, run) in sections().items():
            if options.only and name not in options.only:
                continue
            start = time.perf_counter()
            figures, reached = run(served.port, quick=options.quick)
            targets += reached
            seconds = time.perf_counter() - start
            print(f"\n## {title}\n\n{figures}", flush=True)
            print(f"{title}: {seconds:.0f} s", file=sys.stderr)
        if options.quick:
            print("\nEverything ran. Times of so little say nothing, so no target is looked at.")
            return
        if targets:
            heads = ["To reach", "Measured", ""]
            print(f"\n## Targets\n\n{report.table(heads, [target.row for target in targets])}")
        print(f"\nLoad after: {report.load()}")


if __name__ == "__main__":
    main()
