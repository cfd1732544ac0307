"""A community's yearly project list, and the projects on it."""

from datetime import datetime
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Count, F, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banyang.foundation.moves import locked
from banyang.foundation.tones import States, Tone, tone_of
from communities.models import Community
from partners.capacity import Limited
from projects.catalogue.models import Service
from projects.needs.models import Need, NeedQuerySet

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor


WHICH_UNIT = _("Say what is counted, such as 块, 次 or 张: partners take several.")


class ProjectListQuerySet(models.QuerySet["ProjectList"]):
    def with_progress(self) -> "ProjectListQuerySet":
        """With how many projects it has, how many of them are full and how many completed.

        Places are not added up: of some projects they are pieces. A project that was drafted
        after its list was published does not count before it is too.
        """
        unseen = Q(state=ProjectList.State.PUBLISHED, projects__state=Project.State.DRAFT)
        counted = ~Q(projects__state=Project.State.CANCELLED) & ~unseen
        completed = Q(projects__state=Project.State.COMPLETED)
        full = Q(projects__taken=F("projects__capacity"))
        return self.annotate(
            project_count=Count("projects", filter=counted),
            full_count=Count("projects", filter=counted & full),
            completed_count=Count("projects", filter=completed),
        )

    def of(self, community: Community, year: int) -> "ProjectListQuerySet":
        return self.filter(community=community, year=year)

    def published(self) -> "ProjectListQuerySet":
        return self.filter(state=ProjectList.State.PUBLISHED)

    def opening_soon(self) -> "ProjectListQuerySet":
        """Published, and not open yet; the next to open first."""
        return (
            self.published()
            .filter(opens_at__gt=timezone.now())
            .select_related("community")
            .order_by("opens_at")
        )

    def with_drafts_to_publish(self) -> "ProjectListQuerySet":
        """Not published yet, with how many drafts stand on each; none that is still empty."""
        drafts = Count("projects", filter=Q(projects__state=Project.State.DRAFT))
        return (
            self.filter(state=ProjectList.State.DRAFT)
            .select_related("community")
            .annotate(draft_count=drafts)
            .filter(draft_count__gt=0)
            .order_by("year", "community")
        )

    def visible_to(self, user: "User") -> "ProjectListQuerySet":
        """Published lists are public; drafts belong to staff and the community's secretaries."""
        if user.is_staff:
            return self
        return self.filter(
            Q(state=ProjectList.State.PUBLISHED) | Q(community__in=user.community_ids)
        )

    def manageable_by(self, user: "User") -> "ProjectListQuerySet":
        return self if user.is_staff else self.filter(community__in=user.community_ids)


