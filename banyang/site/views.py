"""Pages that combine several rooms: the front page, the worklists, a community's page, health."""

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from banyang.accounts.access import public
from banyang.foundation.worklist import worklist
from communities.models import Community
from events.markets.models import MarketDay
from partners.models import Partner
from projects.claims.models import Claim
from projects.claims.projects import with_claims_of
from projects.deliveries.models import Delivery
from projects.lists.models import Project, ProjectList
from projects.needs.models import Need

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
    return render(request, "site/front.html", context)


def _open_projects(request: HttpRequest) -> QuerySet[Project]:
    """The newest that can be claimed now, with what the reader's own partners have of them."""
    projects = Project.objects.open().with_capacity_left().newest()
    return with_claims_of(projects, request.user)[:OPEN_PROJECTS_SHOWN]


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
        "worklist": worklist(user, today),
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
    return render(request, "site/home.html", context)


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Says `ok` while the database answers; for load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


PROJECTS_SHOWN = 6


@public
def community_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a community is known for, what it wants done, and, for signed-in people, its people."""
    community = get_object_or_404(Community.objects.visible_to(request.user), code=code)
    user = request.user
    projects = Project.objects.open().of_community(community).with_capacity_left()
    context = {
        "community": community,
        "works_here": Community.objects.manageable_by(user).contains(community),
        "projects": with_claims_of(projects.on_page(), user)[:PROJECTS_SHOWN],
        "project_count": projects.count(),
        "need_count": community.needs.on_board().count(),
        "market_day": MarketDay.objects.upcoming().hosted_by(community).first(),
        "secretaries": community.secretaries.visible_to(user).with_people(),
        "helpers": community.helpers.visible_to(user).by_area(),
    }
    return render(request, "communities/community_detail.html", context)
