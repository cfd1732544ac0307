"""The unified social credit code (统一社会信用代码, GB 32100-2015)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength
from stdnum.exceptions import ValidationError as StdnumError

from banyang.foundation.text import half_width, without_blanks


def normalise_credit_code(text: object) -> str:
    """The stored form: half-width, upper case, without spaces and dashes."""
    return without_blanks(half_width(text).upper()).replace("-", "")


def validate_credit_code(code: str) -> None:
    """Raise `ValidationError`, saying what is wrong, unless `code` is a valid stored form."""
    try:
        uscc.validate(code)
    except InvalidLength:
        raise ValidationError(
            _("The unified social credit code has 18 characters, this one has %(length)d."),
            code="length",
            params={"length": len(code)},
        ) from None
    except InvalidChecksum:
        raise ValidationError(
            _(
                "The last character of this unified social credit code does not fit the others: compare it with the licence."
            ),
            code="checksum",
        ) from None
    except StdnumError:
        raise ValidationError(
            _(
                "A unified social credit code has only digits and capital letters without I, O, S, V and Z."
            ),
            code="format",
        ) from None
