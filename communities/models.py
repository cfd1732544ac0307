"""Communities, and the people who look after them."""

from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones

if TYPE_CHECKING:
    from banyang.accounts.models import User


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, user: "User") -> "CommunityQuerySet":
        """Communities are public."""
        return self

    def manageable_by(self, user: "User") -> "CommunityQuerySet":
        """Staff look after every community, a secretary after their own."""
        return self if user.is_staff else self.filter(pk__in=user.community_ids)

    def coded(self, code: str) -> "CommunityQuerySet":
        return self.filter(code=code)


@pghistory.track()
class Community(models.Model):
    """A community (社区) of the street office."""

    code = models.CharField(
        _("code"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{12}$", _("The statistical code has 12 digits."))],
        help_text=_("The 12 digits of the statistical code."),
    )
    name = models.CharField(_("name"), max_length=100, unique=True)
    short_name = models.CharField(_("short name"), max_length=50, unique=True)
    brand = models.CharField(_("feature brand"), max_length=50, blank=True)
    brand_summary = models.TextField(_("about the brand"), max_length=2_000, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("office phone"), max_length=20, blank=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("community_detail", args=[self.code])

    def people(self) -> "models.QuerySet[User]":
        """Who acts for the community and may sign in: its secretary and assistants."""
        return get_user_model().objects.active().filter(secretaryships__community=self)


class SecretaryQuerySet(models.QuerySet["Secretary"]):
    def visible_to(self, user: "User") -> "SecretaryQuerySet":
        """Who acts for a community is shown, phones masked, to everybody who is signed in."""
        return self if user.is_authenticated else self.none()

    def with_people(self) -> "SecretaryQuerySet":
        return self.select_related("user")

    def manageable_by(self, user: "User") -> "SecretaryQuerySet":
        """Whom the person may call: staff everybody, a secretary those of their community."""
        return self if user.is_staff else self.filter(community__in=user.community_ids)


@pghistory.track()
class Secretary(models.Model):
    """A person who acts for a community: its secretary, or an assistant with the same rights."""

    class Post(models.TextChoices):
        SECRETARY = "secretary", _("community secretary")
        ASSISTANT = "assistant", _("assistant")

    community = models.ForeignKey(Community, models.CASCADE, related_name="secretaries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="secretaryships"
    )
    post = models.CharField(_("post"), max_length=10, choices=Post, default=Post.SECRETARY)

    objects = SecretaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("community secretary")
        verbose_name_plural = _("community secretaries")
        ordering = ["community", "-post", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "user"],
                name="secretary_once_per_community",
                violation_error_message=_("This person already acts for this community."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.community}"


class HelperQuerySet(models.QuerySet["Helper"]):
    def manageable_by(self, user: "User") -> "HelperQuerySet":
        return self if user.is_staff else self.filter(community__in=user.community_ids)

    def visible_to(self, user: "User") -> "HelperQuerySet":
        """Helpers are shown, phones masked, to everybody who is signed in."""
        return self if user.is_authenticated else self.none()

    def by_area(self) -> "HelperQuerySet":
        """As people count: building 2 before building 10."""
        return self.order_by("role", Length("area"), "area", "pk")


@pghistory.track()
class Helper(models.Model):
    """A chosen person who knows their building or grid; most have no account."""

    class Role(models.TextChoices):
        BUILDING_LEADER = "building_leader", _("red building leader")
        GRID_WORKER = "grid_worker", _("grid worker")
        HUB_HOUSEHOLD = "hub_household", _("Party-member hub household")

    community = models.ForeignKey(Community, models.CASCADE, related_name="helpers")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    name = models.CharField(_("name"), max_length=50, validators=[phones.validate_no_number])
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    area = models.CharField(_("building or grid"), max_length=100, blank=True)

    objects = HelperQuerySet.as_manager()

    class Meta:
        verbose_name = _("helper")
        verbose_name_plural = _("helpers")
        ordering = ["community", "role", "area", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "role", "name", "area"],
                name="helper_once",
                violation_error_message=_(
                    "This person is already listed for this building or grid."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.area}"
