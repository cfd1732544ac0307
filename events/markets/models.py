"""Market days (合伙人大集) and their stalls."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.foundation.dates import day
from banyang.foundation.tones import States, Tone, tone_of
from communities.models import Community
from partners.capacity import Holding, HoldingQuerySet, Limited, counts_taken
from partners.models import Partner
from projects.catalogue.models import Service

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor


MOST_TABLES = 20  # of a stall: more is a slip of the keyboard
LONGEST_AHEAD = timedelta(days=366)  # of a market: later is a slip of the keyboard


def _is_over() -> Q:
    """What `MarketDay.is_past` says, for the database."""
    now = timezone.localtime()
    return Q(held_on__lt=now.date()) | Q(held_on=now.date(), ends_at__lte=now.time())


class MarketDayQuerySet(models.QuerySet["MarketDay"]):
    def visible_to(self, user: "User") -> "MarketDayQuerySet":
        """Market days are public."""
        return self

    def manageable_by(self, user: "User") -> "MarketDayQuerySet":
        """Staff plan every market day; the host community's secretaries look after theirs."""
        return self if user.is_staff else self.filter(host__in=user.community_ids)

    def planned(self) -> "MarketDayQuerySet":
        return self.filter(state=MarketDay.State.PLANNED)

    def upcoming(self) -> "MarketDayQuerySet":
        """Planned and not over yet, the next one first."""
        return self.planned().exclude(_is_over()).order_by("held_on")

    def past(self) -> "MarketDayQuerySet":
        """Over, and those called off, the latest first."""
        return self.filter(_is_over() | Q(state=MarketDay.State.CANCELLED)).order_by(
            "-held_on", "-pk"
        )

    def hosted_by(self, community: Community) -> "MarketDayQuerySet":
        return self.filter(host=community)

    def with_stall_of(self, partner: Partner) -> "MarketDayQuerySet":
        """Those at which a partner has a stall, or a turn on the waiting list."""
        return self.filter(pk__in=partner.stalls.active().values("market_day"))

    def until(self, day: date) -> "MarketDayQuerySet":
        return self.filter(held_on__lte=day)

    def with_host(self) -> "MarketDayQuerySet":
        return self.select_related("host")

    def with_stalls_of(self, user: "User | Visitor") -> "MarketDayQuerySet":
        """Each with `own`: the stalls and turns there that partners of `user` have."""
        if not user.is_partner:
            return self
        stalls = Stall.objects.active().represented_by(user).with_partner().with_position_in_line()
        return self.prefetch_related(Prefetch("stalls", stalls, to_attr="own"))

    def before(self, day: date) -> "MarketDayQuerySet":
        return self.filter(held_on__lt=day)

    def with_free_stalls(self) -> "MarketDayQuerySet":
        return self.filter(taken__lt=F("capacity"))

    def with_a_line(self) -> "MarketDayQuerySet":
        """Those at which somebody waits for a stall."""
        return self.filter(stalls__state=Stall.State.WAITING).distinct()

    def on(self, days: Iterable[date]) -> "MarketDayQuerySet":
        return self.planned().filter(held_on__in=days)

    def hosted_since(self, day: date) -> "MarketDayQuerySet":
        return self.planned().filter(held_on__gte=day)


