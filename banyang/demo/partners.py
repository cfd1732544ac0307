"""The demo office's partners: 151 signed in order, and some on their way in."""

import random
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from faker import Faker
from stdnum.cn import uscc

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.demo.office import DEMO_PASSWORD
from banyang.demo.words import LUCKY, TRADES
from communities.models import Community
from partners.factories import ContactFactory, MemberFactory, PartnerFactory
from partners.models import Contact, Member, NumberBook, Partner, StatusChange
from partners.search import index

SIGNED = 151
FIRST_DAY, LAST_DAY = date(2020, 9, 9), date(2021, 5, 15)
FIRST_DAY_SIGNINGS = 24
TERM_YEARS = 2
Status = Partner.Status


def make_partners(
    communities: list[Community], staff: User, today: date, fake: Faker, rng: random.Random
) -> list[Partner]:
    """Make the partners with contacts and members; returns the signed ones by number."""
    days = _signing_days(rng)
    trades = [trade for trade in TRADES for _ in range(trade[3])][: SIGNED - 1]
    rng.shuffle(trades)
    # The first to sign, and so the demo's partner, is a picture-book library.
    trades.insert(0, trades.pop(next(i for i, t in enumerate(trades) if t[0] == "绘本馆")))
    # The programme's 151st partner was a filling station.
    trades.append(("加油站", Partner.Kind.ENTERPRISE, "户外劳动者歇脚饮水、车辆安全检查", 1))
    names = _names(trades, rng)
    partners = [
        _partner(name, trade, rng.choice(communities), serial=number, fake=fake)
        for number, (name, trade) in enumerate(zip(names, trades, strict=True), 1)
    ]
    for number, (partner, signed_on) in enumerate(zip(partners, days, strict=True), 1):
        partner.status = Status.SIGNED
        partner.number = number
        partner.signed_on = signed_on
        partner.agreement_ends_on = _end_of_running_term(signed_on, today)
    applicants = _applicants(communities, fake, rng)
    Partner.objects.bulk_create(partners + applicants)
    NumberBook.objects.update_or_create(pk=1, defaults={"last": SIGNED})
    StatusChange.objects.bulk_create(_way(partners, staff) + _way(applicants, staff, today))
    _make_contacts_and_members(partners, applicants, fake)
    return partners


def _signing_days(rng: random.Random) -> list[date]:
    """24 on the first day, the others over the eight months that followed, the last on its own."""
    span = (LAST_DAY - FIRST_DAY).days
    later = sorted(
        FIRST_DAY + timedelta(days=rng.randint(1, span - 1))
        for _ in range(SIGNED - FIRST_DAY_SIGNINGS - 1)
    )
    return [FIRST_DAY] * FIRST_DAY_SIGNINGS + later + [LAST_DAY]


def _names(trades: list[tuple[str, str, str, int]], rng: random.Random) -> list[str]:
    """A different name for each trade in the list."""
    names: list[str] = []
    for trade, *_rest in trades:
        words = [word for word in LUCKY if f"淄川{word}{trade}" not in names]
        names.append(f"淄川{rng.choice(words)}{trade}")
    return names


def _partner(
    name: str,
    trade: tuple[str, str, str, int],
    community: Community,
    *,
    serial: int,
    fake: Faker,
) -> Partner:
    code = _credit_code(serial)
    partner = PartnerFactory.build(
        name=name,
        kind=trade[1],
        credit_code=code,
        community=community,
        address=f"淄川区般阳路{serial}号",
        offers=trade[2],
        party_branch=f"{name}党支部" if serial % 6 == 0 else "",
    )
    index(partner, [_phone(serial)])
    return partner


def _credit_code(serial: int) -> str:
    """A made-up code that passes the check."""
    body = f"91370302MA3DEM{serial:03d}"
    return body + uscc.calc_check_digit(body)


def _phone(serial: int) -> str:
    return f"197{serial:08d}"


def _end_of_running_term(signed_on: date, today: date) -> date:
    """The end of the two-year term that runs today, each renewed on time."""
    year = signed_on.year + TERM_YEARS
    while (end := date(year, signed_on.month, min(signed_on.day, 28))) < today:
        year += TERM_YEARS
    return end


def _applicants(communities: list[Community], fake: Faker, rng: random.Random) -> list[Partner]:
    statuses = [Status.APPLIED] * 6 + [Status.VETTED] * 3 + [Status.WITHDRAWN]
    applicants = []
    for serial, status in enumerate(statuses, SIGNED + 1):
        trade = TRADES[serial % len(TRADES)]
        applicant = _partner(
            f"般阳{LUCKY[serial % len(LUCKY)]}{trade[0]}",
            trade,
            rng.choice(communities),
            serial=serial,
            fake=fake,
        )
        applicant.status = status
        applicants.append(applicant)
    return applicants


def _way(partners: list[Partner], staff: User, today: date | None = None) -> list[StatusChange]:
    """How each partner came to its status."""
    changes = []
    for partner in partners:
        steps = {
            Status.APPLIED: [Status.APPLIED],
            Status.VETTED: [Status.APPLIED, Status.VETTED],
            Status.SIGNED: [Status.APPLIED, Status.VETTED, Status.SIGNED],
            Status.WITHDRAWN: [Status.APPLIED, Status.WITHDRAWN],
        }[Status(partner.status)]
        last = partner.signed_on or (today or LAST_DAY) - timedelta(days=2)
        before = ""
        for back, after in zip(range(len(steps) - 1, -1, -1), steps, strict=True):
            changes.append(
                StatusChange(
                    partner=partner,
                    before=before,
                    after=after,
                    on=last - timedelta(days=5 * back),
                    reason="经营地址迁出本街道" if after == Status.WITHDRAWN else "",
                    by=staff,
                )
            )
            before = after
    return changes


def _make_contacts_and_members(
    partners: list[Partner], applicants: list[Partner], fake: Faker
) -> None:
    """A main contact for everybody; an account for each signed partner's contact."""
    contacts = [
        ContactFactory.build(
            partner=partner,
            name=fake.name(),
            post="负责人",
            phone=_phone(serial),
            is_main=True,
        )
        for serial, partner in enumerate(partners + applicants, 1)
    ]
    Contact.objects.bulk_create(contacts)
    password = make_password(DEMO_PASSWORD)
    users = [
        UserFactory.build(
            username="hehuoren" if serial == 1 else f"hehuoren{serial}",
            password=password,
            name=contact.name,
            phone=contact.phone,
            email=f"hehuoren{serial}@example.org",
        )
        for serial, contact in enumerate(contacts[: len(partners)], 1)
    ]
    User.objects.bulk_create(users)
    members = [
        MemberFactory.build(partner=partner, user=user)
        for partner, user in zip(partners, users, strict=True)
    ]
    # One person may act for two partners.
    members.append(MemberFactory.build(partner=partners[1], user=users[0]))
    Member.objects.bulk_create(members)
