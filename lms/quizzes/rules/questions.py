"""The five kinds of question, and a response brought into the one form that is stored and scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

from lms.kernel.errors import Invalid, Problem
from lms.quizzes.rules.numbers import unit_key
from lms.quizzes.rules.wording import Wording

LONGEST_RESPONSE = 500

Response = str | bool | tuple[str, ...] | None
"""A choice's key, typed text, true or false, the keys of several choices; None is unanswered."""


class Purpose(StrEnum):
    """Why a quiz is taken; `pre` and `post` are a pair whose difference is the gain."""

    PRE = "pre"
    POST = "post"
    PRACTICE = "practice"


class FeedbackPolicy(StrEnum):
    """How much a trainee is shown after submission; each step includes the one before."""

    NONE = "none"
    SCORE = "score"
    MARKS = "marks"
    FULL = "full"


@dataclass(frozen=True)
class Choice:
    """One choice; `weight` is the part of the points it earns (1 = all; negative only in multiple choice)."""

    key: str
    text: Wording
    weight: Fraction
    feedback: Wording | None = None


@dataclass(frozen=True)
class NumberRange:
    """Values from `low` to `high`, both included, and what they earn; `answer` is set where one value was meant."""

    low: Decimal
    high: Decimal
    answer: Decimal | None = None
    weight: Fraction = Fraction(1)
    feedback: Wording | None = None


@dataclass(frozen=True)
class TextPattern:
    """Text that is accepted, `*` standing for any characters, and what it earns."""

    pattern: str
    weight: Fraction = Fraction(1)
    feedback: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question has; `key` is stable across versions, `points` is above 0."""

    type: ClassVar[str]
    key: str
    text: Wording
    points: Fraction = Fraction(1)
    feedback: Wording | None = None
    feedback_right: Wording | None = None
    feedback_wrong: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Question):
    type: ClassVar[str] = "single"
    choices: tuple[Choice, ...]
    keep_order: bool = False


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Question):
    """Several ticks; with `partial` the weights add up, without it only exactly the right ticks earn anything."""

    type: ClassVar[str] = "multiple"
    choices: tuple[Choice, ...]
    partial: bool = True
    keep_order: bool = False


@dataclass(frozen=True, kw_only=True)
class TrueFalse(Question):
    type: ClassVar[str] = "truefalse"
    answer: bool


@dataclass(frozen=True, kw_only=True)
class NumberQuestion(Question):
    """A typed number; `other_units` tells what one of each is worth in `unit`."""

    type: ClassVar[str] = "number"
    accepted: tuple[NumberRange, ...]
    unit: Wording | None = None
    other_units: tuple[tuple[str, Decimal], ...] = ()

    def known_units(self) -> Mapping[str, Decimal]:
        """Return every spelling of a unit that may be typed and its worth in the question's unit."""
        own = {unit_key(spelling): Decimal(1) for spelling in self.unit.spellings()} if self.unit else {}
        return {unit_key(name): worth for name, worth in self.other_units} | own


@dataclass(frozen=True, kw_only=True)
class ShortText(Question):
    type: ClassVar[str] = "text"
    accepted: tuple[TextPattern, ...]
    case: bool = False


AnyQuestion = SingleChoice | MultipleChoice | TrueFalse | NumberQuestion | ShortText


def read_response(question: AnyQuestion, given: Any) -> Response:
    """Return what a browser sent in the form that is stored; empty text and no ticks are None, unanswered.

    Takes JSON values and what a plain form sends (strings, "true"/"false"). Raises Invalid where the value does
    not belong to this question: such a thing is never stored, so scoring need not doubt what it reads.
    """
    if given is None or given == "" or given == []:
        return None
    match question:
        case SingleChoice():
            keys = {choice.key for choice in question.choices}
            if isinstance(given, str) and given in keys:
                return given
        case MultipleChoice():
            ticked = [given] if isinstance(given, str) else given
            if isinstance(ticked, list | tuple) and all(isinstance(key, str) for key in ticked):
                chosen = tuple(choice.key for choice in question.choices if choice.key in ticked)
                if len(chosen) == len(set(ticked)):
                    return chosen or None
        case TrueFalse():
            if isinstance(given, bool):
                return given
            if given in ("true", "false"):
                return bool(given == "true")
        case NumberQuestion() | ShortText():
            if isinstance(given, int | float) and not isinstance(given, bool):
                given = str(given)
            # NUL and lone surrogates are refused by PostgreSQL's text and JSON, so they never get that far.
            if isinstance(given, str) and len(given) <= LONGEST_RESPONSE and _is_storable(given):
                return given.strip() or None
            if isinstance(given, str) and len(given) > LONGEST_RESPONSE:
                raise Invalid(Problem.of("quiz_response_long", field=question.key, most=LONGEST_RESPONSE))
    raise Invalid(Problem.of("quiz_response_unknown", field=question.key))


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
