"""Places that partners take, first come, first served, with a waiting list behind them.

Projects and market days both have a limited number of places; claims and stalls are what
partners hold on them. The database keeps the count: a trigger on the holding's table adds to
and takes from `taken` of the parent, and a check constraint refuses one too many, so
no code path can over-claim. The actions lock the parent row first, so that a rush is answered
with a waiting list and not with errors.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import DatabaseError, models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from partners.models import Partner

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor

HoldingT = TypeVar("HoldingT", bound="Holding")
LimitedT = TypeVar("LimitedT", bound="Limited")

logger = logging.getLogger(__name__)

MOST_PLACES = 10_000  # a notice board in every stairwell of a large community, and room to spare


class Limited(models.Model):
    """Something with a limited number of places."""

    capacity = models.PositiveIntegerField(
        _("places"),
        default=1,
        validators=[MaxValueValidator(MOST_PLACES, _("%(limit_value)d places at most."))],
    )
    taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")),
                name="%(class)s_places_not_exceeded",
                violation_error_message=_("More places are taken than there are."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__lte=MOST_PLACES),
                name="%(class)s_places_limited",
                violation_error_message=_("There can't be so many places."),
            ),
        ]
        triggers = [
            # Only `counts_taken` writes the count: saving an instance that was loaded before
            # somebody took a place would put an old one back.
            pgtrigger.Trigger(
                name="keeps_taken",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__taken__df=pgtrigger.F("new__taken")),
                func="""
                    IF pg_trigger_depth() = 1 THEN
                        NEW.taken := OLD.taken;
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def left(self) -> int:
        return self.capacity - self.taken


class HoldingQuerySet(models.QuerySet[HoldingT]):
    def represented_by(self, user: "User | Visitor") -> Self:
        """Those that the person may change and give up, for the partner's side."""
        return self.filter(partner__in=user.partner_ids)

    def active(self) -> Self:
        """Those that hold places or wait for some."""
        return self.filter(state__in=self.model.ACTIVE)

    def waiting(self) -> Self:
        return self.filter(state="waiting")

    def in_line(self) -> Self:
        """In the order in which places are given."""
        return self.order_by("asked_at", "pk")

    def with_position_in_line(self) -> Self:
        """Each with its `position_in_line`, for pages that show many."""
        parent = self.model.PARENT
        ahead = self.model._default_manager.filter(
            Q(asked_at__lt=OuterRef("asked_at"))
            | Q(asked_at=OuterRef("asked_at"), pk__lt=OuterRef("pk")),
            state="waiting",
            **{parent: OuterRef(parent)},
        )
        counted = ahead.order_by().values(parent).annotate(number=Count("pk")).values("number")
        return self.annotate(position_in_line=Coalesce(Subquery(counted), 0) + 1)

    def next_in_line(self, left: int) -> Self:
        """Whom free places may go to: waiting, fitting into them, the partner's agreement running.

        Who is passed over, because too little is free or the agreement rests or is over, stays in
        line.
        """
        return (
            self.waiting()
            .filter(quantity__lte=left, partner__in=Partner.objects.running())
            .in_line()
        )


class Holding(models.Model):
    """A partner's hold on some of the places, or its turn on the waiting list.

    A subclass has a `state` whose `"waiting"` is the waiting list. It names in `ACTIVE` the states
    in which it holds places or waits, and in `PARENT` the foreign key to what has the places.
    """

    ACTIVE: ClassVar[tuple[str, ...]]
    PARENT: ClassVar[str]
    state: "models.CharField[str, str]"

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="%(class)ss", verbose_name=_("partner")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    # By the database's clock and, since the parent is locked then, in the order of the line.
    asked_at = models.DateTimeField(_("asked at"), db_default=Now(), editable=False)
    held_at = models.DateTimeField(_("place given at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="%(class)s_quantity_from_one",
                violation_error_message=_("Take one place at least."),
            ),
        ]

    @cached_property
    def position_in_line(self) -> int:
        """1 for the one that has waited longest, and so on."""
        line = {"state": "waiting", self.PARENT: getattr(self, self.PARENT)}
        earlier = Q(asked_at__lt=self.asked_at) | Q(asked_at=self.asked_at, pk__lt=self.pk)
        return type(self)._default_manager.filter(earlier, **line).count() + 1

    @property
    def passes_on(self) -> str:
        """What becomes of the line when this is given up, for a page that asks first."""
        if self.state == "waiting":
            return gettext("The partner leaves the waiting list; the others in line move up.")
        return gettext(
            "If somebody waits in line, the place passes at once to the next, who is told."
        )


def counts_taken(
    *, parent_table: str, parent_column: str, holding: Iterable[str]
) -> pgtrigger.Trigger:
    """The trigger that keeps `taken` of the parent in step with its holdings.

    `holding` are the states in which a holding occupies its quantity of places.
    """
    states = ", ".join(f"'{state}'" for state in holding)
    return pgtrigger.Trigger(
        name="counts_taken",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        declare=[("before", "integer"), ("after", "integer")],
        func=f"""
            before := CASE WHEN TG_OP <> 'INSERT' AND OLD.state IN ({states}) THEN OLD.quantity ELSE 0 END;
            after := CASE WHEN TG_OP <> 'DELETE' AND NEW.state IN ({states}) THEN NEW.quantity ELSE 0 END;
            IF TG_OP = 'UPDATE' AND OLD.{parent_column} = NEW.{parent_column} THEN
                IF before <> after THEN
                    UPDATE {parent_table} SET taken = taken + after - before
                    WHERE id = NEW.{parent_column};
                END IF;
                RETURN NULL;
            END IF;
            IF before > 0 THEN
                UPDATE {parent_table} SET taken = taken - before WHERE id = OLD.{parent_column};
            END IF;
            IF after > 0 THEN
                UPDATE {parent_table} SET taken = taken + after WHERE id = NEW.{parent_column};
            END IF;
            RETURN NULL;
        """,  # noqa: S608 (the names come from our own models)
    )


def pass_on(parent: Limited, holdings: HoldingQuerySet[HoldingT], *, to: str) -> list[HoldingT]:
    """Move those of `holdings` that wait and get the free places of `parent` to the state `to`.

    Strictly in the order of asking, except that one that asks for more than is free lets the next
    one that fits go first: no place stays empty while somebody waits who can fill it.

    Expects the row of `parent` to be locked and its count to be as it is now. Returns those that
    now hold places.
    """
    given: list[HoldingT] = []
    line = holdings.next_in_line(parent.left).select_related("partner")
    for holding in line.iterator(chunk_size=50):
        if holding.quantity > parent.left:
            continue
        move(holding, to, held_at=timezone.now())
        parent.taken += holding.quantity
        given.append(holding)
        if parent.left == 0:
            break
    return given


def pass_on_each(
    parents: Iterable[LimitedT], give: Callable[[LimitedT], list[HoldingT]]
) -> list[HoldingT]:
    """Let `give` pass on the free places of each of `parents`, in a transaction of its own.

    Somebody was passed over while no agreement of theirs ran, and nobody has asked since. One
    that fails is logged and holds up no other. Returns those that now hold places.
    """
    given: list[HoldingT] = []
    for parent in parents:
        try:
            with transaction.atomic():
                passed_on = give(parent)
        except (Refused, DatabaseError) as error:
            logger.error(
                "Places of %s %s can't be passed on: %s",
                parent._meta.label,
                parent.pk,
                type(error).__name__,
                # A refusal's sentence names people.
                exc_info=isinstance(error, DatabaseError),
            )
        else:
            given += passed_on
    return given
