"""Chinese phone numbers: one stored form, one masked form."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}\d{7,8}(-\d{1,5})?|\d{7,8}|[48]00\d{7}")


def normalise(text: object) -> str:
    """The stored form of a phone number as people type it, or `""` for none.

    Full-width digits, spaces, dashes, brackets and a leading +86 are removed; an extension
    keeps its dash. Raises `ValidationError` if what is left is no Chinese number.
    """
    digits = unicodedata.normalize("NFKC", str(text or "")).strip()
    digits = re.sub(r"\.0$", "", digits)  # Excel gives whole numbers as floats
    extension = ""
    if found := re.search(r"(?:转|#|ext\.?)\s*(\d{1,5})$", digits, re.IGNORECASE):
        digits, extension = digits[: found.start()], "-" + found[1]
    digits = re.sub(r"[\s\-—–()]", "", digits)
    digits = re.sub(r"^(?:\+|00)86", "", digits)
    if not digits:
        return ""
    if MOBILE.fullmatch(digits) and not extension:
        return digits
    if LANDLINE.fullmatch(digits):
        return digits + extension
    raise ValidationError(
        _(
            "“%(text)s” is no phone number. A mobile number has 11 digits and starts with 1; a landline starts with its area code."
        ),
        code="phone",
        params={"text": text},
    )


def mask(phone: str | None) -> str:
    """`138****1234`: enough to recognise a number, too little to call it."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else f"****{phone[-3:]}"
