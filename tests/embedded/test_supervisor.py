"""How `manage.py serve` tells what its programs died of."""

import pytest

from banyang.supervisor import Program, Supervisor


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
