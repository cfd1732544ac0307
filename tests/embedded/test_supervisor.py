"""How `manage.py serve` tells what its programs died of."""

import sys
from io import BytesIO, TextIOWrapper

import pytest

from banyang.embedded.supervisor import Program, Supervisor, replace_what_cannot_be_shown, say


@pytest.mark.parametrize(
    ("death", "told"),
    [("exit 3", "status 3"), ("kill -9 $$", "SIGKILL"), ("kill -40 $$", "signal 40")],
)
def test_death_of_a_program_is_told(
    death: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = Supervisor()
    supervisor.start(Program("mortal", ["sh", "-c", death]))
    child = supervisor.children["mortal"]
    child.process.wait()
    supervisor.note_death(child)
    child.output.close()
    assert f"died ({told}), starting it again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("encoding", "shown"), [("gbk", "已就绪 ?"), ("latin-1", "??? ?"), ("utf-8", "已就绪 ✓")]
)
def test_what_the_terminal_cannot_show_stops_nothing(
    encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(terminal, encoding=encoding))
    replace_what_cannot_be_shown()
    say("web", "已就绪 ✓")
    assert terminal.getvalue().decode(encoding) == f"web     | {shown}\n"
