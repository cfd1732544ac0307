"""Chinese phone numbers: one stored form, one masked form."""

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banyang.foundation.hooks import Hook
from banyang.foundation.text import half_width

# Says what landline numbers of the town begin with, or `""`; whoever knows registers it.
local_area_code: Hook[[], str] = Hook()

LONGEST_NAME = 100  # letters, of any that may hold no number

DASH = "[-‐‑–—―－]"
MARK = rf"(?:{DASH}{{1,2}}|[.．·])"
# What may stand between two groups of digits: 138 0000 0000, 0533 - 5180000, 138——0000——0000.
GAP = rf"(?:\s?{MARK}\s?|\s{{1,2}})?"
AREA = r"0(?:10|2\d|[3-9]\d\d)"


def _bracketed(digits: str) -> str:
    return rf"(?:{digits}|[(（]\s?{digits}\s?[)）])"


MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(rf"(?P<area>{AREA})\d{{7,8}}|[48]00\d{{7}}")
WITHOUT_AREA = re.compile(r"[2-8]\d{6,7}")
EXTENSION = re.compile(rf"(转|#|ext\.?|{DASH})\s*(\d{{1,5}})$", re.IGNORECASE)
COUNTRY = _bracketed(r"(?:[+＋]|00)?86")
PREFIX = _bracketed(r"1[3-9]\d")
# Behind what reads like a service number, these make amounts of it: 400-800-1200元, but neither
# 400-800-1234元旦 nor 400-800-1234人工. No amount begins as other numbers do.
UNIT = r"\s?(?:万|元(?!旦)|块|人(?!工)|户|米|平|m2)"
# A whole number within a text, in the groups that people write: what they are is said only here.
# A local number in two groups begins as such do; others are times: 0830-1130 1400.
WITHIN = re.compile(
    rf"(?<!\d)(?:{COUNTRY}{GAP})?"
    rf"(?:{PREFIX}{GAP}\d{{4}}{GAP}\d{{4}}|1[3-9]\d\d{MARK}\d{{3}}{MARK}\d{{4}}"
    rf"|{_bracketed(AREA)}{GAP}(?:\d{{7,8}}|[2-9]\d{{2,3}}{GAP}\d{{4}})"
    rf"|[48]00{GAP}\d{{3}}{GAP}\d{{4}}(?!{UNIT}))(?!\d)"
)


def normalise(text: object, *, area_code: Callable[[], str] = str) -> str:
    """The stored form of a phone number as people type it, or `""` for none.

    Full-width digits, spaces, dashes, dots, brackets and a leading +86 are removed; an extension
    keeps its dash. A number without an area code gets the one that `area_code` gives, if any.
    Raises `ValidationError` if what is left is no Chinese number.
    """
    typed = half_width(text).strip()
    typed = re.sub(r"\.0$", "", typed)  # Excel gives whole numbers as floats
    digits, extension = _without_extension(typed)
    if not digits:
        return ""
    if MOBILE.fullmatch(digits) and not extension:
        return digits
    if WITHOUT_AREA.fullmatch(digits):
        digits = area_code() + digits
    if LANDLINE.fullmatch(digits):
        return digits + extension
    raise ValidationError(
        _(
            "“%(text)s” is no phone number. A mobile number has 11 digits and starts with 1; a landline starts with its area code."
        ),
        code="phone",
        params={"text": text},
    )


def _without_extension(typed: str) -> tuple[str, str]:
    """The number that was typed, and its extension with a dash in front, or `""`."""
    if found := EXTENSION.search(typed):
        sign, extension = found.groups()
        digits = _bare(typed[: found.start()])
        # A dash mostly stands within a number: what follows a whole landline is its extension.
        is_dash = re.fullmatch(DASH, sign)
        if not is_dash or LANDLINE.fullmatch(digits) or WITHOUT_AREA.fullmatch(digits):
            return digits, "-" + extension
    return _bare(typed), ""


def _bare(typed: str) -> str:
    """A number without what people put between its digits, and without the country's code."""
    digits = re.sub(rf"\s|[()]|{MARK}", "", typed)
    return re.sub(r"^(?:(?:\+|00)86|86(?=1\d{10}$))", "", digits)


def mobile(text: object) -> str:
    """The stored form of a mobile number, or `""` for none: one that a person signs in with.

    Raises `ValidationError` if it is no mobile number.
    """
    phone = normalise(text)
    if phone and not MOBILE.fullmatch(phone):
        raise ValidationError(
            _("“%(text)s” is no mobile number: it has 11 digits and starts with 1."),
            code="phone",
            params={"text": text},
        )
    return phone


def numbers_in(text: str) -> list[str]:
    """The phone numbers that a text gives away, as they read there in half-width digits."""
    return [found[0] for found in WITHIN.finditer(half_width(text))]


def masked(text: str) -> str:
    """`text` in half-width digits, with every phone number in it masked."""
    narrow = half_width(text)
    return WITHIN.sub(lambda found: mask(_bare(found[0])), narrow)


def validate_no_number(name: str) -> None:
    """Raise `ValidationError` if a person's name holds a phone number: names are never masked.

    What is longer than any name may be is refused as that, before anybody reads megabytes of it.
    """
    if len(name) <= LONGEST_NAME and numbers_in(name):
        raise ValidationError(
            _("A name holds no phone number. Write the name alone here, and the number as phone."),
            code="phone_in_name",
        )


def validate_is_none(username: str) -> None:
    """Raise `ValidationError` if a username reads as a phone number: sign-in takes either."""
    try:
        normalise(username)
    except ValidationError:
        return
    raise ValidationError(
        _("A username that is a phone number could be somebody else's. Put a letter into it."),
        code="phone",
    )


def area_of(phone: str) -> str:
    """The area code of a landline number, however it is written, or `""`."""
    found = LANDLINE.match(_bare(half_width(phone)))
    return (found["area"] or "") if found else ""


def mask(phone: str | None) -> str:
    """`138****1234`, `0533****1234`: enough to recognise a number, too little to call it.

    Of a number in its stored form its area code stays, or its first three digits where it has
    none. Of anything else, such as a number without its area code, only the tail is left.
    """
    if not phone:
        return ""
    line = line_of(phone)
    landline = LANDLINE.fullmatch(line)
    is_whole = landline or MOBILE.fullmatch(line)
    begin = (landline and landline["area"]) or (line[:3] if is_whole else "")
    return f"{begin}****{tail(phone)}"


def line_of(phone: str) -> str:
    """A stored number without its extension."""
    return phone.partition("-")[0]


def tail(phone: str) -> str:
    """The last digits of a stored number: what its mask shows, and a search finds it by."""
    line = line_of(phone)
    return line[-4:] if len(line) > 7 else line[-3:]
