"""Two people at once: callables run on database connections of their own."""

import time
from collections.abc import Callable
from threading import Barrier, Thread

from django.db import connection, transaction

SECONDS = 90


def at_once(jobs: list[Callable[[], object]]) -> list[object]:
    """Run every job in a thread and on a database connection of its own, all from one barrier.

    Gives what each returned or raised.
    """
    barrier, results = Barrier(len(jobs), timeout=SECONDS), [None] * len(jobs)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            results[number] = jobs[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def once_all_wait(
    jobs: list[Callable[[], object]],
    *,
    behind: Callable[[], object],
    then: Callable[[], object] = lambda: None,
) -> list[object]:
    """Run the jobs while a transaction in which `behind` was done holds all of them up; then end it.

    So they set off together from the first row that they have in common with it. What is to be
    done in it once they wait is `then`.
    """
    results: list[object] = []
    held_up = Thread(target=lambda: results.extend(at_once(jobs)))
    with transaction.atomic():
        behind()
        held_up.start()
        deadline = time.monotonic() + SECONDS
        while _waiting() < len(jobs):
            assert time.monotonic() < deadline, "they did not come to wait"
            time.sleep(0.01)
        then()
    held_up.join()
    return results


def _waiting() -> int:
    """How many sessions wait for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]
