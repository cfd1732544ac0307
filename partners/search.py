"""One search box for partners: name, number, full pinyin, initials, credit code, phone tail.

Of a phone number only the tail that its mask shows is searched: searches for other parts would
tell, digit by digit, what the mask hides, and no unmasking would be written down. Who has the
whole number finds by that, too.

Measured at 1,000,000 rows, `ILIKE` alone takes 750 ms and trigrams are blind below three
characters, so a partner stores the bigrams of its search text in an array with a GIN index;
a search narrows by the bigrams of its words and rechecks with `LIKE`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, TextField, Value
from pypinyin import lazy_pinyin
from pypinyin.core import Pinyin

from banyang.foundation.phones import WITHOUT_AREA, area_of, line_of, normalise, tail
from banyang.foundation.text import comparable, without_blanks

if TYPE_CHECKING:
    from partners.models import Partner, PartnerQuerySet

SEPARATOR = "\n"  # between the parts of a search text: nobody types it, so no match spans two

# A partner's number as people write it, made comparable: 152, 152号, 第 152 号, No. 152.
NUMBER = re.compile(r"(?:第|no\.?)?\s*0*([1-9]\d{0,6})\s*号?")

READER = Pinyin()


# `name_key` of a stored partner.
NAME_KEY = Func(
    F("search_text"), Value(SEPARATOR), Value(1), function="split_part", output_field=TextField()
)


class _Whole(str):
    """A part of a name that is no Chinese: it has no initial, or is its own."""

    __slots__ = ()


@lru_cache(maxsize=8)  # what a partner sorts and is found by asks for it three times
def pinyin(name: str) -> tuple[str, ...]:
    """The syllables of a name in lower case; what is no Chinese is left whole."""
    return tuple(chain.from_iterable(map(_syllables, READER.seg(comparable(name)))))


@lru_cache(maxsize=5_000)  # names have most of their words in common
def _syllables(word: str) -> list[str]:
    return lazy_pinyin(word, errors=_Whole)


def search_text(*, name: str, credit_code: str | None, phones: Iterable[str]) -> str:
    """All of a partner that a word can be a part of."""
    parts = [
        name,
        "".join(pinyin(name)),
        "".join(part if isinstance(part, _Whole) else part[0] for part in pinyin(name)),
        credit_code or "",
        *map(tail, phones),
    ]
    return SEPARATOR.join(without_blanks(comparable(part)) for part in parts if part)


def grams(text: str) -> list[str]:
    """The distinct single characters and bigrams of a search text, sorted."""
    found: set[str] = set()
    for part in text.split(SEPARATOR):
        found.update(part)
        found.update(part[i : i + 2] for i in range(len(part) - 1))
    return sorted(found)


def whole_numbers(phones: Iterable[str]) -> set[str]:
    """Each number as people have it whole: with its extension, without, and without the area code."""
    found = set()
    for phone in phones:
        line = line_of(phone)
        found |= {phone, line, line.removeprefix(area_of(line))}
    return found


# What `index` sets.
INDEXED = ("name_pinyin", "search_text", "search_grams", "has_phone")


def index(partner: "Partner", phones: Iterable[str]) -> None:
    """Set what `partner` sorts and is found by, without saving; `phones` are its contacts'."""
    phones = [phone for phone in phones if phone]
    partner.name_pinyin = " ".join(pinyin(partner.name))[:700]
    partner.search_text = search_text(
        name=partner.name, credit_code=partner.credit_code, phones=phones
    )
    partner.search_grams = sorted({*grams(partner.search_text), *whole_numbers(phones)})
    partner.has_phone = bool(phones)


def refresh_search(partner: "Partner") -> None:
    """Store anew what `partner` is found by; every write to its name, code or contacts ends here."""
    index(partner, partner.contacts.values_list("phone", flat=True))
    partner.save(update_fields=INDEXED)


def matching(queryset: "PartnerQuerySet", text: str) -> "PartnerQuerySet":
    """Those of `queryset` that have every word of `text` in their search text, or as a number."""
    condition = Q()
    is_one = _as_number(text) or NUMBER.fullmatch(comparable(text).strip())
    for word in [text] if is_one else text.split():
        condition &= _found_by(without_blanks(comparable(word)))
    return queryset.filter(condition)


def _found_by(word: str) -> Q:
    needed = [word] if len(word) == 1 else [word[i : i + 2] for i in range(len(word) - 1)]
    condition = Q(search_grams__contains=needed)
    if len(word) > 2:  # the bigrams may lie apart; a word of one or two characters is a gram
        condition &= Q(search_text__contains=word)
    if number := _as_number(word):
        condition |= Q(search_grams__contains=[number])
    if own := NUMBER.fullmatch(word):  # has an index of its own, so that both are looked up
        condition |= Q(number=int(own[1]))
    return condition


def _as_number(text: str) -> str:
    """The stored form of a whole phone number, however it is typed, or `""`."""
    try:
        return normalise(text)
    except ValidationError:
        typed = comparable(text).strip()
        return typed if WITHOUT_AREA.fullmatch(typed) else ""
