"""Which partners: who sees them, whose agreement runs, and in what orders a list shows them."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.search import matching

if TYPE_CHECKING:
    from banyang.accounts.models import User, Visitor
    from partners.models import Partner
    from partners.places import Holding

# A place in the list is never null, so that any page of it can be found through the index.
IN_ORDER = Coalesce(F("number"), Value(2**31 - 1))

# The orders by date, from first to last and from last to first: those without a date come last
# both ways. People mostly ask for the lately signed and for what ends soon.
BY_SIGNING = Coalesce(F("signed_on"), Value(date.max))
BY_SIGNING_DOWN = Coalesce(F("signed_on"), Value(date.min))
BY_ENDING = Coalesce(F("agreement_ends_on"), Value(date.max))
BY_ENDING_DOWN = Coalesce(F("agreement_ends_on"), Value(date.min))


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

    def represented_by(self, user: "User") -> "PartnerQuerySet":
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
        self, user: "User", *, beside: Iterable["Holding"]
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
