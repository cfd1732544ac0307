"""What a log line leaves out."""

from logging import LogRecord


def without_refused_traceback(record: LogRecord) -> bool:
    """A filter: a request that was refused (4xx) is one line, a failure of ours (5xx) all of it."""
    if getattr(record, "status_code", 500) < 500:
        record.exc_info = record.exc_text = None
    return True
