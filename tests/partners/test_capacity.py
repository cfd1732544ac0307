"""What the database says of places and of those who hold them, at markets as in projects."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from banyang.foundation.errors import Refused
from events.markets.factories import MarketDayFactory, StallFactory
from partners.capacity import MOST_PLACES, pass_on_each
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory
from projects.lists.models import Project

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("kind", "broken", "constraint", "message"),
    [
        (
            MarketDayFactory,
            {"capacity": MOST_PLACES + 1},
            "marketday_places_limited",
            "There can't be so many places.",
        ),
        (
            ProjectFactory,
            {"capacity": MOST_PLACES + 1},
            "project_places_limited",
            "There can't be so many places.",
        ),
        # A stall that takes none is refused by either of two rules.
        (StallFactory, {"quantity": 0}, "stall_", "Take one place at least."),
        (StallFactory, {"quantity": 2}, "stall_one_each", "A partner has one stall on a day."),
        (
            StallFactory,
            {"held_at": None},
            "stall_holding_since",
            "Say when the stall was given.",
        ),
        (
            StallFactory,
            {"state": "withdrawn", "ended_at": None},
            "stall_ended_has_moment",
            "Say when the stall ended.",
        ),
        (
            StallFactory,
            {"state": "released", "ended_at": NOW},
            "stall_released_has_reason",
            "Say why the stall is released.",
        ),
        (
            ClaimFactory,
            {"held_at": None},
            "claim_holding_since",
            "Say when the claim got its places.",
        ),
        (
            ClaimFactory,
            {"state": "withdrawn", "end_reason": "人手不足"},
            "claim_ended_has_moment",
            "Say when the claim ended.",
        ),
        (
            ClaimFactory,
            {"state": "released", "ended_at": NOW},
            "claim_given_up_has_reason",
            "Say why the claim ended.",
        ),
    ],
)
def test_places_against_a_rule_violate_the_database(
    kind: Any, broken: dict[str, Any], constraint: str, message: str
) -> None:
    thing = kind()
    for name, value in broken.items():
        setattr(thing, name, value)

    with translation.override("en"), pytest.raises(ValidationError) as refused:
        thing.validate_constraints()
    assert message in refused.value.messages
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        thing.save()


def test_log_of_places_that_are_not_passed_on_names_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(project: Project) -> list[Claim]:
        raise Refused("“王大妈家的灯泡” is cancelled.")

    pass_on_each([ProjectFactory()], refuse)

    [logged] = caplog.records
    assert "can't be passed on: Refused" in logged.getMessage()
    assert "王大妈" not in caplog.text
