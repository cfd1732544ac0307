"""The demo office's partners: 151 signed in order, one that rests, and some on their way in."""

import random
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from faker import Faker
from stdnum.cn import uscc

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.demo.office import DEMO_PASSWORD, PILOT
from banyang.demo.words import LUCKY, TRADES
from communities.models import Community
from partners.factories import ContactFactory, MemberFactory, PartnerFactory
from partners.models import Contact, Member, NumberBook, Partner, StatusChange
from partners.search import index

SIGNED = 151
FIRST_DAY, LAST_DAY = date(2020, 9, 9), date(2021, 5, 15)
FIRST_DAY_SIGNINGS = 24  # all of them in the pilot community
RESTING_SIGNED_ON = date(2021, 6, 21)
TERM_YEARS = 2
Status = Partner.Status


def make_partners(
    communities: list[Community], staff: User, today: date, fake: Faker, rng: random.Random
) -> list[Partner]:
    """Make the partners with contacts and members; returns the signed ones by number.

    One more has signed after them, and its agreement is suspended: it holds nothing.
    """
    pilot = next(each for each in communities if each.short_name == PILOT)
    days = _signing_days(rng)
    trades = [trade for trade in TRADES for _ in range(trade[3])][: SIGNED - 1]
    rng.shuffle(trades)
    # The first to sign, and so the demo's partner, is a picture-book library.
    trades.insert(0, trades.pop(next(i for i, t in enumerate(trades) if t[0] == "绘本馆")))
    # The programme's 151st partner was a filling station.
    trades.append(("加油站", Partner.Kind.ENTERPRISE, "户外劳动者歇脚饮水、车辆安全检查", 1))
    names = _names(trades, rng)
    partners = [
        _partner(
            name,
            trade,
            pilot if number <= FIRST_DAY_SIGNINGS else rng.choice(communities),
            serial=number,
        )
        for number, (name, trade) in enumerate(zip(names, trades, strict=True), 1)
    ]
    resting = _newcomer(SIGNED + 1, Status.SUSPENDED, rng.choice(communities))
    numbered = [*partners, resting]
    for number, (partner, signed_on) in enumerate(
        zip(numbered, [*days, RESTING_SIGNED_ON], strict=True), 1
    ):
        partner.number = number
        partner.signed_on = signed_on
        partner.agreement_ends_on = _end_of_running_term(signed_on, today)
    applicants = _applicants(communities, rng)
    Partner.objects.bulk_create(numbered + applicants)
    NumberBook.objects.update_or_create(pk=1, defaults={"last": len(numbered)})
    StatusChange.objects.bulk_create(
        _way(numbered, staff)
        + _way(applicants, staff, today)
        + _rests(partners, resting, staff, today)
    )
    _make_contacts_and_members(numbered, applicants, fake)
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
    status: Status = Status.SIGNED,
) -> Partner:
    partner = PartnerFactory.build(
        name=name,
        kind=trade[1],
        credit_code=_credit_code(serial),
        community=community,
        address=f"淄川区般阳路{serial}号",
        offers=trade[2],
        party_branch=f"{name}党支部" if serial % 6 == 0 else "",
        status=status,
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


def _applicants(communities: list[Community], rng: random.Random) -> list[Partner]:
    statuses = [Status.APPLIED] * 6 + [Status.VETTED] * 3 + [Status.WITHDRAWN]
    return [
        _newcomer(serial, status, rng.choice(communities))
        for serial, status in enumerate(statuses, SIGNED + 2)
    ]


def _newcomer(serial: int, status: Status, community: Community) -> Partner:
    """One that came after the 151."""
    trade = TRADES[serial % len(TRADES)]
    name = f"般阳{LUCKY[serial % len(LUCKY)]}{trade[0]}"
    return _partner(name, trade, community, serial=serial, status=status)


def _way(partners: list[Partner], staff: User, today: date | None = None) -> list[StatusChange]:
    """How each partner came to its status; one that rests, to its signing."""
    signing = [Status.APPLIED, Status.VETTED, Status.SIGNED]
    changes = []
    for partner in partners:
        steps = {
            Status.APPLIED: [Status.APPLIED],
            Status.VETTED: [Status.APPLIED, Status.VETTED],
            Status.SIGNED: signing,
            Status.SUSPENDED: signing,
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
                    changed_on=last - timedelta(days=5 * back),
                    reason="经营地址迁出本街道" if after == Status.WITHDRAWN else "",
                    by=staff,
                )
            )
            before = after
    return changes


def _rests(
    partners: list[Partner], resting: Partner, staff: User, today: date
) -> list[StatusChange]:
    """The suspension of the one that rests, and one that was over before this year's lists."""
    rested = next(partner for partner in partners if partner.name.endswith("餐饮店"))
    return [
        StatusChange(
            partner=partner,
            before=before,
            after=after,
            changed_on=today - timedelta(days=days_ago),
            reason=reason,
            by=staff,
        )
        for partner, before, after, days_ago, reason in (
            (rested, Status.SIGNED, Status.SUSPENDED, 370, "后厨停业改造，改造期间暂停共建活动"),
            (rested, Status.SUSPENDED, Status.SIGNED, 310, "改造完工，已恢复营业"),
            (resting, Status.SIGNED, Status.SUSPENDED, 20, "门店停业装修，暂停共建，开业后恢复"),
        )
    ]


def _make_contacts_and_members(
    partners: list[Partner], applicants: list[Partner], fake: Faker
) -> None:
    """A main contact for everybody; an account for the contact of each that has a number."""
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
