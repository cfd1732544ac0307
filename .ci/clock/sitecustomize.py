"""What Python reads first in `.ci/day`: a `time.sleep` that works while the clock is set.

libfaketime 0.9.10, which Debian 12 has, fails in the system call that Python sleeps by when it
leaves the monotonic clock alone (wolfcw/libfaketime issue 426). That clock must be left alone, for
locks wait by it in a call that libfaketime doesn't know.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Wait as `time.sleep` does, by another system call."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
