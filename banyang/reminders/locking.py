"""The lock between those who notify people and those who change what was announced."""

from django.db import connection

LEDGER = 0x52454D  # an advisory lock


def lock_ledger(*, shared: bool = False) -> None:
    """Wait until nobody else takes reminders in hand; nobody does until the transaction ends.

    A worker takes it to lease a batch. An action takes it before it asks who has been notified of
    something that it changes: whoever reads the old words before the change commits is then known
    to have read them. Inboxes take it `shared`, since each reads for one person alone. Comes
    before any lock on reminders, so that two transactions never wait for one another.
    """
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [LEDGER])
