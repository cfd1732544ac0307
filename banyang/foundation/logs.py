"""What a log line leaves out."""

import re
from logging import Formatter, LogRecord

# Below an error PostgreSQL quotes the row that it is about, which may be somebody's name and phone,
# with blank lines in it. An error's repr, which Celery logs, has all of it on one line.
ROW = re.compile(
    r"(^|\\n)(DETAIL|CONTEXT): .*?"
    r"(?=^(?:Traceback \(most|During handling of the above|The above exception)|\Z)",
    re.M | re.S,
)


class WithoutRows(Formatter):
    """Leaves the rows out that errors of the database quote."""

    def format(self, record: LogRecord) -> str:
        return ROW.sub(r"\1\2:  (left out)\n", super().format(record)).rstrip()


def without_refused_traceback(record: LogRecord) -> bool:
    """A filter: a request that was refused (4xx) is one line, a failure of ours (5xx) all of it."""
    if getattr(record, "status_code", 500) < 500:
        record.exc_info = record.exc_text = None
    return True
