"""The demo office's yearly lists, about 100 projects in every state, and residents' needs."""

import random
import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from banyang.accounts.models import User
from banyang.demo.office import PILOT
from banyang.demo.words import ANSWERS, EXAMPLES, GIVEN_UP, NEEDS
from communities.models import Community
from partners.models import Partner
from projects.catalogue.models import Group, Service
from projects.claims.factories import ClaimFactory, StepFactory
from projects.claims.models import Claim, Step
from projects.deliveries.factories import DeliveryFactory
from projects.deliveries.models import Delivery
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList, ProjectNeed
from projects.needs.factories import NeedFactory
from projects.needs.models import Need

STEPS = [
    "现场踏勘，确定时间地点",
    "备齐人员和物资，张贴通知",
    "进社区开展服务",
    "回访居民，总结改进",
]
RUSH_COMMUNITY = "般阳社区"  # whose whole list was claimed on the day it opened
RUSH_PROJECTS, RUSH_COMPLETED = 32, 12
OPENED = -120  # days from today, when this year's lists opened
WAITING_FOR_YOU = "上门换灯泡、修水龙头"  # has a claim that the secretary has not confirmed


class ProjectMaker:
    """Makes the lists of last year, this year and next, and what is on them.

    Everything is built in memory and written in bulk, parents first; the database's triggers
    count the places taken.
    """

    def __init__(
        self,
        communities: list[Community],
        secretaries: dict[int, User],
        partners: list[Partner],
        today: date,
        rng: random.Random,
    ) -> None:
        self.communities, self.secretaries, self.partners = communities, secretaries, partners
        self.today, self.rng = today, rng
        self.services = {
            service.code: service for service in Service.objects.select_related("group")
        }
        self.lists: list[ProjectList] = []
        self.projects: list[Project] = []
        self.claims: list[Claim] = []
        self.steps: list[Step] = []
        self.deliveries: list[Delivery] = []

    def make(self) -> None:
        for community in self.communities:
            self._last_year(community)
            self._this_year(community)
        for community in self.communities[:4]:
            self._next_year(community)
        ProjectList.objects.bulk_create(self.lists)
        Project.objects.bulk_create(self.projects)
        Claim.objects.bulk_create(self.claims)
        Step.objects.bulk_create(self.steps)
        Delivery.objects.bulk_create(self.deliveries)

    def _moment(self, days: int, hour: int = 9) -> datetime:
        """Nine o'clock, or `hour`, `days` from today."""
        return timezone.make_aware(datetime.combine(self.today + timedelta(days=days), time(hour)))

    def _list(self, community: Community, year: int, opens: int | None) -> ProjectList:
        """A list that opens `opens` days from today, or a draft."""
        moment = None if opens is None else self._moment(opens)
        made = ProjectListFactory.build(
            community=community,
            year=year,
            state=ProjectList.State.DRAFT if moment is None else ProjectList.State.PUBLISHED,
            published_at=moment and moment - timedelta(days=3),
            opens_at=moment,
        )
        self.lists.append(made)
        return made

    def _project(self, on: ProjectList, service: Service, state: str, **fields: object) -> Project:
        made = ProjectFactory.build(
            **{
                "list": on,
                "service": service,
                "title": service.name,
                "summary": service.summary,
                "location": f"{on.community.short_name}党群服务中心",
                "state": state,
                "created_by": self.secretaries[on.community.pk],
                **fields,
            }
        )
        self.projects.append(made)
        return made

    def _last_year(self, community: Community) -> None:
        """Done, and accepted."""
        on = self._list(community, self.today.year - 1, opens=-600)
        for service in self._some_services(1):
            project = self._project(on, service, Project.State.COMPLETED)
            claim = self._claim(
                project, Claim.State.COMPLETED, self._moment(-580), ended_at=self._moment(-280)
            )
            self._plan(claim, first=-560, every=60, done=len(STEPS))
            self._delivered(claim, sessions=3, first=-540, every=60)

    def _this_year(self, community: Community) -> None:
        """In every state: open or cancelled, full with somebody waiting, confirmed, running."""
        on = self._list(community, self.today.year, opens=OPENED)
        if community.short_name == PILOT:
            self._examples(on)
            return
        if community.short_name == RUSH_COMMUNITY:
            self._rush(on)
            return
        fresh, confirmed, running, full = self._some_services(4)
        if community.pk % 3 == 0:
            self._project(
                on, fresh, Project.State.CANCELLED, cancel_reason="场地改造，今年不再安排"
            )
        else:
            self._project(on, fresh, Project.State.PUBLISHED, capacity=2)
        project = self._project(on, confirmed, Project.State.PUBLISHED, capacity=2)
        claim = self._claim(project, Claim.State.CONFIRMED, self._moment(-20))
        self._plan(claim, first=self.rng.choice([-2, 1, 7]), every=10, done=0)
        project = self._project(on, running, Project.State.PUBLISHED)
        claim = self._claim(project, Claim.State.CONFIRMED, self._moment(-90))
        self._plan(claim, first=-60, every=25, done=2)
        self._delivered(claim, sessions=2, first=-35, every=20)
        project = self._project(on, full, Project.State.PUBLISHED)
        self._claim(project, Claim.State.CLAIMED, self._moment(-self.rng.choice([2, 3, 5, 9])))
        self._claim(project, Claim.State.WAITING, self._moment(-1))

    def _rush(self, on: ProjectList) -> None:
        """A long list, all of it claimed within hours of its opening; by now some of it is done.

        Two places have passed on to whoever was next in line on that day.
        """
        capacity = iter(GIVEN_UP)
        for index, service in enumerate(self._some_services(RUSH_PROJECTS)):
            asked_at = self._moment(OPENED) + timedelta(minutes=7 * index + 1)
            if index < RUSH_COMPLETED:
                self._done_by_now(self._project(on, service, Project.State.COMPLETED), asked_at)
                continue
            project = self._project(on, service, Project.State.PUBLISHED)
            if given_up := next(capacity, None):
                self._passed_on(project, asked_at, *given_up)
                continue
            claim = self._claim(project, Claim.State.CONFIRMED, asked_at)
            self._plan(claim, first=index - 110, every=36, done=3)
            self._delivered(claim, sessions=2, first=index - 60, every=14)

    def _done_by_now(self, project: Project, asked_at: datetime) -> None:
        claim = self._claim(
            project, Claim.State.COMPLETED, asked_at, ended_at=self._moment(-25, hour=15)
        )
        self._plan(claim, first=-110, every=25, done=len(STEPS))
        self._delivered(claim, sessions=3, first=-80, every=15)

    def _passed_on(self, project: Project, asked_at: datetime, state: str, reason: str) -> None:
        """A claim that was given up for a `reason`, and the one that got its place."""
        passed_on_at = self._moment(-90, hour=10)
        self._claim(project, state, asked_at, ended_at=passed_on_at, end_reason=reason)
        successor = self._claim(
            project,
            Claim.State.CONFIRMED,
            asked_at + timedelta(minutes=5),
            held_at=passed_on_at,
            confirmed_at=passed_on_at + timedelta(days=2),
        )
        self._plan(successor, first=-75, every=34, done=3)
        self._delivered(successor, sessions=2, first=-20, every=7)

    def _next_year(self, community: Community) -> None:
        """One list that opens in three days, the others still drafts."""
        opens = 3 if community is self.communities[0] else None
        on = self._list(community, self.today.year + 1, opens=opens)
        state = Project.State.DRAFT if opens is None else Project.State.PUBLISHED
        for service in self._some_services(2):
            self._project(on, service, state)

    def _examples(self, on: ProjectList) -> None:
        """What the programme's press tells of, on one community's list."""
        for index, (code, title, capacity, unit, by_quantity, trade) in enumerate(EXAMPLES):
            project = self._project(
                on,
                self.services[code],
                Project.State.PUBLISHED,
                title=title,
                capacity=capacity,
                unit=unit,
                by_quantity=by_quantity,
            )
            shares = [capacity * 5 // 9, capacity - capacity * 5 // 9] if by_quantity else [1]
            for share, partner in zip(shares, self._of_trade(trade), strict=False):
                claim = self._claim(
                    project,
                    Claim.State.CONFIRMED,
                    self._moment(index - 100),
                    partner=partner,
                )
                claim.quantity = share
                # The after-school room is behind with its third step.
                self._plan(claim, first=-80 + index, every=30, done=2 if index == 1 else 3)
                self._delivered(claim, sessions=1 + index % 3, first=-50, every=14)
        several = next(project for project in self.projects if project.title == WAITING_FOR_YOU)
        self._claim(several, Claim.State.CLAIMED, self._moment(-6))

    def _claim(self, project: Project, state: str, asked_at: datetime, **fields: object) -> Claim:
        """A claim of somebody who has none on the project yet, holding its place since then."""
        taken = {claim.partner for claim in self.claims if claim.project is project}
        holds, has_plan = state != Claim.State.WAITING, state in {"confirmed", "completed"}
        aim = f"让{project.list.community.short_name}居民在家门口享受服务"
        if "partner" not in fields:
            fields["partner"] = self.rng.choice([p for p in self.partners if p not in taken])
        claim = ClaimFactory.build(
            **{
                "project": project,
                "state": state,
                "asked_at": asked_at,
                "held_at": asked_at if holds else None,
                "confirmed_at": asked_at + timedelta(days=2) if has_plan else None,
                "aim": aim if has_plan else "",
                "content": project.summary if has_plan else "",
                "deadline_on": self.today + timedelta(days=60) if has_plan else None,
                **fields,
            }
        )
        self.claims.append(claim)
        return claim

    def _plan(self, claim: Claim, *, first: int, every: int, done: int) -> None:
        """The four usual steps, the first `first` days from today, `done` of them done."""
        for index, text in enumerate(STEPS):
            due_on = self.today + timedelta(days=first + index * every)
            self.steps.append(
                StepFactory.build(
                    claim=claim, text=text, due_on=due_on, done_on=due_on if index < done else None
                )
            )
        claim.deadline_on = due_on

    def _delivered(self, claim: Claim, *, sessions: int, first: int, every: int) -> None:
        for index in range(sessions):
            self.deliveries.append(
                DeliveryFactory.build(
                    claim=claim,
                    delivered_on=self.today + timedelta(days=first + index * every),
                    location=claim.project.location,
                    content=claim.project.title,
                    residents_served=self.rng.randint(8, 90),
                    recorded_by=self.secretaries[claim.project.list.community.pk],
                    form_token=uuid.UUID(int=self.rng.getrandbits(128)),
                )
            )

    def _some_services(self, count: int) -> list[Service]:
        return self.rng.sample(list(self.services.values()), count)

    def _of_trade(self, trade: str) -> list[Partner]:
        return [partner for partner in self.partners if partner.name.endswith(trade)]


def make_needs(
    communities: list[Community], projects: list[Project], today: date, rng: random.Random
) -> None:
    """A hundred and some residents' requests, in every state."""
    groups = {group.name: group for group in Group.objects.all()}
    states = [Need.State.NEW, Need.State.OPEN, Need.State.PROJECT, *ANSWERS]
    needs, links = [], []
    for serial in range(108):
        community = communities[serial % len(communities)]
        state = states[serial // len(communities) % len(states)]
        # Yesterday at the latest, and early enough for whatever has become of it since.
        days_ago = serial % 40 + (1 if state == Need.State.NEW else 3)
        created_at = timezone.make_aware(
            datetime.combine(today - timedelta(days=days_ago), time(9, serial % 60))
        )
        building, project = rng.randint(1, 30), None
        wish, group_name = NEEDS[serial % len(NEEDS)]
        text, group = wish.format(n=building), groups[group_name]
        if state == Need.State.PROJECT:
            project = rng.choice([one for one in projects if one.list.community == community])
            text = f"盼着社区能办“{project.title}”"
            group = project.service.group if project.service else group
        needs.append(
            NeedFactory.build(
                community=community,
                text=text,
                location=f"{building}号楼",
                asker_phone=f"196{serial:08d}",
                source=rng.choice(Need.Source.values),
                state=state,
                group=None if state == Need.State.NEW else group,
                project_ended_at=timezone.now() if project and project.has_ended else None,
                answer=ANSWERS.get(state, ""),
                receipt=f"{rng.randrange(10**12):012d}",
                created_at=created_at,
                checked_at=None if state == Need.State.NEW else created_at + timedelta(days=1),
                answered_at=created_at + timedelta(days=2) if state in ANSWERS else None,
            )
        )
        if project is not None:
            links.append(ProjectNeed(need=needs[-1], project=project))
    Need.objects.bulk_create(needs)
    ProjectNeed.objects.bulk_create(links)
    for first in [need for need in needs if need.state == Need.State.OPEN][:4]:
        NeedFactory(
            community=first.community,
            text=first.text,
            state=Need.State.DOUBLE,
            double_of=first,
            receipt=f"{rng.randrange(10**12):012d}",
            created_at=first.created_at + timedelta(hours=5),
        )
