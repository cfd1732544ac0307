"""The flow of the three lists: catalogue, needs, projects, claims, deliveries."""

from projects.models.catalogue import Category, Group, Service
from projects.models.claims import Claim, Delivery, Step
from projects.models.needs import Need
from projects.models.projects import Project, ProjectList

__all__ = [
    "Category",
    "Claim",
    "Delivery",
    "Group",
    "Need",
    "Project",
    "ProjectList",
    "Service",
    "Step",
]
