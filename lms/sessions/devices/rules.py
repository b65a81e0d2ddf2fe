"""Pure rules of the test before entering: what can be found, what is trouble, when a line carries a meeting."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

# A test says something about a session that begins this soon after it.
GOOD_FOR = timedelta(days=3)

# A meeting with pictures wants this much of the line, and answers this soon; below the second pair not even sound
# gets through without gaps.
GOOD_KBITS, GOOD_MS = 1500, 300
LEAST_KBITS, LEAST_MS = 300, 800


class Part(StrEnum):
    """What is tested."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    LINE = "line"


class Code(StrEnum):
    """What a test found. `insecure`: the address is neither https nor this machine, so browsers give no devices."""

    OK = "ok"
    ABSENT = "absent"
    BAD = "bad"
    BUSY = "busy"
    DENIED = "denied"
    FAILED = "failed"
    INSECURE = "insecure"
    QUIET = "quiet"
    UNHEARD = "unheard"
    WEAK = "weak"


class Line(BaseModel):
    """How a line was measured: kilobits a second each way, and milliseconds until an answer came."""

    down_kbits: float = Field(ge=0, le=1e8)
    up_kbits: float = Field(ge=0, le=1e8)
    ms: float = Field(ge=0, le=1e6)

    @property
    def code(self) -> Code:
        slowest = min(self.down_kbits, self.up_kbits)
        if slowest >= GOOD_KBITS and self.ms <= GOOD_MS:
            return Code.OK
        return Code.WEAK if slowest >= LEAST_KBITS and self.ms <= LEAST_MS else Code.BAD


class FoundDraft(BaseModel):
    """What a page found out about its device; parts not tested are left out."""

    device: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    camera: Code | None = None
    microphone: Code | None = None
    speaker: Code | None = None
    line: Line | None = None

    @property
    def results(self) -> dict[str, Any]:
        """Return what is kept: a code a part, and the line's figures."""
        found: dict[str, Any] = {
            part.value: code.value
            for part in (Part.CAMERA, Part.MICROPHONE, Part.SPEAKER)
            if (code := getattr(self, part.value)) is not None
        }
        if self.line is not None:
            found |= {Part.LINE.value: self.line.code.value, "figures": self.line.model_dump()}
        return found


def trouble(results: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts that need help. Without a camera one takes part all the same."""
    return tuple(
        part
        for part in Part
        if results.get(part.value) not in (None, Code.OK.value)
        and not (part is Part.CAMERA and results[part.value] == Code.ABSENT.value)
    )
