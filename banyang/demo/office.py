"""The demo office's people: staff, secretaries, building leaders."""

import random

from django.contrib.auth.hashers import make_password
from faker import Faker

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from communities.factories import HelperFactory, SecretaryFactory
from communities.models import Community, Helper, Secretary

DEMO_PASSWORD = "hehuoren-2026"  # noqa: S105  (shown to every visitor of the demo)

PILOT = "东升社区"  # where the programme began, and what its press tells of is shown

# Whom a visitor can sign in as: username and what they are.
SIGN_INS = [
    ("jiedao", "街道工作人员 · street-office staff"),
    ("shuji", f"{PILOT}书记 · community secretary"),
    ("hehuoren", "合伙人 · partner"),
]

BUILDING_LEADERS = 303


def make_people(
    communities: list[Community], fake: Faker, rng: random.Random
) -> tuple[User, dict[int, User]]:
    """Make staff, two people for each community, building leaders and grid workers.

    Returns a member of staff and each community's secretary by the community's pk.
    """
    password = make_password(DEMO_PASSWORD)
    phones = iter(range(19900000001, 19900009999))

    def person(username: str, **fields: object) -> User:
        return UserFactory.build(
            username=username,
            password=password,
            name=fake.name(),
            phone=str(next(phones)),
            email=f"{username}@example.org",
            **fields,
        )

    staff = [person(name, is_staff=True) for name in ("jiedao", "jiedao2", "jiedao3")]
    secretaries = [
        person("shuji" if community.short_name == PILOT else f"shuji{n}")
        for n, community in enumerate(communities, 1)
    ]
    assistants = [person(f"zhuli{n}") for n, _ in enumerate(communities, 1)]
    User.objects.bulk_create([*staff, *secretaries, *assistants])
    Secretary.objects.bulk_create(
        [
            SecretaryFactory.build(community=community, user=user, post=post)
            for users, post in (
                (secretaries, Secretary.Post.SECRETARY),
                (assistants, Secretary.Post.ASSISTANT),
            )
            for community, user in zip(communities, users, strict=True)
        ]
    )
    Helper.objects.bulk_create(_helpers(communities, fake, rng))
    return staff[0], {
        community.pk: user for community, user in zip(communities, secretaries, strict=True)
    }


def _helpers(communities: list[Community], fake: Faker, rng: random.Random) -> list[Helper]:
    """303 red building leaders dealt out to the communities in turn, and a few grid workers."""
    leaders = [
        HelperFactory.build(
            community=communities[n % len(communities)],
            role=Helper.Role.BUILDING_LEADER,
            name=fake.name(),
            phone=f"198{n:08d}",
            area=f"{n // len(communities) + 1}号楼",
        )
        for n in range(BUILDING_LEADERS)
    ]
    grid_workers = [
        HelperFactory.build(
            community=community,
            role=role,
            name=fake.name(),
            phone=f"1981{number:02d}{grid:05d}",
            area=f"第{grid}网格",
        )
        for number, community in enumerate(communities)
        for grid in range(1, rng.randint(3, 5))
        for role in (Helper.Role.GRID_WORKER, Helper.Role.HUB_HOUSEHOLD)
    ]
    return leaders + grid_workers
