"""The street office's own pages: its details, and when it works."""

from datetime import MINYEAR

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyang.accounts.access import get_manageable, staff_required
from banyang.foundation.dates import day as in_words
from banyang.foundation.forms import submitted
from banyang.foundation.pages import confirm
from banyang.office import actions, announcements
from banyang.office.forms import CalendarDayForm, OfficeForm
from banyang.office.models import CalendarDay, Office


@staff_required
def office_edit(request: HttpRequest) -> HttpResponse:
    """Change what every page says about the street office."""
    form = OfficeForm(request.POST or None, instance=Office.objects.get(pk=Office.current().pk))
    with submitted(form) as is_valid:
        if is_valid:
            actions.update_office(office=form.instance, by=request.user, **form.cleaned_data)
            messages.success(request, _("The office's details are changed; every page shows them."))
            return redirect("office_edit")
    return render(request, "office/office_edit.html", {"form": form})


# --- The working calendar ------------------------------------------------------------------


def _year(request: HttpRequest) -> int:
    """The year that the URL names, else this one."""
    asked = request.GET.get("year", "")
    named = asked.isdecimal() and len(asked) == 4 and int(asked) >= MINYEAR
    return int(asked) if named else timezone.localdate().year


def _calendar_url(year: int) -> str:
    return f"{reverse('calendar_edit')}?year={year}"


@staff_required
def calendar_edit(request: HttpRequest) -> HttpResponse:
    """A year's holidays and make-up working days."""
    year = _year(request)
    days = list(CalendarDay.objects.manageable_by(request.user).in_year(year))
    context = {
        "year": year,
        "days": days,
        "is_filled": any(day.is_announced for day in days),
        "is_announced": announcements.is_announced(year),
    }
    return render(request, "office/calendar_edit.html", context)


@staff_required
@require_POST
def calendar_load(request: HttpRequest) -> HttpResponse:
    """Fill a year with the announced days."""
    year = _year(request)
    words = {"year": year, "count": actions.load_calendar(year=year, by=request.user)}
    if announcements.is_announced(year):
        messages.success(request, _("Filled in: %(count)s days of %(year)s.") % words)
    else:
        messages.warning(request, _("The holidays of %(year)s are not announced yet.") % words)
    return redirect(_calendar_url(year))


@staff_required
def calendarday_add(request: HttpRequest) -> HttpResponse:
    """Put a day that differs from the week's rule into the calendar."""
    return _calendarday(request, CalendarDay())


@staff_required
def calendarday_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a day of the calendar."""
    return _calendarday(request, get_manageable(CalendarDay, request.user, pk=pk))


def _calendarday(request: HttpRequest, day: CalendarDay) -> HttpResponse:
    cancel_url = _calendar_url(day.date.year if day.pk else _year(request))
    form = CalendarDayForm(request.POST or None, instance=day)
    with submitted(form) as is_valid:
        if is_valid:
            actions.save_calendar_day(day=form.instance, by=request.user)
            messages.success(
                request,
                _("%(day)s is in the calendar. Reminders keep to it from now on.")
                % {"day": in_words(form.instance.date)},
            )
            return redirect(_calendar_url(form.instance.date.year))
    context = {"form": form, "day": day, "cancel_url": cancel_url}
    return render(request, "office/calendarday_edit.html", context)


@staff_required
def calendarday_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the week's rule hold on a day again."""
    day = get_manageable(CalendarDay, request.user, pk=pk)
    back = _calendar_url(day.date.year)
    if request.method == "POST":
        actions.remove_calendar_day(day=day.date, by=request.user)
        messages.success(request, _("%(day)s is an ordinary day.") % {"day": in_words(day.date)})
        return redirect(back)
    works = day.date.weekday() < 5
    return confirm(
        request,
        heading=_("Remove %(day)s from the calendar?") % {"day": in_words(day.date)},
        effects=[
            _("It is a working day like any other.")
            if works
            else _("It is a day off like any other.")
        ],
        verb=_("Remove"),
        cancel_url=back,
    )
