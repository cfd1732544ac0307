"""Asks before somebody gets a role whose number is known under another name."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.foundation.text import name_key


class HolderForm(forms.Form):
    """For forms that give a role to whoever has this `phone`, and ask for the `name` as well.

    One digit mistyped would let a stranger in: where the number is that of an account under
    another name, whoever fills in the form says that it is this person. For staff: it tells whose
    number it is.
    """

    is_them = forms.BooleanField(label=gettext_lazy("It is this person"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["is_them"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data.pop("is_them", None)
        name: str = data.get("name", "")
        phone: str = data.get("phone", "")
        holder = User.objects.active().filter(phone=phone).first() if name and phone else None
        if holder is None or name_key(holder.name) == name_key(name):
            del self.fields["is_them"]
        elif not self._is_said_to_be(holder):
            self.add_error(
                "is_them",
                _(
                    "This number belongs to the account of %(name)s. Check the number; "
                    "tick if %(name)s is whom you mean."
                )
                % {"name": holder},
            )
        return data

    def _is_said_to_be(self, holder: User) -> bool:
        """Whether the tick is set, and was set at this person; from now on it stands for them."""
        tick, key = self.add_prefix("is_them"), str(holder.pk)
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        said: bool = data.get(tick) == key
        if not said:
            data.pop(tick, None)
            self.data = data
        self.fields["is_them"].widget.attrs["value"] = key
        return said
