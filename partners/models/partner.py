"""Partners: who sees them, whose agreement runs, in what orders a list shows them, their numbers."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import pghistory
import pgtrigger
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.foundation import phones
from banyang.foundation.dates import day
from banyang.foundation.tones import States, Tone, tone_of
from communities.models import Community
from partners.codes import validate_credit_code
from partners.search import NAME_KEY, matching

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor

# A place in the list is never null, so that any page of it can be found through the index.
IN_ORDER = Coalesce(F("number"), Value(2**31 - 1))
# The orders by date, from first to last and from last to first: those without a date come last
# both ways. People mostly ask for the lately signed and for what ends soon.
BY_SIGNING = Coalesce(F("signed_on"), Value(date.max))
BY_SIGNING_DOWN = Coalesce(F("signed_on"), Value(date.min))
BY_ENDING = Coalesce(F("agreement_ends_on"), Value(date.max))
BY_ENDING_DOWN = Coalesce(F("agreement_ends_on"), Value(date.min))


class OfPartner(Protocol):
    """Something that a partner has, such as a claim or a stall."""

    partner_id: int


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, user: "User | Visitor") -> "PartnerQuerySet":
        """Staff see every partner, secretaries the signed ones and those of their communities,
        members their own."""
        if user.is_staff:
            return self
        mine = Q(pk__in=user.partner_ids)
        if user.is_secretary:
            mine |= Q(number__isnull=False) | Q(community__in=user.community_ids)
        return self.filter(mine)

    def manageable_by(self, user: "User") -> "PartnerQuerySet":
        """Staff keep the partner list."""
        return self if user.is_staff else self.none()

    def kept_up_by(self, user: "User") -> "PartnerQuerySet":
        """Those whose contacts and offers `user` may correct: staff all, members their own."""
        return self if user.is_staff else self.represented_by(user)

    def represented_by(self, user: "User | Visitor") -> "PartnerQuerySet":
        """The partners that `user` may act for."""
        return self.filter(pk__in=user.partner_ids)

    def applied(self) -> "PartnerQuerySet":
        return self.filter(status=self.model.Status.APPLIED)

    def vetted(self) -> "PartnerQuerySet":
        return self.filter(status=self.model.Status.VETTED)

    def called(self, status: str) -> "PartnerQuerySet":
        """Those whose status is called so: a status, or `TURNED_DOWN`, which is one by its name."""
        withdrawn = self.filter(status=self.model.Status.WITHDRAWN)
        if status == self.model.TURNED_DOWN[0]:
            return withdrawn.filter(number__isnull=True)
        if status == self.model.Status.WITHDRAWN:
            return withdrawn.filter(number__isnull=False)
        return self.filter(status=status)

    def signed(self) -> "PartnerQuerySet":
        """Those that have signed and neither rest nor have left, if their term is over or not."""
        return self.filter(status=self.model.Status.SIGNED)

    def running(self) -> "PartnerQuerySet":
        """Those whose agreement runs today: only these claim, take stalls and move up in a line.

        What a partner already holds stays its own. `Partner.is_running` says it of one.
        """
        over = Q(agreement_ends_on__lt=timezone.localdate())
        return self.signed().exclude(over)

    def claimants(
        self, user: "User | Visitor", *, beside: "Iterable[OfPartner]"
    ) -> "tuple[list[Partner], list[Partner]]":
        """Whom `user` may take something for, `beside` what their partners hold of it already.

        Gives those that may take it, and those that hold none of it and may not, because no
        agreement of theirs runs today.
        """
        holders = {holding.partner_id for holding in beside}
        others = [each for each in self.represented_by(user) if each.pk not in holders]
        resting = [each for each in others if not each.is_running]
        return [each for each in others if each.is_running], resting

    def ending_by(self, day: date) -> "PartnerQuerySet":
        """Signed partners whose agreement ends on `day` or earlier."""
        return self.signed().filter(agreement_ends_on__lte=day)

    def without_contact(self) -> "PartnerQuerySet":
        """Those nobody can call: no contact with a phone number."""
        return self.filter(has_phone=False)

    def in_rows(self, *more: str) -> Any:
        """What a list shows of each partner and its main contact, and `more`, as named tuples."""
        return self.annotate(
            main=FilteredRelation("contacts", condition=Q(contacts__is_main=True)),
            contact_name=F("main__name"),
            contact_phone=F("main__phone"),
            community_name=F("community__short_name"),
        ).values_list(
            "pk",
            "number",
            "name",
            "kind",
            "community_name",
            "contact_name",
            "contact_phone",
            "signed_on",
            "agreement_ends_on",
            "status",
            *more,
            named=True,
        )

    def matching(self, text: str) -> "PartnerQuerySet":
        """Those that the search box finds: name, number, pinyin, initials, credit code, phone tail."""
        return matching(self, text)


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

    class Status(States):
        APPLIED = "applied", Tone.WAITING, _("applied")
        VETTED = "vetted", Tone.ACTIVE, _("vetted")
        SIGNED = "signed", Tone.GOOD, _("signed")
        SUSPENDED = "suspended", Tone.BAD, _("suspended")
        WITHDRAWN = "withdrawn", Tone.ENDED, _("withdrawn")

    tone = tone_of(Status, "status")

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
