"""Pages that combine several apps: the front page, the worklists, health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from banyang.accounts.access import public


@public
def front(request: HttpRequest) -> HttpResponse:
    """The public front page."""
    return render(request, "front.html")


def home(request: HttpRequest) -> HttpResponse:
    """Today's worklist for whoever is signed in."""
    return render(request, "home.html")


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Says `ok` while the database answers; for load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
