"""What needs ask of the projects that they became; registered with them in `apps.py`."""

from typing import Any

from projects.lists.models import Project, ProjectNeed
from projects.needs.models import Need


def projects_of(needs: list[Need]) -> dict[int, Any]:
    """The project that each of `needs` became, by the need's number."""
    return dict(ProjectNeed.objects.of_needs(needs))


def project_of(need: Need) -> Project | None:
    """The project that `need` became, if it has become one."""
    return ProjectNeed.objects.of_needs([need]).get(need.pk)


def lock_project_of(need: Need) -> Project | None:
    """The project that `need` became, if it has become one, locked."""
    link = ProjectNeed.objects.filter(need=need).first()
    return Project.objects.lock(link.project_id) if link else None


def meets_again(need: Need) -> bool:
    """Whether the project that `need` became meets it again, now that it is reopened.

    So it does after the need was answered, unless the project was cancelled.
    """
    project = lock_project_of(need)
    return project is not None and need.state in Need.OUTCOMES and project.meets_again


def part_from_project(need: Need) -> None:
    """Let the project that `need` became go on without it."""
    ProjectNeed.objects.filter(need=need).delete()
