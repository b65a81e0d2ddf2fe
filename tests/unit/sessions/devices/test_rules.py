"""What a test of a device means: when a line carries a meeting, and what is trouble."""

from typing import Any

import pytest
from pydantic import ValidationError

from lms.sessions.devices.rules import Code, FoundDraft, Line, Part, trouble

DEVICE = "a" * 24


@pytest.mark.parametrize(
    ("down", "up", "ms", "code"),
    [
        (8000, 3000, 40, Code.OK),
        (1500, 1500, 300, Code.OK),
        (8000, 1499, 40, Code.WEAK),
        (8000, 3000, 301, Code.WEAK),
        (300, 300, 800, Code.WEAK),
        (299, 9000, 40, Code.BAD),
        (8000, 3000, 801, Code.BAD),
        (0, 0, 0, Code.BAD),
    ],
)
def test_a_line_is_as_good_as_its_worse_direction(down: float, up: float, ms: float, code: Code) -> None:
    assert Line(down_kbits=down, up_kbits=up, ms=ms).code is code


def test_what_was_not_tested_is_no_trouble_and_neither_is_a_missing_camera() -> None:
    assert trouble({}) == ()
    assert trouble({"camera": "absent", "speaker": "ok"}) == ()
    assert trouble({"camera": "denied", "microphone": "quiet", "speaker": "unheard", "line": "weak"}) == tuple(Part)
    assert trouble({"microphone": "absent"}) == (Part.MICROPHONE,)


def test_only_what_was_tested_is_kept() -> None:
    draft = FoundDraft(device=DEVICE, microphone=Code.OK, line=Line(down_kbits=100, up_kbits=100, ms=10))
    assert draft.results == {
        "microphone": "ok",
        "line": "bad",
        "figures": {"down_kbits": 100, "up_kbits": 100, "ms": 10},
    }


@pytest.mark.parametrize("given", [{"device": "x"}, {"microphone": "loud"}, {"line": {"down_kbits": -1}}, {"line": 3}])
def test_nonsense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FoundDraft.model_validate({"device": DEVICE} | given)
