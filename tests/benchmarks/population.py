"""Partners by the million: the same every time, named like those of the demo office."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from stdnum.cn import uscc

from banyang.demo.words import LUCKY, TRADES
from banyang.foundation.text import comparable
from communities.models import Community
from partners import search
from partners.models import Contact, NumberBook, Partner

RARE, RARE_EVERY = "琉璃", 5_000  # partners
COMMON = "便民"  # one partner in thirteen
FIRST_DAY = date(2020, 9, 1)
# Each trade as often as the demo office has it.
SHOPS = [(suffix, kind, offers) for suffix, kind, offers, times in TRADES for _ in range(times)]
SHARED = "number name kind credit_code address offers status signed_on agreement_ends_on"
PARTNER_COLUMNS = (
    f"id {SHARED} community_id party_branch note created_at name_pinyin search_text search_grams"
    " has_phone"
)
CONTACT_COLUMNS = "partner_id name post phone is_main"


def partner(number: int, community: str) -> dict[str, Any]:
    """The `number`-th partner, as an office's list has it."""
    mixed = number * 2_654_435_761 % 2**32  # neighbours have nothing in common
    suffix, kind, offers = SHOPS[mixed % len(SHOPS)]
    lucky = LUCKY[mixed // 151 % len(LUCKY)]
    if number % RARE_EVERY == 77:
        suffix = f"{RARE}博物馆"
    signed_on = FIRST_DAY + timedelta(days=number % 2_000)
    code = f"91370302MA{number:07d}"
    return {
        "number": number,
        "name": community.removesuffix("社区") + lucky + suffix,
        "kind": kind,
        "credit_code": code + uscc.calc_check_digit(code),
        "community": community,
        "address": f"般阳路{mixed % 400 + 1}号",
        "contact": "王李张刘陈杨赵黄周吴"[mixed % 10] + lucky[0],
        "phone": f"190{mixed % 10**8:08d}",
        "status": Partner.Status.SIGNED,
        "signed_on": signed_on,
        "agreement_ends_on": timezone.localdate() + timedelta(days=1 + number % 365),  # renewed
        "offers": offers,
    }


def partners(first: int, last: int) -> Iterator[dict[str, Any]]:
    """Partners `first` to `last`, of every community in turn."""
    names = list(Community.objects.values_list("short_name", flat=True))
    return (partner(number, names[number % len(names)]) for number in range(first, last + 1))


@cache
def _name_index(name: str) -> Partner:
    indexed = Partner(name=name)
    search.index(indexed, [])
    return indexed


def search_columns(name: str, credit_code: str, phone: str) -> tuple[str, str, list[str]]:
    """What `search.index` sets, with the work on the name done once for all who bear it."""
    by_name = _name_index(name)
    rest = search.SEPARATOR.join([comparable(credit_code), phone[-4:]])
    numbers = search.whole_numbers([phone])
    grams = sorted({*by_name.search_grams, *search.grams(rest), *numbers})
    return by_name.name_pinyin, by_name.search_text + search.SEPARATOR + rest, grams


def load(last: int) -> None:
    """Fill the partner list up to number `last`, as if it had grown so."""
    first = Partner.objects.count() + 1
    indexes = Partner._meta.indexes if last - first > 50_000 else []
    with transaction.atomic(), connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(Partner, index)
        _copy(first, last)
        connection.cursor().execute("SET LOCAL maintenance_work_mem = '512MB'")
        for index in indexes:
            editor.add_index(Partner, index)
    NumberBook.objects.update_or_create(pk=1, defaults={"last": last})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) partners_partner, partners_contact")


def _copy(first: int, last: int) -> None:
    communities = dict(Community.objects.values_list("short_name", "pk"))
    now = timezone.now()
    rows, contacts = partners(first, last), []
    with connection.cursor() as cursor:
        # History and rules of single rows have their own tests; here they would take minutes.
        for model in (Partner, Contact):
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        into = ", ".join(PARTNER_COLUMNS.split())
        with cursor.copy(f"COPY partners_partner ({into}) FROM STDIN") as copy:
            for row in rows:
                name, code, phone = row["name"], row["credit_code"], row["phone"]
                facts = [row["number"], *(row[fact] for fact in SHARED.split())]
                location = [communities[row["community"]], "", ""]
                copy.write_row([*facts, *location, now, *search_columns(name, code, phone), True])
                contacts.append((row["number"], row["contact"], "", phone, True))
        into = ", ".join(CONTACT_COLUMNS.split())
        with cursor.copy(f"COPY partners_contact ({into}) FROM STDIN") as copy:
            for contact in contacts:
                copy.write_row(contact)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in (Partner, Contact):
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('partners_partner', 'id'), %s)", [last]
        )


def empty() -> None:
    """Forget all partners, and everything that was done with them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE partners_partner, partners_numberbook CASCADE")
