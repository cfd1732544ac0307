"""Projects as their claims make them; what other pages show of it is registered in `apps.py`."""

from typing import Any

from django.db.models import Prefetch

from banyang.accounts.models import User, Visitor
from partners.models import Partner
from projects.catalogue.models import Service
from projects.claims.models import Claim
from projects.lists.models import Project, ProjectQuerySet

OF_SERVICE_SHOWN = 20  # projects on a service's page


def with_a_line(projects: ProjectQuerySet) -> ProjectQuerySet:
    """Those on whose places somebody waits."""
    return projects.filter(claims__state=Claim.State.WAITING).distinct()


def not_claimed_by(projects: ProjectQuerySet, partner: Partner) -> ProjectQuerySet:
    return projects.exclude(pk__in=partner.claims.active().values("project"))


def with_claims_of(projects: ProjectQuerySet, user: User | Visitor) -> ProjectQuerySet:
    """Each with `own`: the claims on it that partners of `user` have, and how they stand."""
    if not user.is_partner:
        return projects
    claims = Claim.objects.active().represented_by(user)
    claims = claims.select_related("partner").with_position_in_line()
    return projects.prefetch_related(Prefetch("claims", claims, to_attr="own"))


def claims_beside_project(project: Project, user: User | Visitor) -> dict[str, Any]:
    """What a project's page shows: a partner's own claims, and the line for the community."""
    claims = project.claims.with_partner_as_seen_by(user)
    own = list(claims.active().represented_by(user)) if user.is_partner else []
    free, resting = Partner.objects.claimants(user, beside=own) if user.is_partner else ([], [])
    manages = project.list.is_managed_by(user)
    return {
        "line": claims.active().in_line() if manages else (),
        "ended": claims.ended() if manages else (),
        "own": own,
        "free": free,
        "resting": resting if project.state == Project.State.PUBLISHED else (),
    }


def projects_beside_service(service: Service, user: User | Visitor) -> dict[str, Any]:
    """What a service's page shows: the projects on which it can be claimed now."""
    projects = Project.objects.open().of_service(service).with_capacity_left().on_page()
    return {"projects": with_claims_of(projects, user)[:OF_SERVICE_SHOWN]}
