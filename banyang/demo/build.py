"""Puts the demo office together."""

import random

from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from faker import Faker

from banyang.demo.events import make_market_days
from banyang.demo.ledger import write_reminders
from banyang.demo.office import make_people
from banyang.demo.partners import make_partners
from banyang.demo.projects import ProjectMaker, make_needs
from banyang.foundation.actions import Program, acting
from banyang.office.models import CACHE_KEY, Office
from communities.models import Community

SEED = 20200909  # the month the programme began


def make_demo_office() -> None:
    """Fill an installation that has its reference data and no partners yet.

    One transaction: a demo office that was cut short leaves nothing behind.
    """
    rng = random.Random(SEED)  # noqa: S311  (made-up data, not a secret)
    fake = Faker("zh_CN")
    fake.seed_instance(SEED)
    today = timezone.localdate()
    with transaction.atomic(), acting(Program("demo")):
        call_command("load_reference", verbosity=0)
        give_phones()
        communities = list(Community.objects.order_by("code"))
        staff, secretaries = make_people(communities, fake, rng)
        partners = make_partners(communities, staff, today, fake, rng)
        maker = ProjectMaker(communities, secretaries, partners, today, rng)
        maker.make()
        make_needs(communities, maker.projects, today, rng)
        make_market_days(communities, partners, today, rng)
        write_reminders(today)


def give_phones() -> None:
    """Numbers to call, of a kind that no exchange gives out."""
    Office.objects.filter(pk=1).update(
        phone="05330000000", address="淄川区般阳路", opening_hours="工作日 08:30–12:00，14:00–18:00"
    )
    cache.delete(CACHE_KEY)
    communities = list(Community.objects.order_by("code"))
    for serial, community in enumerate(communities, 1):
        community.phone = f"0533{serial:07d}"
        community.address = f"{community.short_name}党群服务中心"
    Community.objects.bulk_update(communities, ["phone", "address"])