@pghistory.track()
class ProjectList(models.Model):
    """A community's project list (项目清单) of one year. It opens for claims at a stated moment."""

    class State(States):
        DRAFT = "draft", Tone.NEUTRAL, _("draft")
        PUBLISHED = "published", Tone.ACTIVE, _("published")

    tone = tone_of(State, "state")

    MOVES: dict[str, set[str]] = {
        State.DRAFT: {State.PUBLISHED},
        State.PUBLISHED: {State.DRAFT},  # until it opens
    }

    community = models.ForeignKey(
        Community,
        models.PROTECT,
        related_name="project_lists",
        verbose_name=_("community"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    # Announced before the list was taken back, so that it does not open sooner by surprise.
    was_to_open_at = models.DateTimeField(null=True, editable=False)

    objects = ProjectListQuerySet.as_manager()

    class Meta:
        verbose_name = _("project list")
        verbose_name_plural = _("project lists")
        ordering = ["-year", "community"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "year"],
                name="projectlist_one_a_year",
                violation_error_message=_("The community already has a list for this year."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False, opens_at__isnull=False),
                name="projectlist_published_opens",
                violation_error_message=_("A published list needs the time at which it opens."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(community)s project list %(year)s") % {
            "community": self.community,
            "year": self.year,
        }

    def get_absolute_url(self) -> str:
        return reverse("projectlist_detail", args=[self.pk])

    @property
    def opens_later(self) -> bool:
        """Whether it is published and nobody can claim yet."""
        return (
            self.state == self.State.PUBLISHED
            and self.opens_at is not None
            and self.opens_at > timezone.now()
        )

    @property
    def is_of_another_year(self) -> bool:
        """Whether it is not this year's, so that its projects say whose they are."""
        return self.year != timezone.localdate().year

    @property
    def announced_opening(self) -> datetime | None:
        """The moment yet to come at which partners were told that it opens, if they were."""
        announced = self.opens_at or self.was_to_open_at
        return announced if announced and announced > timezone.now() else None

    @property
    def can_be_removed(self) -> bool:
        """Whether nothing hangs on it yet."""
        return (
            self.state == self.State.DRAFT
            and self.announced_opening is None
            and not self.projects.exists()
        )

    def is_managed_by(self, user: "User | Visitor") -> bool:
        """Whether `user` may change it; the same as `manageable_by`, without a query."""
        return user.is_staff or self.community_id in user.community_ids


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: "User") -> "ProjectQuerySet":
        """What is published is public; drafts belong to staff and the community's secretaries."""
        if user.is_staff:
            return self
        return self.filter(
            ~Q(state=Project.State.DRAFT) & Q(list__state=ProjectList.State.PUBLISHED)
            | Q(list__community__in=user.community_ids)
        )

    def manageable_by(self, user: "User") -> "ProjectQuerySet":
        return self if user.is_staff else self.filter(list__community__in=user.community_ids)

    def of_community(self, community: Community) -> "ProjectQuerySet":
        return self.filter(list__community=community)

    def of_service(self, service: Service) -> "ProjectQuerySet":
        return self.filter(service=service)

    def drafts(self) -> "ProjectQuerySet":
        return self.filter(state=Project.State.DRAFT)

    def published(self) -> "ProjectQuerySet":
        return self.filter(list__state=ProjectList.State.PUBLISHED, state=Project.State.PUBLISHED)

    def completed(self) -> "ProjectQuerySet":
        return self.filter(state=Project.State.COMPLETED)

    def public(self) -> "ProjectQuerySet":
        """What anybody may see."""
        return self.exclude(state=Project.State.DRAFT).filter(
            list__state=ProjectList.State.PUBLISHED
        )

    def opening_soon(self, now: datetime | None = None) -> "ProjectQuerySet":
        """Published on a list that has not opened yet."""
        return self.published().filter(list__opens_at__gt=now or timezone.now())

    def nearest(self, community_id: int) -> "ProjectQuerySet":
        """Those of a community first, then the others."""
        elsewhere = Case(When(list__community=community_id, then=0), default=1)
        return self.order_by(elsewhere, "list__opens_at", "pk")

    def on_page(self) -> "ProjectQuerySet":
        """With all that a page says about each."""
        return self.select_related("list__community", "service__group__category")

    def open(self, now: datetime | None = None) -> "ProjectQuerySet":
        """Published, and past the moment at which its list opened."""
        return self.published().filter(list__opens_at__lte=now or timezone.now())

    def lock(self, pk: int) -> "Project":
        """The project with its list and community, its row locked until the transaction ends.

        Whatever changes how many places there are or how many are taken locks it first.
        """
        return locked(self.select_related("list__community"), pk)

    def newest(self) -> "ProjectQuerySet":
        """Those that opened last first, with all that a card says about each."""
        return self.on_page().order_by("-list__opens_at", "-pk")

    def with_capacity_left(self) -> "ProjectQuerySet":
        return self.filter(taken__lt=F("capacity"))


@pghistory.track(exclude=["taken"])
class Project(Limited):
    """Something a community wants done, for partners to claim."""

    class State(States):
        DRAFT = "draft", Tone.NEUTRAL, _("draft")
        PUBLISHED = "published", Tone.ACTIVE, _("published")
        COMPLETED = "completed", Tone.GOOD, _("completed")
        CANCELLED = "cancelled", Tone.BAD, _("cancelled")

    class Standing(States):
        """What a project's state, its list and its places mean for whoever reads of it."""

        DRAFT = "draft", Tone.NEUTRAL, _("draft")
        SOON = "soon", Tone.WAITING, _("opens soon")
        OPEN = "open", Tone.ACTIVE, _("open for claims")
        FULL = "full", Tone.ENDED, _("all places taken")
        COMPLETED = "completed", Tone.GOOD, _("completed")
        CANCELLED = "cancelled", Tone.BAD, _("cancelled")

    tone = tone_of(State, "state")

    MOVES: dict[str, set[str]] = {
        State.DRAFT: {State.PUBLISHED},
        # A draft again only with its whole list, before that opens: `recall_list`.
        State.PUBLISHED: {State.COMPLETED, State.CANCELLED},
        State.COMPLETED: {State.PUBLISHED},
        State.CANCELLED: set(),
    }
    ENDED = (State.COMPLETED, State.CANCELLED)

    list = models.ForeignKey(
        ProjectList,
        models.PROTECT,
        related_name="projects",
        verbose_name=_("project list"),
    )
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("service"),
        help_text=_("From the suggested project list; leave empty for a project of your own."),
    )
    title = models.CharField(_("title"), max_length=100)
    summary = models.TextField(_("summary"), max_length=2_000, blank=True)
    location = models.CharField(_("place"), max_length=200, blank=True)
    unit = models.CharField(
        _("unit"),
        max_length=10,
        blank=True,
        help_text=_("What is counted where partners take several: 块, 次, 张."),
    )
    by_quantity = models.BooleanField(
        _("partners may take several places"),
        default=False,
        help_text=_("For quantities such as 360 notice boards, taken in parts."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    needs = models.ManyToManyField(Need, through="ProjectNeed", related_name="+")
    # `token_of` the form and what was said with it: the same sent twice drafts once.
    form_token = models.UUIDField(unique=True, null=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta(Limited.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-list__year", "list__community", "pk"]
        constraints = [
            *Limited.Meta.constraints,
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="project_has_places",
                violation_error_message=_("A project needs at least one place."),
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""),
                name="project_cancelled_has_reason",
                violation_error_message=_("Say why the project is cancelled."),
            ),
            models.CheckConstraint(
                condition=Q(by_quantity=False) | ~Q(unit=""),
                name="project_pieces_have_unit",
                violation_error_message=WHICH_UNIT,
            ),
        ]
        indexes = [models.Index(fields=["list", "state"], name="project_list_state")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.by_quantity and not self.unit:
            raise ValidationError({"unit": WHICH_UNIT})  # the constraint's words, beside the field

    def get_absolute_url(self) -> str:
        return reverse("project_detail", args=[self.pk])

    @property
    def community(self) -> Community:
        return self.list.community

    @property
    def is_public(self) -> bool:
        """Whether everybody may read of it."""
        return self.state != self.State.DRAFT and self.list.state == ProjectList.State.PUBLISHED

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def meets_again(self) -> bool:
        """Whether a need that it met, and that is reopened, is with it again."""
        return self.state != self.State.CANCELLED

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether partners may claim it at `now`."""
        return (
            self.state == self.State.PUBLISHED
            and self.list.state == ProjectList.State.PUBLISHED
            and self.list.opens_at is not None
            and self.list.opens_at <= (now or timezone.now())
        )

    def needs_visible_to(self, user: "User") -> NeedQuerySet:
        """The needs that it is to meet, as far as `user` may see them."""
        return Need.objects.visible_to(user).filter(pk__in=self.needs.all())

    @property
    def standing(self) -> "Project.Standing":
        if self.state != self.State.PUBLISHED:
            return self.Standing(self.state)
        if not self.is_open():
            return self.Standing.SOON
        return self.Standing.OPEN if self.left else self.Standing.FULL


class ProjectNeedQuerySet(models.QuerySet["ProjectNeed"]):
    def of_needs(self, needs: "list[Need]") -> "dict[int, Project]":
        """The project that each of `needs` became, by the need's number; in one query."""
        links = self.filter(need__in=needs).select_related("project__list")
        return {link.need_id: link.project for link in links}


@pghistory.track()
class ProjectNeed(models.Model):
    """Which project a need became. A project may meet several needs, a need becomes one project.

    The database refuses a need in the state `project` without such a row, and a row taken away
    from one: see `0002_need_has_its_project`. It looks at the end of the transaction, but after
    each statement in the form that changes a need: so first the link, then the need's state, and
    the other way round when they part.
    """

    need = models.OneToOneField(Need, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="need_links")

    objects = ProjectNeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")

    def __str__(self) -> str:
        return f"{self.need} · {self.project}"
