"""Text that people enter, in the forms in which it is compared: by every room the same.

Chinese keyboards write digits, letters and brackets twice as wide (１３８, ＡＢＣ, （）), and the same
name comes with and without blanks.
"""

import unicodedata


def half_width(text: object) -> str:
    """`text` with its wide digits, letters and signs in their usual width (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", str(text or ""))


def comparable(text: object) -> str:
    """`text` in half width and lower case, so that what is typed meets what is stored."""
    return half_width(text).lower()


def without_blanks(text: str) -> str:
    """`text` without blanks, tabs and line ends."""
    return "".join(text.split())


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return without_blanks(comparable(name))
