"""What the rooms above add to projects and their pages."""

from typing import Any

from banyang.accounts.models import User, Visitor
from banyang.foundation.hooks import Hook
from projects.lists.models import Project, ProjectQuerySet

# Makes a queryset of projects bring along what the reader has of each.
for_reader: Hook[[ProjectQuerySet, User | Visitor], ProjectQuerySet] = Hook()

# What a project's own page shows beside the project, as the page's context.
project_page: Hook[[Project, User | Visitor], dict[str, Any]] = Hook()


def as_read_by(projects: ProjectQuerySet, user: User | Visitor) -> ProjectQuerySet:
    """`projects`, each with what the rooms above tell this reader of it."""
    for queryset in for_reader(projects, user):
        projects = queryset
    return projects
