"""Makes deliveries, for tests and for the demo office."""

import uuid

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from projects.claims.factories import ClaimFactory
from projects.deliveries.models import Delivery


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    claim = factory.SubFactory(ClaimFactory, confirmed=True)
    delivered_on = factory.LazyFunction(timezone.localdate)
    content = "为居民免费理发"
    residents_served = 30
    form_token = factory.LazyFunction(uuid.uuid4)
