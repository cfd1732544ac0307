"""Partner numbers: given in the order of signing, never skipped, never reused."""

from partners.models import NumberBook


def next_numbers(count: int = 1) -> range:
    """The next `count` partner numbers, taken from the number book.

    Expects to run inside the transaction that gives the numbers to partners: the book's row
    stays locked until that transaction ends, so signings queue here, and a signing that fails
    puts its number back.
    """
    book, _created = NumberBook.objects.select_for_update().get_or_create(pk=1)
    first = book.last + 1
    book.last += count
    book.save()
    return range(first, first + count)
