"""A list's opening is moved, or the list taken back, while somebody claims at the old moment."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked
from partners.factories import MemberFactory
from projects.claims.actions.claims import claim_project
from projects.claims.models import Claim
from projects.lists import actions
from projects.lists.factories import ProjectFactory
from projects.lists.models import Project, ProjectList
from tests.races import SECONDS, at_once, once_all_wait

AHEAD = timedelta(seconds=2)  # of the opening, for whoever moves it to begin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    """On a list that opens in a moment."""
    project = ProjectFactory()
    ProjectList.objects.update(opens_at=timezone.now() + AHEAD)
    return project


@pytest.fixture
def claim(project: Project) -> Callable[[], object]:
    """Claims the project as soon as its list was to open."""
    member, opens_at = MemberFactory(), ProjectList.objects.get().opens_at
    assert opens_at is not None

    def _claim() -> tuple[Claim, bool]:
        _wait_until(opens_at)
        return claim_project(project=project, partner=member.partner, by=member.user)

    return _claim


def _wait_until(moment: datetime) -> None:
    time.sleep(max(0, (moment - timezone.now()).total_seconds() + 0.05))


def _postpone(by: User | None = None) -> None:
    later = timezone.now() + timedelta(days=9)
    actions.reschedule_list(
        project_list=ProjectList.objects.get(), opens_at=later, by=by or UserFactory()
    )


def _recall() -> None:
    actions.recall_list(project_list=ProjectList.objects.get(), by=UserFactory())


@pytest.mark.parametrize("change", [_postpone, _recall])
def test_list_changed_while_somebody_claims_at_its_opening_stays_open(
    project: Project, claim: Callable[[], object], change: Callable[[], None]
) -> None:
    [refused] = once_all_wait([change], behind=lambda: Project.objects.lock(project.pk), then=claim)
    assert isinstance(refused, Refused)
    assert project.claims.count() == 1
    assert Project.objects.open().get() == project


@pytest.mark.parametrize("change", [_postpone, _recall])
def test_claim_that_waits_for_a_change_of_its_list_is_refused(
    project: Project, change: Callable[[], None]
) -> None:
    opens_at = ProjectList.objects.get().opens_at
    assert opens_at is not None

    def claim_behind() -> object:
        member = MemberFactory()
        return claim_project(project=project, partner=member.partner, by=member.user)

    [refused] = once_all_wait([claim_behind], behind=change, then=lambda: _wait_until(opens_at))
    assert isinstance(refused, Refused)
    assert not Claim.objects.exists()


def test_opening_moved_without_the_projects_locks_leaves_a_place_taken_before_it(
    project: Project, claim: Callable[[], object]
) -> None:
    """The control: looked at before the opening, moved after somebody claimed."""
    begun, claimed = Barrier(2, timeout=SECONDS), Barrier(2, timeout=SECONDS)

    def move_without_locking() -> None:
        with transaction.atomic():
            project_list = locked(ProjectList.objects, project.list_id)
            assert project_list.opens_later
            begun.wait()
            claimed.wait()
            project_list.opens_at = timezone.now() + timedelta(days=9)
            project_list.save(update_fields=["opens_at"])

    def claim_at_once() -> None:
        begun.wait()
        claim()
        claimed.wait()

    assert at_once([move_without_locking, claim_at_once]) == [None, None]
    assert ProjectList.objects.get().opens_later
    assert Claim.objects.get().state == Claim.State.CLAIMED
