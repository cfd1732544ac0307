"""Prints a digest of every table of a demo office, made in a database that it leaves as it was.

Run in a process of its own: what depends on the order of a set, on a number that was counted up
before, or on the moment comes out otherwise in each.
"""

from contextlib import redirect_stdout
from io import StringIO

import django
from django.db import connection, transaction
from django.utils import timezone

NOT_OURS = ("auth_", "django_", "pghistory_context")  # the last has random keys and the reason
TIMES = "timestamp with time zone"
RANDOM = {"password", "pgh_context_id"}  # a salted hash, and the key of a history's context


def main() -> None:
    django.setup()
    from django.core.cache import cache

    from banyang.demo.build import make_demo_office

    cache.clear()
    names = sorted(connection.introspection.django_table_names(only_existing=True))
    tables = [name for name in names if not name.startswith(NOT_OURS)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL banyang.truncates_history = on")
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        print("day", timezone.localdate())
        with redirect_stdout(StringIO()):  # what it says is not what it makes
            make_demo_office()
        for table in tables:
            print(table, *digest(cursor, table))
        transaction.set_rollback(True)


def digest(cursor, table: str) -> tuple[int, str]:
    """How many rows a table has, and a digest of all of them but their times."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND (data_type = %s OR column_name = ANY(%s))",
        [table, TIMES, list(RANDOM)],
    )
    left_out = [name for (name,) in cursor.fetchall()]
    lines = f"SELECT (to_jsonb(t) - %s::text[])::text AS line FROM {table} t"  # noqa: S608 - ours
    digests = "SELECT count(*), md5(string_agg(line, ' ' ORDER BY line))"
    cursor.execute(f"{digests} FROM ({lines}) AS lines", [left_out])
    return cursor.fetchone()


if __name__ == "__main__":
    main()
