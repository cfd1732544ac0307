"""What outlives the terminal or the shell that started it, and where its e-mails go meanwhile."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from tests.embedded.conftest import PROJECT, SECONDS, Site, eventually

# As in test_serve.py.
pytestmark = pytest.mark.xdist_group("serve")

NAME = "banyang.example"  # what other machines call this one
SEND = """
import django
django.setup()
from django.core.mail import send_mail
send_mail("大集提醒", "明天见", None, ["someone@example.org"])
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def status(port: int, name: str) -> int | None:
    """What the page answers to whoever calls this machine by a name; None if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def test_serve_under_nohup_outlives_its_terminal_and_shell(site: Site, port: int) -> None:
    site.environment |= {"PORT": str(port), "SITE_URL": f"http://{NAME}:{port}"}
    site.environment["HOST"] = "0.0.0.0"  # noqa: S104 - for a moment
    # With a command after it, so that the shell stays its parent; without --parent.
    shell = site.run(["sh", "-c", f'nohup "{sys.executable}" manage.py serve --no-demo; true'])
    eventually(lambda: status(port, NAME) == 200)
    [server] = map(int, Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split())

    shell.kill()
    shell.wait(SECONDS)
    os.kill(server, signal.SIGHUP)  # what a terminal that closes sends
    time.sleep(1)  # nothing is to happen
    assert status(port, NAME) == 200
    assert status(port, "elsewhere.example") == 400

    os.kill(server, signal.SIGTERM)
    eventually(lambda: not Path(f"/proc/{server}").exists())
    assert status(port, NAME) is None


@pytest.mark.parametrize("own_servers", [False, True])
def test_emails_of_a_machine_of_ones_own_are_files(tmp_path: Path, own_servers: bool) -> None:
    environment = {"BANYANG_LOCAL": str(tmp_path), "DJANGO_SETTINGS_MODULE": "banyang.settings"}
    if own_servers:
        environment |= {"DATABASE_URL": "postgres://own/own", "REDIS_URL": "redis://own"}
    subprocess.run(
        [sys.executable, "-c", SEND],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]} | environment,
        check=True,
        timeout=SECONDS,
    )
    [mail] = (tmp_path / "mail").iterdir()
    subject = message_from_bytes(mail.read_bytes())["Subject"]
    assert str(make_header(decode_header(subject))) == "大集提醒"
