"""The street office that this installation belongs to, and its working calendar."""

from datetime import time
from typing import TYPE_CHECKING, Self

import pghistory
from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones

if TYPE_CHECKING:
    from banyang.accounts.models import User

CACHE_KEY = "office"
CACHED = 300  # seconds


@pghistory.track()
class Office(models.Model):
    """The one street office. Nothing about a particular office is in code: it is here."""

    name = models.CharField(_("name"), max_length=100, default="街道办事处")
    short_name = models.CharField(_("short name"), max_length=50, default="街道")
    programme = models.CharField(_("programme"), max_length=50, default="社区合伙人")
    introduction = models.TextField(_("introduction"), max_length=2_000, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=100, blank=True)
    remind_from = models.TimeField(_("reminders from"), default=time(8, 30))
    remind_until = models.TimeField(_("reminders until"), default=time(18, 0))

    class Meta:
        verbose_name = verbose_name_plural = _("street office")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="office_one"),
            models.CheckConstraint(
                condition=models.Q(remind_from__lt=models.F("remind_until")),
                name="office_reminder_hours",
                violation_error_message=_("Reminders must begin before they end."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def area_code(cls) -> str:
        """What numbers of the town begin with, as the office's own shows; `""` if it does not."""
        return phones.area_of(cls.current().phone)

    @classmethod
    def current(cls) -> "Office":
        """The office, from the cache; made with neutral defaults the first time."""
        office = cache.get(CACHE_KEY)
        if office is None:
            office, _created = cls.objects.get_or_create(pk=1)
            # Not over what a change has put there since this was read.
            cache.add(CACHE_KEY, office, CACHED)
        return office


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def visible_to(self, user: "User") -> Self:
        """Whoever is signed in may know when the office works."""
        return self

    def manageable_by(self, user: "User") -> Self:
        """Street-office staff keep the calendar."""
        return self if user.is_staff else self.none()

    def in_year(self, year: int) -> Self:
        return self.filter(falls_on__year=year)

    def announced(self) -> Self:
        """Days as the State Council's yearly announcement has them, which no staff changed."""
        return self.filter(is_announced=True)

    def years(self) -> set[int]:
        """The years that have one of these days or more."""
        return set(self.order_by().values_list("falls_on__year", flat=True).distinct())


@pghistory.track()
class CalendarDay(models.Model):
    """A day on which the week's usual rule does not hold: a holiday, or a make-up working day (调休)."""

    falls_on = models.DateField(
        _("date"),
        unique=True,
        error_messages={"unique": _("This day is in the calendar already. Change it there.")},
    )
    is_working = models.BooleanField(_("working day"))
    name = models.CharField(_("name"), max_length=50, blank=True)
    is_announced = models.BooleanField(default=False, editable=False)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["falls_on"]

    def __str__(self) -> str:
        return f"{self.falls_on} {self.name}"

    def get_is_working_display(self) -> str:
        return gettext("the office works") if self.is_working else gettext("the office is closed")
