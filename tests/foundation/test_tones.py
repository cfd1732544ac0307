"""The tones of states, and the style sheet that shows them."""

import re
from pathlib import Path

from banyang.foundation.tones import States, Tone, tone_of

STYLE_SHEET = Path(__file__).parents[2] / "static" / "banyang.css"


class Light(States):
    RED = "red", Tone.WAITING, "stop"
    GREEN = "green", Tone.ACTIVE, "go"


class Crossing:
    tone = tone_of(Light, "light")

    def __init__(self, light: str) -> None:
        self.light = light


def test_state_says_its_value_its_tone_and_its_word() -> None:
    assert Light.choices == [("red", "stop"), ("green", "go")]
    assert (Light.RED.value, Light.RED.tone, Light.RED.label) == ("red", Tone.WAITING, "stop")


def test_thing_has_the_tone_of_the_state_that_is_stored() -> None:
    assert Crossing("green").tone == Tone.ACTIVE


def test_style_sheet_has_a_shape_for_each_tone_and_knows_no_state() -> None:
    shapes = re.findall(r"\.state-([\w-]+)::before", STYLE_SHEET.read_text(encoding="utf-8"))
    assert sorted(shapes) == sorted(set(Tone) - {Tone.NEUTRAL})  # which looks as any state does
