"""Makes needs, for tests and for the demo office."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from communities.factories import CommunityFactory
from projects.needs.models import Need


class NeedFactory(DjangoModelFactory):
    """A need nobody has checked yet; `on_board=True` makes one that anybody may read."""

    class Meta:
        model = Need

    class Params:
        on_board = factory.Trait(
            state=Need.State.OPEN, checked_at=factory.LazyFunction(timezone.now)
        )

    community = factory.SubFactory(CommunityFactory)
    text = factory.Sequence(lambda n: f"{n}号楼道灯不亮，晚上老人上下楼不方便")
    asker_phone = factory.Sequence(lambda n: f"196{n:08d}")
