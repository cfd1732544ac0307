"""The people of a partner: whom to speak to, and who acts for it in the product."""

from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones

if TYPE_CHECKING:
    from banyang.accounts.models import User
from partners.models.partner import Partner


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: "User") -> "ContactQuerySet":
        """The contacts of the partners that `user` sees."""
        return self.filter(partner__in=Partner.objects.visible_to(user))

    def callable_by(self, user: "User") -> "ContactQuerySet":
        """Those whose number `user` may ask for: members their own, staff and secretaries all
        that they see, since calling partners is their work."""
        visible = self.visible_to(user)
        if user.is_staff or user.is_secretary:
            return visible
        return visible.filter(partner__in=user.partner_ids)

    def manageable_by(self, user: "User") -> "ContactQuerySet":
        """Staff correct every contact, members those of their own partners."""
        return self.filter(partner__in=Partner.objects.kept_up_by(user))


@pghistory.track()
class Contact(models.Model):
    """A person to speak to at a partner."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=50, validators=[phones.validate_no_number])
    post = models.CharField(_("post"), max_length=50, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    is_main = models.BooleanField(_("main contact"), default=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_main", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(is_main=True),
                name="contact_one_main",
                violation_error_message=_("Only one contact can be the main one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.phone = phones.normalise(self.phone)


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user: "User") -> "MemberQuerySet":
        """Who acts for the partners that `user` sees."""
        return self.filter(partner__in=Partner.objects.visible_to(user))

    def manageable_by(self, user: "User") -> "MemberQuerySet":
        """Staff decide who acts for a partner."""
        return self if user.is_staff else self.none()


@pghistory.track()
class Member(models.Model):
    """A person who acts for a partner in the product."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["partner", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "user"],
                name="member_once_per_partner",
                violation_error_message=_("This person already acts for this partner."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.partner}"
