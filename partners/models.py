"""Partners, their people and their numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.accounts import phones
from banyang.templatetags.banyang import day
from communities.models import Community
from partners.codes import validate_credit_code
from partners.querysets import (
    BY_ENDING,
    BY_ENDING_DOWN,
    BY_SIGNING,
    BY_SIGNING_DOWN,
    IN_ORDER,
    PartnerQuerySet,
)
from partners.search import NAME_KEY

if TYPE_CHECKING:
    from banyang.accounts.models import User


@pghistory.track(exclude=["search_text", "search_grams", "name_pinyin", "has_phone"])
class Partner(models.Model):
    """An organisation or resident that joined, or applied to join, the programme."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("enterprise")
        INSTITUTION = "institution", _("institution")
        GOVERNMENT = "government", _("government body")
        SOCIAL = "social", _("social organisation")
        SOLE_TRADER = "sole_trader", _("sole trader")
        RESIDENT = "resident", _("resident")

    class Status(models.TextChoices):
        APPLIED = "applied", _("applied")
        VETTED = "vetted", _("vetted")
        SIGNED = "signed", _("signed")
        SUSPENDED = "suspended", _("suspended")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES: dict[str, set[str]] = {
        Status.APPLIED: {Status.VETTED, Status.WITHDRAWN},
        Status.VETTED: {Status.SIGNED, Status.WITHDRAWN},
        Status.SIGNED: {Status.SUSPENDED, Status.WITHDRAWN},
        Status.SUSPENDED: {Status.SIGNED, Status.WITHDRAWN},
        Status.WITHDRAWN: {Status.SIGNED, Status.VETTED},
    }
    # What a partner without a number is called that is withdrawn: nobody leaves before they join.
    TURNED_DOWN = ("turned_down", _("turned down"))

    number = models.PositiveIntegerField(
        _("number"),
        unique=True,
        null=True,
        blank=True,
        editable=False,
        help_text=_("Given in the order of signing; never reused, never skipped."),
    )
    name = models.CharField(_("name"), max_length=100, validators=[phones.validate_no_number])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_credit_code],
        help_text=_("18 characters, as on the licence (GB 32100-2015)."),
        error_messages={
            "unique": _("A partner with this unified social credit code is already listed.")
        },
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partners",
        verbose_name=_("community"),
        help_text=_("Where the partner is at home."),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    offers = models.TextField(_("what the partner can offer"), max_length=2_000, blank=True)
    party_branch = models.CharField(_("Party branch"), max_length=100, blank=True)
    note = models.TextField(_("internal note"), max_length=2_000, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status,
        default=Status.APPLIED,
        editable=False,
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True, editable=False)
    agreement_ends_on = models.DateField(
        _("agreement ends on"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    # Kept by `partners.search`: how the name sorts, what the search box looks through, its bigrams,
    # and whether any contact has a phone number.
    name_pinyin = models.CharField(max_length=700, editable=False, default="")
    search_text = models.TextField(editable=False, default="")
    search_grams = ArrayField(models.TextField(), editable=False, default=list)
    has_phone = models.BooleanField(editable=False, default=False, db_default=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = [IN_ORDER, "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["applied", "vetted"], number__isnull=True)
                | Q(
                    status__in=["signed", "suspended"],
                    number__isnull=False,
                    signed_on__isnull=False,
                )
                | Q(status="withdrawn"),
                name="partner_number_from_signing",
                violation_error_message=_(
                    "A partner has a number from signing on, and not before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=1),
                name="partner_number_from_one",
            ),
            # One that ends on the very day is refused by the actions and imports alone: lists
            # imported before have some, and only the paper says when those really end.
            models.CheckConstraint(
                condition=Q(agreement_ends_on__isnull=True)
                | Q(agreement_ends_on__gte=F("signed_on")),
                name="partner_agreement_ends_after_signing",
                violation_error_message=_("An agreement can't end before it was signed."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search_grams"], name="partner_search"),
            models.Index(NAME_KEY, name="partner_by_name_key"),
            models.Index(IN_ORDER, F("id"), name="partner_in_order"),
            models.Index(fields=["name_pinyin", "id"], name="partner_by_name"),
            models.Index(BY_SIGNING_DOWN, F("id"), name="partner_by_signing"),
            models.Index(BY_SIGNING, F("id"), name="partner_by_signing_up"),
            models.Index(BY_ENDING, F("id"), name="partner_by_ending"),
            models.Index(BY_ENDING_DOWN, F("id"), name="partner_by_ending_down"),
            models.Index(
                IN_ORDER, F("id"), condition=Q(has_phone=False), name="partner_without_phone"
            ),
            models.Index(
                fields=["agreement_ends_on"],
                condition=Q(status="signed"),
                name="partner_ending",
            ),
            models.Index(fields=["community", "status"], name="partner_community_status"),
            models.Index(fields=["kind"], name="partner_kind"),
        ]
        triggers = [
            # A number belongs to its partner for good.
            pgtrigger.Protect(
                name="number_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__number__isnull=False)
                & pgtrigger.Q(old__number__df=pgtrigger.F("new__number")),
            ),
            pgtrigger.Protect(
                name="numbered_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partner_detail", args=[self.pk])

    @classmethod
    def status_words(cls) -> Mapping[tuple[str, bool], str | Promise]:
        """What each status is called, by its value and whether the partner has a number."""
        words = {
            (value, has): label for value, label in cls.Status.choices for has in (True, False)
        }
        return words | {(cls.Status.WITHDRAWN, False): cls.TURNED_DOWN[1]}

    def get_status_display(self) -> str:  # type: ignore[no-redef]  # Django leaves ours alone
        return str(self.status_words()[self.status, self.number is not None])

    @property
    def is_running(self) -> bool:
        """Whether its agreement runs today, so that it may take something new."""
        ends = self.agreement_ends_on
        return self.status == self.Status.SIGNED and (ends is None or ends >= timezone.localdate())

    @property
    def why_not_running(self) -> str:
        """Why a partner that is not running takes nothing new, and whom to turn to."""
        if self.status == self.Status.SIGNED:
            return gettext(
                "The agreement of “%(partner)s” ended on %(day)s. "
                "Please ask the street office to renew it."
            ) % {"partner": self, "day": day(self.agreement_ends_on)}
        return gettext(
            "“%(partner)s” is %(status)s at present: only signed partners take something new."
        ) % {"partner": self, "status": self.get_status_display()}

    def is_kept_up_by(self, user: "User") -> bool:
        """Whether `user` may correct this partner's contacts and offers."""
        return user.is_staff or self.pk in user.partner_ids

    def people(self) -> "models.QuerySet[User]":
        """Who acts for the partner and may sign in."""
        return get_user_model().objects.active().filter(memberships__partner=self)


class NumberBook(models.Model):
    """The last partner number given out: one row, locked while the next is taken.

    A database sequence would skip a number whenever a signing fails; a locked row does not.
    """

    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("number book")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="numberbook_one")]

    def __str__(self) -> str:
        return str(self.last)


@pghistory.track()
class StatusChange(models.Model):
    """One step of a partner's way: from which status to which, on what day, why, and by whom."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="status_changes")
    before = models.CharField(_("before"), max_length=10, choices=Partner.Status, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=Partner.Status)
    on = models.DateField(_("on"))
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
        ordering = ["-on", "-pk"]
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
        """What the step is called where a partner's way is told."""
        if self.is_renewal:
            return gettext("Renewed")
        if self.is_turning_down:
            return capfirst(str(Partner.TURNED_DOWN[1]))
        if self.before == Partner.Status.SUSPENDED and self.after == Partner.Status.SIGNED:
            return gettext("Resumed")
        return capfirst(self.get_after_display())


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


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
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


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
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


# Imports have a room of their own; Django looks for models here.
from partners.imports.models import ImportRow, PartnerImport  # noqa: E402, F401
