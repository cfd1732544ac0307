"""A community's own page, which asks every app for what it has of the community."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from banyang.accounts.access import public
from communities.models import Community
from events.models import MarketDay
from projects.models import Project

PROJECTS_SHOWN = 6


@public
def community_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a community is known for, what it wants done, and, for signed-in people, its people."""
    community = get_object_or_404(Community.objects.visible_to(request.user), code=code)
    user = request.user
    projects = Project.objects.open().of_community(community).with_places_left()
    context = {
        "community": community,
        "works_here": Community.objects.manageable_by(user).contains(community),
        "projects": projects.on_page().with_claims_of(user)[:PROJECTS_SHOWN],
        "project_count": projects.count(),
        "need_count": community.needs.on_board().count(),
        "market_day": MarketDay.objects.upcoming().hosted_by(community).first(),
        "secretaries": community.secretaries.visible_to(user).with_people(),
        "helpers": community.helpers.visible_to(user).by_area(),
    }
    return render(request, "communities/community_detail.html", context)
