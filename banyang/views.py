"""Pages that combine several apps: the front page, the worklists, health."""

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

import events.worklist
import partners.worklist
import projects.worklist
from banyang.accounts.access import public
from banyang.worklist import worklist
from communities.models import Community
from events.models import MarketDay
from partners.models import Partner
from projects.models import Claim, Delivery, Need, Project, ProjectList

FIGURES_FOR = 300  # seconds that the front page's figures may be old
OPEN_PROJECTS_SHOWN = 6
OWN_CLAIMS_SHOWN = 6


@public
def front(request: HttpRequest) -> HttpResponse:
    """The public front page: what the programme is, what is going on, how to take part."""
    context = {
        "figures": cache.get_or_set("front_figures", figures, FIGURES_FOR),
        "projects": _open_projects(request),
        "opening_lists": ProjectList.objects.opening_soon(),
        "market_day": MarketDay.objects.upcoming().with_host().first(),
        "communities": Community.objects.all(),
    }
    return render(request, "front.html", context)


def _open_projects(request: HttpRequest) -> QuerySet[Project]:
    """The newest that can be claimed now, with what the reader's own partners have of them."""
    projects = Project.objects.open().with_places_left().newest()
    return projects.with_claims_of(request.user)[:OPEN_PROJECTS_SHOWN]


def figures() -> dict[str, int]:
    """The programme in numbers, each counted by the app that it belongs to."""
    return {
        "partners": Partner.objects.signed().count(),
        "claims": Claim.objects.agreed().count(),
        "residents_served": Delivery.objects.totals()["residents"],
        "needs": Need.objects.answered().count(),
    }


def home(request: HttpRequest) -> HttpResponse:
    """Today's worklist for whoever is signed in."""
    user, today = request.user, timezone.localdate()
    context = {
        "today": today,
        "worklist": worklist(
            today,
            partners.worklist.tasks(user, today),
            projects.worklist.tasks(user, today),
            events.worklist.tasks(user, today),
        ),
    }
    if user.is_partner:
        own = list(Partner.objects.represented_by(user))
        context |= {
            "partners": own,
            "has_signed": any(partner.number for partner in own),
            "claims": Claim.objects.represented_by(user).standing()[:OWN_CLAIMS_SHOWN],
            "projects": _open_projects(request),
            "opening_lists": ProjectList.objects.opening_soon(),
        }
    if user.is_secretary:
        context["communities"] = Community.objects.manageable_by(user)
    return render(request, "home.html", context)


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Says `ok` while the database answers; for load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
