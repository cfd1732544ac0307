"""The yearly project list of a community."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.errors import Refused
from banyang.moves import move
from communities.models import Community
from projects import reminders
from projects.models import Project, ProjectList

JUST_NOW = timedelta(minutes=5)  # a time this little in the past was typed as "now"


def create_list(*, community: Community, year: int, by: User) -> ProjectList:
    """Begin the project list of `community` for `year`, as a draft.

    Raises `Refused` if the community already has one for that year.
    """
    try:
        with transaction.atomic():
            return ProjectList.objects.create(community=community, year=year)
    except IntegrityError as error:
        raise Refused(_("The community already has a list for this year.")) from error


@transaction.atomic
def publish_list(*, project_list: ProjectList, opens_at: datetime, by: User) -> int:
    """Publish `project_list` with all the drafts on it, to open for claims at `opens_at`.

    A list to open now may say a time that has just passed: forms know minutes, and typing takes
    some. Tells the members of every signed partner. Returns how many projects were published.
    Raises `Refused` if it is published already, has no project, or would open in the past.
    """
    if opens_at < timezone.now() - JUST_NOW:
        raise Refused(_("The list can't open in the past. Choose a later time, please."))
    move(
        project_list,
        ProjectList.State.PUBLISHED,
        published_at=timezone.now(),
        opens_at=opens_at,
    )
    published = project_list.projects.drafts().update(state=Project.State.PUBLISHED)
    if not published:
        raise Refused(_("There is no project on the list yet. Draft one first."))
    reminders.tell_opening(project_list)
    return published


@transaction.atomic
def publish_project(*, project: Project, by: User) -> None:
    """Publish a project that was drafted after its list; it opens as the list says.

    Raises `Refused` if the list is not published yet or the project is no draft.
    """
    if project.list.state != ProjectList.State.PUBLISHED:
        raise Refused(_("The list is not published yet. Its projects are published with it."))
    move(project, Project.State.PUBLISHED)
