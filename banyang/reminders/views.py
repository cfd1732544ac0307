"""The inbox of whoever is signed in, and the staff's ledger of reminders."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from banyang.accounts.access import get_manageable, staff_required
from banyang.foundation.dates import moment
from banyang.foundation.forms import submitted
from banyang.foundation.listing import keyset_page, numbered_page
from banyang.foundation.pages import confirm
from banyang.reminders import actions
from banyang.reminders.composing import preview
from banyang.reminders.forms import ReminderFilter, RescheduleForm, StopForm
from banyang.reminders.history import corrections_of
from banyang.reminders.models import Message, Reminder
from banyang.reminders.sending import delayed, goes_out_at

# --- Everybody's inbox ---------------------------------------------------------------------


def inbox(request: HttpRequest) -> HttpResponse:
    """What the person has been notified of, day by day; what is shown is then read."""
    actions.open_inbox(by=request.user)
    page = numbered_page(request, Message.objects.visible_to(request.user))
    actions.mark_read(shown=page.rows, by=request.user)
    return render(request, "reminders/inbox.html", {"page": page})


# --- The staff's ledger --------------------------------------------------------------------


@staff_required
def reminder_list(request: HttpRequest) -> HttpResponse:
    """Everything that anybody was, is or will be reminded of."""
    filters = ReminderFilter(request.GET)
    visible = Reminder.objects.visible_to(request.user)
    page = keyset_page(
        request,
        filters.filtered(visible.with_recipient()),
        visible=visible,
        by=filters.sort_expression,
        descending=filters.descending,
    )
    context = {
        "filters": filters,
        "page": page,
        "rows": preview(page.rows, delayed(page.rows)),
        "has_any": bool(page.rows) or visible.exists(),
    }
    return render(request, "reminders/reminder_list.html", context)


@staff_required
def reminder_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One reminder: the words, the times, what went wrong, who stepped in."""
    reminder = get_manageable(Reminder, request.user, pk=pk)
    [row] = preview([reminder])
    context = {
        "reminder": reminder,
        "row": row,
        "goes_out_at": goes_out_at(reminder) if reminder.is_waiting else None,
        "corrections": corrections_of(reminder),
    }
    return render(request, "reminders/reminder_detail.html", context)


@staff_required
def reminder_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Make sure that a reminder does not go out."""
    reminder = get_manageable(Reminder, request.user, pk=pk)
    form = StopForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            actions.stop_reminder(reminder=reminder, by=request.user, **form.cleaned_data)
            messages.success(request, _("The reminder is stopped. It can be resent at any time."))
            return redirect(reminder)
    return _confirm(
        request,
        reminder,
        form=form,
        heading=_("Stop this reminder?"),
        verb=_("Stop reminder"),
        effects=[_("%(name)s will not be told.") % {"name": reminder.recipient}],
        danger=True,
    )


@staff_required
def reminder_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reminder once more."""
    reminder = get_manageable(Reminder, request.user, pk=pk)
    if request.method == "POST":
        actions.resend_reminder(reminder=reminder, by=request.user)
        when = {"moment": moment(goes_out_at(reminder))}
        messages.success(
            request, _("The reminder is in the inbox at once and goes out on %(moment)s.") % when
        )
        return redirect(reminder)
    return _confirm(
        request,
        reminder,
        heading=_("Resend this reminder?"),
        verb=_("Resend"),
        effects=[
            _("%(name)s finds it in the inbox at once.") % {"name": reminder.recipient},
            _("It goes out in reminder hours, with the message of the day."),
        ],
    )


@staff_required
def reminder_reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct when a reminder is due."""
    reminder = get_manageable(Reminder, request.user, pk=pk)
    form = RescheduleForm(request.POST or None, initial={"due_at": reminder.due_at})
    with submitted(form) as is_valid:
        if is_valid:
            actions.reschedule_reminder(reminder=reminder, by=request.user, **form.cleaned_data)
            when = {"moment": moment(goes_out_at(reminder))}
            messages.success(request, _("The reminder goes out on %(moment)s.") % when)
            return redirect(reminder)
    return _confirm(
        request, reminder, form=form, heading=_("Change the time"), verb=_("Save the time")
    )


@staff_required
def reminder_stop_all(request: HttpRequest) -> HttpResponse:
    """Stop every waiting reminder that the ledger's filters leave."""
    filters = ReminderFilter(request.GET)
    if not filters.narrows:
        raise PermissionDenied  # never the whole ledger at one press
    waiting = filters.filtered(Reminder.objects.manageable_by(request.user)).waiting()
    back = reverse("reminder_list") + filters.query
    form = StopForm(request.POST or None)
    with submitted(form) as is_valid:
        if is_valid:
            count = actions.stop_reminders(reminders=waiting, by=request.user, **form.cleaned_data)
            messages.success(request, _("Stopped: %(count)s reminders.") % {"count": count})
            return redirect(back)
    count = waiting.count()
    return confirm(
        request,
        template="reminders/reminder_confirm.html",
        heading=_("Stop these reminders?"),
        effects=[
            *(f"{chip.label}{_(': ')}{chip.value}" for chip in filters.chips if chip.label),
            _("%(count)s reminders that still wait will not be sent.") % {"count": count},
        ],
        verb=_("Stop %(count)s reminders") % {"count": count},
        cancel_url=back,
        form=form,
        danger=True,
    )


def _confirm(request: HttpRequest, reminder: Reminder, **question: Any) -> HttpResponse:
    return confirm(
        request,
        template="reminders/reminder_confirm.html",
        reminder=reminder,
        cancel_url=reminder.get_absolute_url(),
        **question,
    )
