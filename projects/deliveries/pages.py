"""What pages of the rooms below show of deliveries; registered in `apps.py`."""

from typing import Any

from banyang.accounts.models import User, Visitor
from projects.claims.models import Claim
from projects.deliveries.models import Delivery
from projects.lists.models import Project


def deliveries_beside_claim(claim: Claim) -> dict[str, Any]:
    """What a claim's page shows: what was delivered on it, and how many residents that served."""
    deliveries = list(Delivery.objects.filter(claim=claim).select_related("recorded_by"))
    residents = sum(delivery.residents_served for delivery in deliveries)
    return {"deliveries": deliveries, "residents": residents}


def deliveries_beside_project(project: Project, user: User | Visitor) -> dict[str, Any]:
    """What a project's page shows: how often something was done, and for how many residents."""
    return {"done": Delivery.objects.on_project(project).totals()}


def progress_of(project: Project) -> dict[str, int]:
    """How far a project is: partners that claimed it, deliveries, residents served."""
    done = Delivery.objects.on_project(project).totals()
    partners = Claim.objects.holding().filter(project=project).count()
    return {"partners": partners, "deliveries": done["times"], "residents": done["residents"]}
