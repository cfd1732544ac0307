"""Makes claims and their steps, for tests and for the demo office."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from partners.factories import PartnerFactory
from projects.claims.models import Claim, Step
from projects.lists.factories import ProjectFactory


class ClaimFactory(DjangoModelFactory):
    """A claim that holds its place; `confirmed=True` makes it one with a plan."""

    class Meta:
        model = Claim

    class Params:
        confirmed = factory.Trait(
            state=Claim.State.CONFIRMED,
            asked_at=factory.LazyAttribute(lambda _claim: timezone.now()),
            confirmed_at=factory.LazyFunction(timezone.now),
            aim="方便居民就近享受服务",
            content="每月一次，现场服务",
            deadline_on=factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=40)),
        )
        waiting = factory.Trait(state=Claim.State.WAITING)

    project = factory.SubFactory(ProjectFactory)
    partner = factory.SubFactory(PartnerFactory, signed=True)
    state = Claim.State.CLAIMED
    held_at = factory.LazyAttribute(
        lambda claim: None if claim.state == "waiting" else timezone.now()
    )
    ended_at = factory.LazyAttribute(
        lambda claim: timezone.now() if claim.state == "completed" or claim.end_reason else None
    )
    end_reason = factory.LazyAttribute(
        lambda claim: "人手不足" if claim.state in {"withdrawn", "released"} else ""
    )


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    claim = factory.SubFactory(ClaimFactory, confirmed=True)
    text = "进社区开展服务"
    due_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=10))
