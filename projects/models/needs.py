"""Residents' needs, from the board to what became of them."""

from typing import TYPE_CHECKING

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from projects.models.catalogue import Group
from projects.models.projects import Project

if TYPE_CHECKING:
    from banyang.accounts.models import User


class NeedQuerySet(models.QuerySet["Need"]):
    def on_board(self) -> "NeedQuerySet":
        """What a secretary has checked and anybody may read."""
        return self.exclude(state__in=[Need.State.NEW, Need.State.REJECTED])

    def visible_to(self, user: "User") -> "NeedQuerySet":
        """Staff see all, a secretary their community's; others what is on the board."""
        if user.is_staff:
            return self
        return self.filter(
            Q(community__in=user.community_ids)
            | ~Q(state__in=[Need.State.NEW, Need.State.REJECTED])
        )

    def manageable_by(self, user: "User") -> "NeedQuerySet":
        return self if user.is_staff else self.filter(community__in=user.community_ids)

    def unchecked(self) -> "NeedQuerySet":
        return self.filter(state=Need.State.NEW)


@pghistory.track()
class Need(models.Model):
    """Something residents need (需求), put on the needs board or brought in by a visit."""

    class Source(models.TextChoices):
        BOARD = "board", _("needs board")
        VISIT = "visit", _("visit")
        PHONE = "phone", _("phone call")
        LEADER = "leader", _("red building leader")

    class State(models.TextChoices):
        NEW = "new", _("to be checked")
        OPEN = "open", _("on the board")
        PROJECT = "project", _("became a project")
        SOLVED = "solved", _("solved")
        PARTLY = "partly", _("partly solved")
        UNSOLVED = "unsolved", _("not solved for now")
        REJECTED = "rejected", _("not published")

    MOVES: dict[str, set[str]] = {
        State.NEW: {
            State.OPEN,
            State.SOLVED,
            State.PARTLY,
            State.UNSOLVED,
            State.PROJECT,
            State.REJECTED,
        },
        State.OPEN: {
            State.SOLVED,
            State.PARTLY,
            State.UNSOLVED,
            State.PROJECT,
            State.REJECTED,
        },
        State.PROJECT: {State.SOLVED, State.PARTLY, State.UNSOLVED, State.OPEN},
        State.SOLVED: {State.OPEN},
        State.PARTLY: {State.OPEN},
        State.UNSOLVED: {State.OPEN},
        State.REJECTED: {State.OPEN},
    }

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="needs", verbose_name=_("community")
    )
    text = models.CharField(_("what is needed"), max_length=500)
    place = models.CharField(_("building or place"), max_length=100, blank=True)
    asker_name = models.CharField(_("your name"), max_length=50, blank=True)
    asker_phone = models.CharField(_("your phone"), max_length=20, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.BOARD)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    group = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="needs",
        verbose_name=_("group"),
    )
    project = models.ForeignKey(
        Project,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="needs",
        verbose_name=_("project"),
    )
    answer = models.TextField(_("answer"), blank=True)
    # The unguessable part of the link under which whoever asked sees what became of it.
    receipt = models.CharField(_("receipt"), max_length=12, unique=True, editable=False)
    created_at = models.DateTimeField(_("put at"), default=timezone.now, editable=False)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="project") | Q(project__isnull=False),
                name="need_project_named",
                violation_error_message=_("Name the project that the need became."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["solved", "partly", "unsolved", "rejected"])
                | ~Q(answer=""),
                name="need_closed_has_answer",
                violation_error_message=_(
                    "Say what became of the need: whoever asked will read it."
                ),
            ),
        ]
        indexes = [models.Index(fields=["community", "state"], name="need_community_state")]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return reverse("need_detail", args=[self.pk])
