"""How far a step of an import is, as a note in the cache.

The database can't hold it: nobody sees into the step's transaction before it ends. Without a note
no step runs, or it died.
"""

from django.core.cache import cache

SECONDS = 150  # a step that says nothing for so long is taken for dead; a reader has 120


def note(pk: int, done: int, total: int = 0) -> None:
    """Write down that the running step of import `pk` has done so many rows."""
    cache.set(_key(pk), {"done": done, "total": total}, SECONDS)


def queued(pk: int) -> None:
    """Write down that a step of import `pk` waits for a worker."""
    cache.set(_key(pk), {"queued": True}, SECONDS)


def read(pk: int) -> dict[str, int] | None:
    """What was last written down, or None if no step seems to run."""
    return cache.get(_key(pk))


def forget(pk: int) -> None:
    cache.delete(_key(pk))


def _key(pk: int) -> str:
    return f"import-{pk}"
