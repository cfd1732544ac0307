"""A community's own page, which asks every app for what it has of the community."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from banyang.accounts.access import public
from communities.models import Community, Helper, Secretary
from events.models import MarketDay
from projects.models import Need, Project

PROJECTS_SHOWN = 6


@public
def community_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a community is known for, what it wants done, and, for signed-in people, its people."""
    community = get_object_or_404(Community.objects.visible_to(request.user), code=code)
    user = request.user
    of_it = {"community": community}
    projects = Project.objects.open().filter(list__community=community).with_places_left()
    context = {
        "community": community,
        "works_here": Community.objects.manageable_by(user).filter(pk=community.pk).exists(),
        "projects": projects.select_related("list__community")[:PROJECTS_SHOWN],
        "project_count": projects.count(),
        "need_count": Need.objects.on_board().filter(**of_it).count(),
        "market_day": MarketDay.objects.upcoming().hosted_by(community).first(),
        "secretaries": Secretary.objects.visible_to(user).filter(**of_it).select_related("user"),
        "helpers": Helper.objects.visible_to(user).filter(**of_it),
    }
    return render(request, "communities/community_detail.html", context)
