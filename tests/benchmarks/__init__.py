"""What the product does in a second, beside the least that could do the same: `make bench`.

    python -m tests.benchmarks [--quick] [--only SECTION ...]

Works in a database of its own, `banyang_bench`, which it makes and drops on the server that the
settings name. `--quick` only shows that all of it still runs. `docs/benchmarks.md` keeps the
figures of a recorded run.
"""
