"""The street office's own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from banyang.accounts.access import staff_required
from banyang.office import actions
from banyang.office.forms import OfficeForm
from banyang.office.models import Office


@staff_required
def office_edit(request: HttpRequest) -> HttpResponse:
    """Change what every page says about the street office."""
    form = OfficeForm(request.POST or None, instance=Office.objects.get(pk=Office.current().pk))
    if form.is_valid():
        actions.update_office(office=form.instance, by=request.user, **form.cleaned_data)
        messages.success(request, _("The office's details are changed; every page shows them."))
        return redirect("office_edit")
    return render(request, "office/office_edit.html", {"form": form})
