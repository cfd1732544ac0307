"""Forms whose words everybody will read: they give nobody away by oversight."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from banyang.foundation import phones
from banyang.foundation.forms import PhoneField, _fingerprint
from banyang.foundation.text import half_width, without_blanks

WORDS_SAID = 5  # of what is private in a text; whoever left more in looks through all of it anyway


class PublicWords(forms.BaseForm):
    """For forms whose words everybody will read: they give nobody away by oversight.

    A phone number, or one of the `private_names`, stays in the fields called `public` only if
    somebody ticks that it may. The tick is there once such words are.
    """

    public: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = self.private_names()
        found = {
            name: _private_in(self._readable(name), names)
            for name in self.public
            if name in self.fields
        }
        self.private_words = {name: words for name, words in found.items() if words}
        if self.private_words:
            self._ask_whether_to_keep()

    def _readable(self, name: str) -> str:
        """What stands in a field; nothing where it is too long, which the field itself refuses.

        Looking for numbers takes time by the text's length, and anybody may send megabytes.
        """
        text = str(self[name].value() or "").strip()
        limit: int = self.fields[name].max_length  # type: ignore[attr-defined]
        return text if len(text) <= limit else ""

    def private_names(self) -> Sequence[str]:
        """Whose names are not for everybody, as far as is known."""
        return ()

    def _ask_whether_to_keep(self) -> None:
        found = [word for words in self.private_words.values() for word in words]
        said = list(dict.fromkeys(found))
        self._all_private = _listed(said)
        # The tick is for the words beside it, not for those that are typed afterwards.
        words = _fingerprint(said)
        self._may_keep = self.data.get(self.add_prefix("keeps_private")) == words
        self.fields["keeps_private"] = forms.BooleanField(
            label=_("Leave %(words)s in: everybody may read it") % {"words": self._all_private},
            required=False,
            widget=forms.CheckboxInput({"value": words}, check_test=lambda _sent: self._may_keep),
        )
        order = list(self.fields)[:-1]
        last = max(order.index(name) for name in self.private_words)
        order.insert(last + 1, "keeps_private")
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data.pop("keeps_private", None)
        if self.private_words and not self._may_keep:
            for name, words in self.private_words.items():
                self.add_error(name, self._why_not(_listed(words)))
        return data

    def _why_not(self, words: str) -> str:
        said = {"words": words, "kept": self._all_private}
        phone = next(
            (field for field in self.fields.values() if isinstance(field, PhoneField)), None
        )
        if phone is not None and phones.numbers_in(words):
            return _(
                "Everybody would read %(words)s here: take it out; a phone number goes under "
                "“%(field)s”. To make it public all the same, tick “Leave %(kept)s in”."
            ) % (said | {"field": phone.label})
        return (
            _(
                "Everybody would read %(words)s here: take it out. To make it public all the "
                "same, tick “Leave %(kept)s in”."
            )
            % said
        )


def _listed(words: Sequence[str]) -> str:
    """The words one after another, each said once; of many the first, and how many there are."""
    each = list(dict.fromkeys(words))
    said = _(", ").join(each[:WORDS_SAID])
    if len(each) <= WORDS_SAID:
        return said
    return _("%(words)s and others, %(count)s in all") % {"words": said, "count": len(each)}


def _private_in(text: str, names: Sequence[str]) -> list[str]:
    """What `text` gives away: those of the `names` that stand in it, and phone numbers."""
    named = [_("the name %(name)s") % {"name": name} for name in names if _stands_in(text, name)]
    numbers = [_("the phone number %(number)s") % {"number": n} for n in phones.numbers_in(text)]
    return named + numbers


def _stands_in(text: str, name: str) -> bool:
    """Whether `text` has this name in it; a single letter is none to look for, and a page neither."""
    letters = without_blanks(half_width(name[: phones.LONGEST_NAME]))
    if len(letters) < 2:
        return False
    spaced = r"\s*".join(re.escape(letter) for letter in letters)
    whole = rf"(?<![a-z]){spaced}(?![a-z])"
    return bool(re.search(whole, half_width(text), re.IGNORECASE))
