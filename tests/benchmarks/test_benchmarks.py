"""The figures can be trusted: what is measured is what offices have. Nothing here is timed."""

import pytest

from communities.factories import CommunityFactory
from partners import search
from partners.codes import validate_credit_code
from partners.models import Partner
from tests.benchmarks import claims, population
from tests.benchmarks.report import table


@pytest.mark.django_db(transaction=True)
def test_population_is_stored_as_if_somebody_had_entered_it() -> None:
    CommunityFactory(short_name="东升社区")
    population.load(40)
    population.load(80)  # it grows
    partners = list(Partner.objects.order_by("number"))
    assert [partner.number for partner in partners] == list(range(1, 81))
    for partner in partners:
        stored = [getattr(partner, name) for name in search.INDEXED]
        validate_credit_code(partner.credit_code)
        search.index(partner, partner.contacts.values_list("phone", flat=True))
        assert stored == [getattr(partner, name) for name in search.INDEXED]
    assert [partner.number for partner in Partner.objects.matching(population.RARE)] == [77]
    assert 0 < Partner.objects.matching(population.COMMON).count() < 40
    population.empty()
    assert not Partner.objects.exists()


def test_recorded_statement_leaves_its_keys_to_pgbench() -> None:
    context = "SELECT set_config('id', 'c2538676-db61-45d8-9b7b-e1ed4a304e5d', true)"
    values = f"({claims.PARTNER}, {claims.PROJECT})"
    recorded = f'{context}; INSERT INTO "claims_claim" VALUES {values} RETURNING id'  # noqa: S608
    assert claims.general(recorded) == (
        r"SELECT set_config('id', gen_random_uuid()::text, true) \; "
        r"""INSERT INTO "claims_claim" VALUES (:partner, :project) RETURNING id \gset claim_"""
    )
    key = f"SELECT 'claims.claim:{claims.CLAIM}:1:'"
    assert claims.general(key) == "SELECT 'claims.claim:' || :claim_id || ':1:';"


def test_table_aligns_numbers_to_the_right() -> None:
    assert table(["page", "ms"], [["first", "1.5"]]).splitlines()[1] == "| --- | ---: |"
