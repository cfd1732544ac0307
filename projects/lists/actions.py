"""Yearly project lists and the projects drafted on them, until partners claim."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.dates import moment
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked, move
from banyang.foundation.once import token_of
from communities.models import Community
from projects.catalogue.models import Service
from projects.lists import reminders
from projects.lists.models import Project, ProjectList, ProjectNeed
from projects.needs.actions import reopen_need, take_up_need
from projects.needs.models import Need

LONGEST_AHEAD = timedelta(days=366)  # of an opening: later is a slip of the keyboard
JUST_NOW = timedelta(minutes=5)  # a time this little in the past was typed as "now"
ONLY_BEFORE_OPENING = gettext_lazy(
    "This can be done only while a published list has not opened yet."
)


@action
def create_list(*, community: Community, year: int, by: User) -> ProjectList:
    """Begin the project list of `community` for `year`, as a draft.

    Raises `Refused` if the community already has one for that year.
    """
    try:
        with transaction.atomic():
            return ProjectList.objects.create(community=community, year=year)
    except IntegrityError as error:
        raise Refused(_("The community already has a list for this year.")) from error


@action
def remove_list(*, project_list: ProjectList, by: User) -> None:
    """Remove a list begun by mistake, say for the wrong year; its history stays.

    Raises `Refused` if it is published, has projects, or has an opening that partners were told.
    """
    project_list = locked(ProjectList.objects, project_list.pk)
    if not project_list.can_be_removed:
        raise Refused(
            _("Only a draft without projects, whose opening nobody was told, can be removed.")
        )
    project_list.delete()


@action
def publish_list(*, project_list: ProjectList, opens_at: datetime, by: User) -> int:
    """Publish `project_list` with all the drafts on it, to open for claims at `opens_at`.

    A list to open now may say a time that has just passed: forms know minutes, and typing takes
    some. Tells the members of every partner that may claim. Returns how many were published.
    Harmless to repeat with the same moment. Raises `Refused` if it is published for another, has no
    project, or would open in the past or more than a year ahead; and, if it was taken back before
    an opening that is yet to come, as `reschedule_list` does.
    """
    # Locked, because somebody may have announced it and taken it back since it was loaded.
    current = locked(ProjectList.objects, project_list.pk)
    if _is_published(current, opens_at):
        return current.projects.published().count()
    _check_not_too_late(opens_at)
    if opens_at < timezone.now() - JUST_NOW:
        raise Refused(_("The list can't open in the past. Choose a later time, please."))
    _check_not_by_surprise(current, opens_at)
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


def _is_published(project_list: ProjectList, opens_at: datetime) -> bool:
    """Whether it is, to open then, with all on it: what is drafted later is published by itself."""
    return (
        project_list.state == ProjectList.State.PUBLISHED
        and project_list.opens_at == opens_at
        and not project_list.projects.drafts().exists()
    )


@action
def reschedule_list(*, project_list: ProjectList, opens_at: datetime, by: User) -> None:
    """Let a published list open at another moment, and tell whoever has heard of the old one.

    Raises `Refused` if it is open already, or if it would open more than a year ahead or before
    `earliest_opening`: first come, first served is fair if everybody knows when.
    """
    _check_not_too_late(opens_at)
    project_list = _not_open(project_list)
    if opens_at == project_list.opens_at:
        return
    _check_not_by_surprise(project_list, opens_at)
    was_to_open_at, project_list.opens_at = project_list.opens_at, opens_at
    project_list.save(update_fields=["opens_at"])
    reminders.tell_moved(project_list, was_to_open_at)


def earliest_opening(project_list: ProjectList) -> datetime | None:
    """When a list whose opening was announced may open at the earliest, if it were moved now.

    None if no opening was announced, or it has come: then the list may open at once.
    """
    announced = project_list.announced_opening
    return announced and min(announced, reminders.all_notified_by(timezone.now()))


def _check_not_by_surprise(project_list: ProjectList, opens_at: datetime) -> None:
    earliest = earliest_opening(project_list)
    if earliest is not None and opens_at < earliest:
        raise Refused(
            _(
                "Partners were told %(moment)s, and need a whole working day to hear of an earlier "
                "opening. The list can open on %(earliest)s at the earliest."
            )
            % {"moment": moment(project_list.announced_opening), "earliest": moment(earliest)}
        )


@action
def recall_list(*, project_list: ProjectList, by: User) -> None:
    """Take a published list back to a draft, with its projects, before anybody could claim.

    Whoever has heard of it is told; cancelled projects stay so. Raises `Refused` if it is open
    already.
    """
    project_list = _not_open(project_list)
    reminders.tell_recalled(project_list)
    was_announced = reminders.notified(project_list).exists()
    project_list.projects.published().update(state=Project.State.DRAFT)
    move(
        project_list,
        ProjectList.State.DRAFT,
        published_at=None,
        opens_at=None,
        # What was promised before stays promised if nobody has heard of this.
        was_to_open_at=project_list.opens_at if was_announced else project_list.was_to_open_at,
    )


def _check_not_too_late(opens_at: datetime) -> None:
    if opens_at > timezone.now() + LONGEST_AHEAD:
        raise Refused(_("The list can't open more than a year from now. Look at the year, please."))


def _not_open(project_list: ProjectList) -> ProjectList:
    """The list as it is now, it and its projects locked; raises `Refused` unless nobody can claim.

    It may open while we wait for its projects: whoever then claimed one first has it.
    """
    project_list = locked(ProjectList.objects, project_list.pk)
    if project_list.opens_later:
        list(project_list.projects.select_for_update(no_key=True).order_by("pk").values("pk"))
        # Whoever claims takes places first: only what is taken has a waiting list.
        if not project_list.projects.filter(taken__gt=0).exists():
            return project_list
    raise Refused(str(ONLY_BEFORE_OPENING))


@action
def publish_project(*, project: Project, by: User) -> None:
    """Publish a project that was drafted after its list; it opens as the list says.

    Harmless to repeat. Raises `Refused` if the list is not published yet or the project is no
    draft.
    """
    # Locked, because somebody may be taking the list back.
    if locked(ProjectList.objects, project.list_id).state != ProjectList.State.PUBLISHED:
        raise Refused(_("The list is not published yet. Its projects are published with it."))
    project.refresh_from_db(fields=["state"])  # a first click may have published it
    if project.state != Project.State.PUBLISHED:
        move(project, Project.State.PUBLISHED)


@action
def link_project(*, need: Need, project: Project, by: User) -> None:
    """Note that `need` has become `project`; the need then shows how the project goes.

    A need that nobody has checked yet has to be checked first, and one that was answered has to
    be reopened. Harmless to repeat. Raises `Refused` if the need can't become a project now or
    the project is another community's.
    """
    project = Project.objects.lock(project.pk)  # whether it has ended stays true from here
    linked = ProjectNeed.objects.filter(need=need, project=project).exists()
    if linked and need.state == Need.State.PROJECT:
        return
    if project.list.community_id != need.community_id:
        raise Refused(_("The project belongs to another community than the need."))
    ProjectNeed.objects.update_or_create(need=need, defaults={"project": project})
    take_up_need(need=need, has_ended=project.has_ended, by=by)


@dataclass(frozen=True)
class ProjectDetails:
    """What a community says about a project."""

    title: str
    summary: str = ""
    location: str = ""
    capacity: int = 1
    by_quantity: bool = False
    unit: str = ""
    service: Service | None = None

    def values(self) -> dict[str, Any]:
        """Field name to value; not `asdict`, which would copy the service."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@action
