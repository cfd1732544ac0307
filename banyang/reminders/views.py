"""The inbox of whoever is signed in, and the staff's ledger of reminders."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from banyang.lists import numbered_page
from banyang.reminders import actions
from banyang.reminders.models import Message


def inbox(request: HttpRequest) -> HttpResponse:
    """What the person has been told, day by day; opening it makes it read."""
    actions.open_inbox(by=request.user)
    page = numbered_page(request, Message.objects.visible_to(request.user))
    actions.mark_read(by=request.user)
    return render(request, "reminders/inbox.html", {"page": page})
