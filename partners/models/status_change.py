"""The history of a partner's status: joined, renewed, suspended, left, with day and reason."""

from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    pass
from partners.models.partner import Partner


@pghistory.track()
class StatusChange(models.Model):
    """A change of a partner's status: from which to which, on what day, why, and by whom."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="status_changes")
    before = models.CharField(_("before"), max_length=10, choices=Partner.Status, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=Partner.Status)
    changed_on = models.DateField(_("on"))
    agreement_ends_on = models.DateField(
        _("agreement ends on"),
        null=True,
        blank=True,
        help_text=_("Where the step sets a term: the last day of the agreement."),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ["-changed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(after__in=["suspended", "withdrawn"]) | ~Q(reason=""),
                name="statuschange_has_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.before} → {self.after}"

    @property
    def is_renewal(self) -> bool:
        """Whether it moved the end of the agreement, and nothing else."""
        return self.before == self.after

    @property
    def is_signing(self) -> bool:
        """Whether the partner signed with it, the first time or again."""
        no_agreement = self.before not in (Partner.Status.SIGNED, Partner.Status.SUSPENDED)
        return no_agreement and self.after == Partner.Status.SIGNED

    @property
    def is_turning_down(self) -> bool:
        """Whether it closed an application; it stays that when the partner signs later."""
        if self.after != Partner.Status.WITHDRAWN:
            return False
        if self.before:
            return self.before in (Partner.Status.APPLIED, Partner.Status.VETTED)
        return self.partner.number is None

    @property
    def label(self) -> str:
        """What the change is called where a partner's history is told."""
        if self.is_renewal:
            return gettext("Renewed")
        if self.is_turning_down:
            return capfirst(str(Partner.TURNED_DOWN[1]))
        if self.before == Partner.Status.SUSPENDED and self.after == Partner.Status.SIGNED:
            return gettext("Resumed")
        return capfirst(self.get_after_display())