@pghistory.track(exclude=["taken"])
class MarketDay(Limited):
    """A market that a community hosts; its places are stalls."""

    class State(States):
        PLANNED = "planned", Tone.ACTIVE, _("planned")
        CANCELLED = "cancelled", Tone.BAD, _("cancelled")

    tone = tone_of(State, "state")

    MOVES: dict[str, set[str]] = {
        State.PLANNED: {State.CANCELLED},
        State.CANCELLED: set(),
    }

    host = models.ForeignKey(
        Community,
        models.PROTECT,
        related_name="market_days",
        verbose_name=_("host community"),
    )
    held_on = models.DateField(_("held on"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    location = models.CharField(_("place"), max_length=200, blank=True)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # What whoever is concerned is told of the last move: the day that they know, and the reason.
    was_on = models.DateField(_("moved from"), null=True, blank=True, editable=False)
    move_reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)

    objects = MarketDayQuerySet.as_manager()

    class Meta(Limited.Meta):
        verbose_name = _("market day")
        verbose_name_plural = _("market days")
        ordering = ["-held_on"]
        constraints = [
            *Limited.Meta.constraints,
            models.UniqueConstraint(
                fields=["held_on"],
                condition=~Q(state="cancelled"),
                name="marketday_one_a_day",
                violation_error_message=_("There already is a market on this day."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="marketday_places_from_one",
                violation_error_message=_("A market has one stall at least."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="marketday_starts_before_end",
                violation_error_message=_("The market must begin before it ends."),
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""),
                name="marketday_cancelled_has_reason",
                violation_error_message=_("Say why the market is cancelled."),
            ),
            models.CheckConstraint(
                condition=Q(was_on=None) | ~Q(move_reason=""),
                name="marketday_moved_has_reason",
                violation_error_message=_("Say why the market is moved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{day(self.held_on)} {self.host}"

    def get_absolute_url(self) -> str:
        return reverse("marketday_detail", args=[self.pk])

    @property
    def is_past(self) -> bool:
        """Whether it is over, by the office's clock: on its day from the closing hour on."""
        now = timezone.localtime()
        return (self.held_on, self.ends_at) <= (now.date(), now.time())

    @property
    def where(self) -> str:
        """The place as people are told it: the host community's unless another is named."""
        return self.location or self.host.short_name

    @property
    def why_over(self) -> str:
        """What to tell whoever plans it for today too late; nothing while there is time."""
        if not self.is_past:
            return ""
        text = gettext("It is past %(hour)s already, when this market ends. Choose another day.")
        return text % {"hour": f"{self.ends_at:%H:%M}"}

    @property
    def takes_stalls(self) -> bool:
        """Whether partners may still sign up or withdraw: until it is over."""
        return self.state == self.State.PLANNED and not self.is_past


class StallQuerySet(HoldingQuerySet["Stall"]):
    def visible_to(self, user: "User") -> "StallQuerySet":
        """Staff see all, a secretary those at their community's markets, a member their
        partner's."""
        if user.is_staff:
            return self
        return self.filter(
            Q(market_day__host__in=user.community_ids) | Q(partner__in=user.partner_ids)
        )

    def manageable_by(self, user: "User") -> "StallQuerySet":
        """Stalls the person may release, for the host's side."""
        return self if user.is_staff else self.filter(market_day__host__in=user.community_ids)

    def with_partner(self) -> "StallQuerySet":
        return self.select_related("partner")

    def coming_up(self, last: date = date.max) -> "StallQuerySet":
        """At markets that are planned until `last` and not over, the next first."""
        return (
            self.filter(market_day__in=MarketDay.objects.upcoming().until(last).order_by())
            .select_related("market_day__host", "partner")
            .order_by("market_day__held_on")
        )

    def at(self, market_days: Iterable[MarketDay]) -> "StallQuerySet":
        return self.filter(market_day__in=market_days).select_related("market_day")

    def taken(self) -> "StallQuerySet":
        return self.filter(state=Stall.State.TAKEN)


@pghistory.track()
class Stall(Holding):
    """A partner's stall (摊位) at a market day, or its turn on the waiting list."""

    class State(States):
        WAITING = "waiting", Tone.WAITING, _("on the waiting list")
        TAKEN = "taken", Tone.ACTIVE, _("taken")
        WITHDRAWN = "withdrawn", Tone.ENDED, _("withdrawn")
        RELEASED = "released", Tone.ENDED, _("released")

    tone = tone_of(State, "state")

    PARENT = "market_day"
    HOLDING = (State.TAKEN,)
    ACTIVE = (State.WAITING, *HOLDING)
    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.TAKEN, State.WITHDRAWN, State.RELEASED},
        State.TAKEN: {State.WITHDRAWN, State.RELEASED},
        State.WITHDRAWN: set(),
        State.RELEASED: set(),
    }

    market_day = models.ForeignKey(
        MarketDay, models.PROTECT, related_name="stalls", verbose_name=_("market day")
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stalls",
        verbose_name=_("service"),
    )
    offer = models.CharField(_("what the stall offers"), max_length=100)
    tables = models.PositiveSmallIntegerField(
        _("tables"),
        default=1,
        help_text=_("Number of tables needed."),
        validators=[MaxValueValidator(MOST_TABLES, _("%(limit_value)d tables at most."))],
    )
    needs_power = models.BooleanField(_("needs power"), default=False)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    end_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = StallQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("stall")
        verbose_name_plural = _("stalls")
        ordering = ["asked_at", "pk"]
        constraints = [
            *Holding.Meta.constraints,
            models.CheckConstraint(
                condition=Q(quantity=1),
                name="stall_one_each",
                violation_error_message=_("A partner has one stall on a day."),
            ),
            models.CheckConstraint(
                condition=Q(tables__lte=MOST_TABLES),
                name="stall_tables_limited",
                violation_error_message=_("A stall can't have so many tables."),
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(held_at__isnull=False),
                name="stall_holding_since",
                violation_error_message=_("Say when the stall was given."),
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(held_at=None),
                name="stall_waiting_has_none",
                violation_error_message=_("A partner that waits for a stall has none yet."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["withdrawn", "released"]) | Q(ended_at__isnull=False),
                name="stall_ended_has_moment",
                violation_error_message=_("Say when the stall ended."),
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | ~Q(end_reason=""),
                name="stall_released_has_reason",
                violation_error_message=_("Say why the stall is released."),
            ),
            models.UniqueConstraint(
                fields=["market_day", "partner"],
                condition=Q(state__in=["waiting", "taken"]),
                name="stall_once_per_partner",
                violation_error_message=_("This partner already has a stall on this day."),
            ),
        ]
        triggers = [
            counts_taken(
                parent_table="markets_marketday",
                parent_column="market_day_id",
                holding=("taken",),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.market_day}"
