"""What may be asked in a running session, where a question stands, how its answers add up, and what answering shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from lms.kernel.errors import AtField
from lms.kernel.intervals import Interval

# More than this no thumb finds on a phone, and nobody reads while listening.
MOST_CHOICES = 8
SCALE_STEPS = 5
# "Two or three pulses a lecture": a fourth would be a roll call.
MOST_SIGNS = 3
LONGEST_TEXT = 300
LONGEST_CHOICE = 120

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CHOICE)]
Block = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_CHOICES * (LONGEST_CHOICE + 2))]


class Form(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    SINGLE = "single"
    SCALE = "scale"


class State(StrEnum):
    """Where a question stands: still to be asked, taking answers, or closed."""

    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"


class Shown(StrEnum):
    """What a second sign of presence shows about one person: a fact to weigh, never a verdict."""

    ANSWERED = "answered"
    # The record has her in the room all the while it could be answered.
    SILENT = "silent"
    # The record has her in the room for a part of that time only.
    PARTLY_THERE = "partly_there"
    NOT_THERE = "not_there"


class PulseDraft(BaseModel):
    """A question as it is written: at least in one language; choices one a line."""

    form: Form
    text_id: Line = ""
    text_en: Line = ""
    choices_id: Block = ""
    choices_en: Block = ""
    low_id: Short = ""
    low_en: Short = ""
    high_id: Short = ""
    high_en: Short = ""
    is_named: bool = False
    is_sign: bool = False

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.text_id and not self.text_en:
            raise AtField("pulse_without_text", "text_id")
        if self.form is Form.SINGLE:
            self._check_choices()
        return self

    def _check_choices(self) -> None:
        given = [lines for lines in (_lines(self.choices_id), _lines(self.choices_en)) if lines]
        if not given or min(len(lines) for lines in given) < 2:
            raise AtField("pulse_needs_two_choices", "choices_id")
        if max(len(lines) for lines in given) > MOST_CHOICES:
            raise AtField("pulse_too_many_choices", "choices_id")
        if len({len(lines) for lines in given}) > 1:
            raise AtField("pulse_choices_do_not_match", "choices_id")
        if any(len(line) > LONGEST_CHOICE for lines in given for line in lines):
            raise AtField("pulse_choice_too_long", "choices_id")
        if any(len({line.casefold() for line in lines}) < len(lines) for lines in given):
            raise AtField("pulse_choice_twice", "choices_id")

    def choices(self) -> list[dict[str, str]]:
        """Return what can be chosen, as it is stored: [{key, id, en}]; the words of yes and no are the reader's own."""
        if self.form is Form.YES_NO:
            return yes_no()
        if self.form is Form.SCALE:
            low, high = {"id": self.low_id, "en": self.low_en}, {"id": self.high_id, "en": self.high_en}
            return scale(low, high)
        in_id, in_en = _lines(self.choices_id), _lines(self.choices_en)
        count = max(len(in_id), len(in_en))
        return [
            {"key": str(n + 1), "id": in_id[n] if in_id else "", "en": in_en[n] if in_en else ""} for n in range(count)
        ]


class AnswerDraft(BaseModel):
    """One tap: `page` names the page it was made on, `sequence` is that page's count of taps."""

    session: int = Field(gt=0)
    pulse: int = Field(gt=0)
    choice: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")
    page: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    sequence: int = Field(ge=1, le=1_000_000)


class SessionDraft(BaseModel):
    """Which session a page is about."""

    session: int = Field(gt=0)


class PulseActDraft(SessionDraft):
    """Which question of the session something is done to."""

    pulse: int = Field(gt=0)


class AskDraft(PulseDraft):
    """A question typed in the room, asked at once; `key` makes a repeat of it harmless."""

    session: int = Field(gt=0)
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")


class BankDraft(SessionDraft):
    """What an instructor looks for in the course's bank while the session runs."""

    words: str = Field(default="", max_length=200)


class DrawDraft(SessionDraft):
    """A question of the bank to be asked at once."""

    question: int = Field(gt=0)
    is_named: bool = False
    is_sign: bool = False
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")


def yes_no() -> list[dict[str, str]]:
    return [{"key": "yes", "id": "", "en": ""}, {"key": "no", "id": "", "en": ""}]


def scale(low: Mapping[str, str], high: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the steps of a scale from 1 up, its ends with their words."""
    ends: dict[int, Mapping[str, str]] = {1: low, SCALE_STEPS: high}
    nothing: Mapping[str, str] = {"id": "", "en": ""}
    return [
        {"key": str(n), "id": ends.get(n, nothing)["id"], "en": ends.get(n, nothing)["en"]}
        for n in range(1, SCALE_STEPS + 1)
    ]


def state_of(opened_at: datetime | None, closed_at: datetime | None, doors_close: datetime, at: datetime) -> State:
    """Return where a question stands. Nobody needs to close the last one: with the session's doors it closes, too."""
    if opened_at is None:
        return State.PREPARED
    return State.CLOSED if closed_at is not None or at >= doors_close else State.OPEN


def open_while(opened_at: datetime, closed_at: datetime | None, doors_close: datetime) -> Interval:
    """Return while when a question could be answered."""
    return Interval(opened_at, max(opened_at, min(closed_at or doors_close, doors_close)))


@dataclass(frozen=True)
class Bar:
    """How many chose one answer; `share` is of all who answered, 0…1. `is_right` where a right answer was shown."""

    key: str
    id: str
    en: str
    count: int
    share: float
    is_right: bool = False

    # The names under which `worded` finds the words.
    @property
    def text_id(self) -> str:
        return self.id

    @property
    def text_en(self) -> str:
        return self.en


def bars(choices: Sequence[Mapping[str, Any]], counts: Mapping[str, int], right: Collection[str] = ()) -> list[Bar]:
    """Return a bar for each choice, in the choices' order; nobody's answer is lost that names none of them any more."""
    whole = sum(counts.get(choice["key"], 0) for choice in choices)
    return [
        Bar(
            choice["key"],
            choice["id"],
            choice["en"],
            counts.get(choice["key"], 0),
            counts.get(choice["key"], 0) / whole if whole else 0.0,
            choice["key"] in right,
        )
        for choice in choices
    ]


def shown(while_open: Interval, has_answered: bool, there: Sequence[Interval]) -> Shown:
    """Return what a sign of presence shows about somebody who was in the room during `there`.

    Whoever answered, answered. Not to have answered says something only about whoever was there all the while.
    """
    if has_answered:
        return Shown.ANSWERED
    touched = [one for one in there if one.start < while_open.end and one.end > while_open.start]
    if not touched:
        return Shown.NOT_THERE
    whole = any(one.start <= while_open.start and one.end >= while_open.end for one in touched)
    return Shown.SILENT if whole else Shown.PARTLY_THERE


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
