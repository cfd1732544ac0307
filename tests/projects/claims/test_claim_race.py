"""Fifty partners claim a project with ten places through HTTP at the same moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from threading import Barrier

import pgtrigger
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from banyang.foundation.moves import move
from banyang.reminders.models import Reminder
from communities.factories import SecretaryFactory
from partners.factories import MemberFactory
from partners.models import Member
from projects.claims.actions import claims as actions
from projects.claims.actions.projects import edit_project
from projects.claims.factories import ClaimFactory
from projects.claims.models import Claim
from projects.lists.actions import ProjectDetails
from projects.lists.factories import ProjectFactory
from projects.lists.models import Project
from tests.benchmarks.server import sign_in as headers
from tests.races import SECONDS, at_once
from tests.reminders.processes import private_redis
from tests.web import web_server

PARTNERS, PLACES = 50, 10
THREADS = 10  # of each web process; each keeps a connection to the database
ANSWERED = 120  # seconds, on a busy machine

# Rushes want so many connections that they run one after another.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("rush")]


@pytest.fixture
def project() -> Project:
    project = ProjectFactory(capacity=PLACES)
    SecretaryFactory(community=project.community)
    return project


@pytest.fixture
def members() -> list[Member]:
    return [MemberFactory() for _ in range(PARTNERS)]


@pytest.fixture
def port() -> Iterator[int]:
    """Where a web server of several processes answers, each with a good many threads."""
    with private_redis() as redis, web_server(redis.url, threads=THREADS) as served:
        yield served.port


def assert_fair(project: Project) -> None:
    line = list(project.claims.in_line())
    holding = [claim for claim in line if claim.state == Claim.State.CLAIMED]
    waiting = [claim for claim in line if claim.state == Claim.State.WAITING]
    assert (len(holding), len(waiting)) == (PLACES, PARTNERS - PLACES)
    assert line == holding + waiting, "who asked first holds a place"
    assert [claim.pk for claim in line] == sorted(claim.pk for claim in line)
    assert len({claim.asked_at for claim in line}) == len(line), "no two asked at the same moment"
    assert len({claim.partner_id for claim in line}) == PARTNERS, "nobody twice"
    project.refresh_from_db()
    assert project.taken == PLACES


@pytest.mark.parametrize("clicks", [1, 2], ids=["one click", "double click"])
def test_rush_through_http_fills_the_places_and_lines_up_the_rest(
    project: Project, members: list[Member], port: int, clicks: int
) -> None:
    url = reverse("project_claim", args=[project.pk])
    people = [headers(member.user) for member in members] * clicks
    with ExitStack() as stack:
        sockets = [HTTPConnection("127.0.0.1", port, timeout=ANSWERED) for _person in people]
        for each in sockets:
            stack.enter_context(closing(each)).connect()

        def click(number: int) -> int:
            all_ready.wait()
            sockets[number].request("POST", url, headers=people[number])
            return sockets[number].getresponse().status

        all_ready = Barrier(len(people), timeout=SECONDS)
        with ThreadPoolExecutor(len(people)) as clicks_at_once:
            answers = list(clicks_at_once.map(click, range(len(people))))
    assert answers == [302] * len(people)
    assert_fair(project)
    assert Reminder.objects.filter(kind="claim_unconfirmed").count() == PLACES


def test_rush_without_the_lock_over_claims(project: Project, members: list[Member]) -> None:
    """The control: read, then write, with nothing that holds the number of places."""

    def read_then_write(member: Member) -> None:
        with transaction.atomic(), pgtrigger.ignore("claims.Claim:counts_taken"):
            held = project.claims.running().count()
            fits = held < PLACES
            state = Claim.State.CLAIMED if fits else Claim.State.WAITING
            rush.wait()
            ClaimFactory(project=project, partner=member.partner, state=state)

    rush = Barrier(PARTNERS, timeout=SECONDS)
    results = at_once([lambda m=member: read_then_write(m) for member in members])
    assert not any(results), results
    assert project.claims.running().count() > PLACES


def test_rush_without_the_lock_is_stopped_by_the_database(
    project: Project, members: list[Member]
) -> None:
    """The same with the trigger and the check constraint in place: errors, but no over-claim."""

    def read_then_write(member: Member) -> None:
        with transaction.atomic():
            fits = project.claims.running().count() < PLACES
            rush.wait()
            state = Claim.State.CLAIMED if fits else Claim.State.WAITING
            ClaimFactory(project=project, partner=member.partner, state=state)

    rush = Barrier(PARTNERS, timeout=SECONDS)
    results = at_once([lambda m=member: read_then_write(m) for member in members])
    refused = [result for result in results if result is not None]
    assert len(refused) == PARTNERS - PLACES
    assert all("project_places_not_exceeded" in str(error) for error in refused)
    assert project.claims.running().count() == PLACES


def full(project: Project, members: list[Member]) -> tuple[list[Claim], list[Claim]]:
    """The claims that hold the places of `project`, and those that wait for them, in order."""
    partners = [member.partner for member in members]
    held = [ClaimFactory(project=project, partner=partner) for partner in partners[:PLACES]]
    waiting = [
        ClaimFactory(project=project, partner=partner, waiting=True)
        for partner in partners[PLACES:]
    ]
    return held, waiting


def test_withdrawals_at_once_promote_as_many_and_in_order(
    project: Project, members: list[Member]
) -> None:
    user = User.objects.first()
    assert user is not None
    held, waiting = full(project, members)
    # Each of six partners clicks twice.
    results = at_once(
        [
            lambda pk=claim.pk: actions.withdraw_claim(
                claim=Claim.objects.get(pk=pk), reason="人手不足", by=user
            )
            for claim in held[:6] * 2
        ]
    )
    promoted = [claim for result in results for claim in result]
    assert sorted(claim.pk for claim in promoted) == [claim.pk for claim in waiting[:6]]
    assert list(project.claims.waiting().in_line()) == waiting[6:]
    project.refresh_from_db()
    assert project.taken == PLACES


def test_withdrawals_without_the_lock_are_given_the_same_next_in_line(
    project: Project, members: list[Member]
) -> None:
    """The control: all look up who is next, with nothing held; one of them is in time."""
    held, waiting = full(project, members)
    looked_up = Barrier(6, timeout=SECONDS)

    def withdraw(claim: Claim) -> Claim | None:
        with transaction.atomic():
            following = project.claims.next_in_line(1).first()
            looked_up.wait()
            now = timezone.now()
            move(claim, Claim.State.WITHDRAWN, ended_at=now, end_reason="人手不足")
            if following is not None:
                move(following, Claim.State.CLAIMED, held_at=now)
        return following

    results = at_once([lambda claim=claim: withdraw(claim) for claim in held[:6]])
    assert sum(result == waiting[0] for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 5
    assert list(project.claims.waiting().in_line()) == waiting[1:]


def test_raised_places_and_withdrawal_at_once_promote_both(
    project: Project, members: list[Member]
) -> None:
    user = User.objects.first()
    assert user is not None
    held, waiting = full(project, members)
    more = ProjectDetails(title=project.title, capacity=PLACES + 5)
    results = at_once(
        [
            lambda: edit_project(project=project, details=more, by=user),
            lambda: actions.withdraw_claim(claim=held[0], reason="人手不足", by=user),
        ]
    )
    assert not any(isinstance(result, Exception) for result in results), results
    held[0].refresh_from_db()
    assert held[0].state == Claim.State.WITHDRAWN
    assert list(project.claims.waiting().in_line()) == waiting[6:]
    project.refresh_from_db()
    assert (project.capacity, project.taken) == (PLACES + 5, PLACES + 5)
    assert project.claims.running().count() == PLACES + 5
