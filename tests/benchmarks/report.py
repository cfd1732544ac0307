"""Figures as Markdown, and the machine they come from."""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import django
from django.db import connection
from django.utils import timezone


@dataclass(frozen=True)
class Target:
    """What was to be reached, what was measured, and whether that is enough."""

    aim: str
    measured: str
    reached: bool

    @property
    def row(self) -> list[str]:
        return [self.aim, self.measured, "reached" if self.reached else "**missed**"]


def times(ratio: float) -> str:
    """A ratio as people read it."""
    return f"{ratio:,.1f} ×" if ratio >= 0.1 else f"{ratio:,.2f} ×"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; what begins with a digit is aligned to the right."""
    right = [all(row[column][:1].isdigit() for row in rows) for column in range(len(heads))]
    lines = [heads, ["---:" if is_right else "---" for is_right in right], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """What this ran on, when, and on which commit."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    facts = {
        "Machine": f"{field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, "
        f"{int(field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GB memory",
        "Software": f"Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {postgres}",
        "Date": f"{timezone.localdate()}, commit {commit()}",
        "Load before": load(),
    }
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items())


def commit() -> str:
    """The commit that is checked out, where there is git and a repository to ask."""
    if not shutil.which("git"):
        return "unknown"
    command = ["git", "log", "-1", "--format=%h"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return said.strip() or "unknown"


def load() -> str:
    """How busy the machine is, with a warning where that spoils the figures."""
    busy = os.getloadavg()[0]
    warning = " — **busy: only the ratios mean something**" if busy > 1 else ""
    return f"{busy:.1f} in the last minute{warning}"


def field(path: str, name: str) -> str:
    """The value of the first line of a file under /proc that is called `name`."""
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