def create_project(
    *,
    project_list: ProjectList,
    details: ProjectDetails,
    form_token: UUID,
    by: User,
    need: Need | None = None,
) -> Project:
    """Draft a project on `project_list`, and note that `need` has become it.

    It is shown to nobody else before it is published. `form_token` was drawn when the form was
    shown: the same sent twice with it drafts once. Raises `Refused` if the need is another
    community's or can't become a project now.
    """
    drafted = {"list": project_list, "created_by": by, **details.values()}
    project, is_new = Project.objects.get_or_create(
        form_token=token_of(form_token, project_list, details.values()), defaults=drafted
    )
    if is_new and need is not None:
        link_project(need=need, project=project, by=by)
    return project


@action
def remove_project(*, project: Project, by: User) -> None:
    """Take a draft off its list; a need that was to become it is open again.

    Raises `Refused` if the project is no draft any more.
    """
    project = Project.objects.lock(project.pk)
    if project.state != Project.State.DRAFT:
        raise Refused(_("Only a draft can be removed. Cancel the project instead."))
    give_needs_back(project=project, by=by)
    project.delete()


@action
def give_needs_back(*, project: Project, by: User) -> None:
    """Put the needs that a project was to meet, and will not, on the board again."""
    for need in project.needs.filter(state=Need.State.PROJECT):
        reopen_need(need=need, by=by)
