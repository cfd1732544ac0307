"""What was delivered on claims."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.lists.models import Project

if TYPE_CHECKING:
    from banyang.accounts.models import User
from projects.claims.models import Claim

# Who says the same again from a new page in so short a time may have gone back, and is asked.
JUST_RECORDED = timedelta(minutes=10)
MOST_SERVED = 100_000  # residents, by one delivery: more is a slip of the keyboard


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: "User") -> "DeliveryQuerySet":
        """Whoever sees a claim sees what was delivered on it."""
        return self.filter(claim__in=Claim.objects.visible_to(user))

    def manageable_by(self, user: "User") -> "DeliveryQuerySet":
        """Whoever recorded a delivery corrects it, and whoever looks after its claim."""
        looked_after = Q(claim__in=Claim.objects.manageable_by(user))
        return self.visible_to(user).filter(Q(recorded_by=user) | looked_after)

    def on_project(self, project: Project) -> "DeliveryQuerySet":
        return self.filter(claim__project=project)

    def just_like(self, **recorded: Any) -> "DeliveryQuerySet":
        """Those of the last minutes that say just what is `recorded`."""
        return self.filter(recorded_at__gte=timezone.now() - JUST_RECORDED, **recorded)

    def totals(self) -> dict[str, int]:
        """How many `times` something was delivered, and how many `residents` it served."""
        return self.aggregate(times=Count("pk"), residents=Coalesce(Sum("residents_served"), 0))


@pghistory.track()
class Delivery(models.Model):
    """A session or handover (服务记录), recorded once, where it happened."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="deliveries")
    delivered_on = models.DateField(_("delivered on"))
    location = models.CharField(_("place"), max_length=200, blank=True)
    content = models.CharField(_("what was done"), max_length=500)
    residents_served = models.PositiveIntegerField(
        _("residents served"),
        help_text=_("Head count of this session; 0 for a handover of goods."),
        validators=[
            MaxValueValidator(
                MOST_SERVED, _("One delivery serves %(limit_value)d residents at most.")
            )
        ],
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    # `token_of` the form and what was said with it: the same sent twice is recorded once.
    form_token = models.UUIDField(unique=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-delivered_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(residents_served__lte=MOST_SERVED),
                name="delivery_residents_limited",
                violation_error_message=_("So many residents can't be served at one time."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim} · {self.delivered_on}"
