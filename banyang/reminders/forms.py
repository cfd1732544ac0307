"""Forms of the ledger of reminders."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banyang.foundation.forms import DayField, MomentField, ReasonField
from banyang.foundation.listing import FilterForm, Sort
from banyang.reminders.kinds import KINDS
from banyang.reminders.models import Reminder, ReminderQuerySet


class ReminderFilter(FilterForm):
    """Narrows the ledger."""

    SORTS = {"due": Sort(_("due at"), "due_at")}

    q = forms.CharField(
        label=_("Search"),
        widget=forms.SearchInput(attrs={"placeholder": _("Name or words")}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("still waiting")),
            *Reminder.State.choices,
            ("all", _("everything, sent ones too")),
        ],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=lambda: [("", _("all")), *((kind.name, kind.label) for kind in KINDS.values())],
    )
    since = DayField(label=_("Due from"))
    until = DayField(label=_("Due until"))

    def __init__(self, params: QueryDict, **kwargs: Any) -> None:
        super().__init__(params, **kwargs)
        # What is shown as chosen while nothing is: the first, like everywhere.
        if not self._of_what_waits:
            self.fields["sort"].choices = reversed(list(self._sort_choices()))

    @property
    def _of_what_waits(self) -> bool:
        return self.active.get("state", Reminder.State.WAITING) == Reminder.State.WAITING

    @property
    def sort(self) -> str:
        """What waits begins with the next to be sent; other lists begin with the newest."""
        return self.cleaned_data.get("sort") or ("due" if self._of_what_waits else "-due")

    @property
    def narrows(self) -> bool:
        """Whether the filters pick some of all that waits, and not all of it."""
        return bool(self.active.keys() - {"state"})

    def filtered(self, queryset: ReminderQuerySet) -> ReminderQuerySet:
        """Those that wait, unless another state or all are asked for."""
        if "state" not in self.active:
            queryset = queryset.waiting()
        for name, value in self.active.items():
            queryset = getattr(self, f"_by_{name}")(queryset, value)
        return queryset

    def _by_q(self, queryset: ReminderQuerySet, value: str) -> ReminderQuerySet:
        return queryset.filter(
            Q(recipient__name__icontains=value)
            | Q(recipient__username__iexact=value)
            | Q(text__icontains=value)
        )

    def _by_state(self, queryset: ReminderQuerySet, value: str) -> ReminderQuerySet:
        return queryset if value == "all" else queryset.filter(state=value)

    def _by_kind(self, queryset: ReminderQuerySet, value: str) -> ReminderQuerySet:
        return queryset.filter(kind=value)

    def _by_since(self, queryset: ReminderQuerySet, value: Any) -> ReminderQuerySet:
        return queryset.filter(due_at__gte=_begin(value))

    def _by_until(self, queryset: ReminderQuerySet, value: Any) -> ReminderQuerySet:
        return queryset.filter(due_at__date__lte=value)


def _begin(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class StopForm(forms.Form):
    reason = ReasonField(help_text=_("Colleagues read it in the ledger; the recipient does not."))


class RescheduleForm(forms.Form):
    """When a reminder is due; in the office's time zone, to the minute."""

    due_at = MomentField(
        label=_("Due at"),
        help_text=_("It goes out at the next decent moment from then on."),
    )
