"""The suggested project list (共建项目建议清单): categories, groups, services."""

from typing import TYPE_CHECKING

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from banyang.accounts.models import User


class CategoryQuerySet(models.QuerySet["Category"]):
    def with_groups(self) -> "CategoryQuerySet":
        """With the groups of each and how many services these hold, in one query more."""
        counted = Group.objects.annotate(service_count=models.Count("services"))
        return self.prefetch_related(models.Prefetch("groups", counted))


@pghistory.track()
class Category(models.Model):
    name = models.CharField(_("name"), max_length=50, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Group(models.Model):
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="groups", verbose_name=_("category")
    )
    name = models.CharField(_("name"), max_length=50)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["category__position", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "name"],
                name="group_name_in_category",
                violation_error_message=_("The category already has a group of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, user: "User") -> "ServiceQuerySet":
        """The catalogue is public; what staff have retired only they still see."""
        return self if user.is_staff else self.current()

    def manageable_by(self, user: "User") -> "ServiceQuerySet":
        return self if user.is_staff else self.none()

    def in_catalogue_order(self) -> "ServiceQuerySet":
        """By category and group, with both."""
        return self.select_related("group__category").order_by(
            "group__category__position", "group__category_id", "group__position", "code"
        )

    def current(self) -> "ServiceQuerySet":
        return self.filter(is_current=True)


@pghistory.track()
class Service(models.Model):
    """A service that communities may put on their lists and partners may offer."""

    group = models.ForeignKey(
        Group, models.PROTECT, related_name="services", verbose_name=_("group")
    )
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    summary = models.TextField(_("summary"), max_length=2_000, blank=True)
    typical_partners = models.CharField(_("typical partners"), max_length=200, blank=True)
    is_current = models.BooleanField(_("offered at present"), default=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("service_detail", args=[self.pk])
