"""Places that partners take, first come, first served, with a waiting list behind them.

Projects and market days both have a limited number of places; claims and stalls are what
partners hold on them. The database keeps the count: a trigger on the holding's table adds to
and takes from `places_taken` of the parent, and a check constraint refuses one too many, so
no code path can over-claim. The actions lock the parent row first, so that a rush is answered
with a waiting list and not with errors.
"""

from collections.abc import Iterable

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from partners.models import Partner

MOST_PLACES = 10_000  # a notice board in every stairwell of a large community, and room to spare


class Limited(models.Model):
    """Something with a limited number of places."""

    places = models.PositiveIntegerField(
        _("places"),
        default=1,
        validators=[MaxValueValidator(MOST_PLACES, _("%(limit_value)d places at most."))],
    )
    places_taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(places_taken__lte=F("places")),
                name="%(class)s_places_not_exceeded",
                violation_error_message=_("More places are taken than there are."),
            ),
            models.CheckConstraint(
                condition=Q(places__lte=MOST_PLACES),
                name="%(class)s_places_limited",
                violation_error_message=_("There can't be so many places."),
            ),
        ]
        triggers = [
            # Only `counts_places` writes the count: saving an instance that was loaded before
            # somebody took a place would put an old one back.
            pgtrigger.Trigger(
                name="keeps_places_taken",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__places_taken__df=pgtrigger.F("new__places_taken")),
                func="""
                    IF pg_trigger_depth() = 1 THEN
                        NEW.places_taken := OLD.places_taken;
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def places_left(self) -> int:
        return self.places - self.places_taken


class Holding(models.Model):
    """A partner's hold on some of the places, or its turn on the waiting list.

    A subclass has a `state` whose `"waiting"` is the waiting list.
    """

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="%(class)ss", verbose_name=_("partner")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    # By the database's clock and, since the parent is locked then, in the order of the line.
    asked_at = models.DateTimeField(_("asked at"), db_default=Now(), editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="%(class)s_quantity_from_one",
                violation_error_message=_("Take one place at least."),
            ),
        ]


def counts_places(
    *, parent_table: str, parent_column: str, holding: Iterable[str]
) -> pgtrigger.Trigger:
    """The trigger that keeps `places_taken` of the parent in step with its holdings.

    `holding` are the states in which a holding occupies its quantity of places.
    """
    states = ", ".join(f"'{state}'" for state in holding)
    return pgtrigger.Trigger(
        name="counts_places",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        declare=[("before", "integer"), ("after", "integer")],
        func=f"""
            before := CASE WHEN TG_OP <> 'INSERT' AND OLD.state IN ({states}) THEN OLD.quantity ELSE 0 END;
            after := CASE WHEN TG_OP <> 'DELETE' AND NEW.state IN ({states}) THEN NEW.quantity ELSE 0 END;
            IF TG_OP = 'UPDATE' AND OLD.{parent_column} = NEW.{parent_column} THEN
                IF before <> after THEN
                    UPDATE {parent_table} SET places_taken = places_taken + after - before
                    WHERE id = NEW.{parent_column};
                END IF;
                RETURN NULL;
            END IF;
            IF before > 0 THEN
                UPDATE {parent_table} SET places_taken = places_taken - before WHERE id = OLD.{parent_column};
            END IF;
            IF after > 0 THEN
                UPDATE {parent_table} SET places_taken = places_taken + after WHERE id = NEW.{parent_column};
            END IF;
            RETURN NULL;
        """,  # noqa: S608 (the names come from our own models)
    )
