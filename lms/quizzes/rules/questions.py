"""The kinds of question: what each asks, and what it takes for right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from lms.quizzes.rules.numbers import unit_key
from lms.quizzes.rules.wording import Wording

GAP_MARK = re.compile(r"\{\{\s*([a-z0-9][a-z0-9_-]*)\s*\}\}")
"""How a gap is marked in a cloze's text: `{{key}}`."""


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
    # The name of a picture in the course's media folder.
    picture: str | None = None


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


@dataclass(frozen=True)
class Named:
    """Something with a key and words: one side of a pair, a step to be put in order."""

    key: str
    text: Wording


@dataclass(frozen=True)
class Pair:
    """What belongs together; several lefts may share one right side."""

    key: str
    left: Wording
    right: Wording


@dataclass(frozen=True)
class Gap:
    """A gap of a text, marked there as `{{key}}`: filled in by choosing, or by typing text or a number.

    One of the three tells which. `weight` is its part of the points among all gaps.
    """

    key: str
    weight: Fraction = Fraction(1)
    choices: tuple[Choice, ...] = ()
    patterns: tuple[TextPattern, ...] = ()
    ranges: tuple[NumberRange, ...] = ()
    case: bool = False


@dataclass(frozen=True)
class Level:
    """How well a criterion is met, and the points that is worth."""

    key: str
    text: Wording
    points: Fraction


@dataclass(frozen=True)
class Criterion:
    """One thing that an answer is graded for, with its levels from best to worst."""

    key: str
    text: Wording
    levels: tuple[Level, ...]

    @property
    def most(self) -> Fraction:
        return max(level.points for level in self.levels)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question has; `key` is stable across versions, `points` is above 0.

    `hints` may be looked at while answering. `topic` is the category it belongs to ("layanan/antrean"); together with
    `tags` it is how the bank and results find it.
    """

    type: ClassVar[str]
    key: str
    text: Wording
    points: Fraction = Fraction(1)
    feedback: Wording | None = None
    feedback_right: Wording | None = None
    feedback_wrong: Wording | None = None
    hints: tuple[Wording, ...] = ()
    topic: str = ""
    tags: tuple[str, ...] = ()


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


@dataclass(frozen=True, kw_only=True)
class Matching(Question):
    """Pairs to be found; `extra` are right sides that fit nothing. With `partial` each pair earns its share."""

    type: ClassVar[str] = "matching"
    pairs: tuple[Pair, ...]
    extra: tuple[Named, ...] = ()
    partial: bool = True

    @property
    def options(self) -> tuple[Named, ...]:
        """Return what may be chosen for a left side; the same words in two pairs are one option."""
        found: dict[Wording, Named] = {}
        for one in (*(Named(pair.key, pair.right) for pair in self.pairs), *self.extra):
            found.setdefault(one.text, one)
        return tuple(found.values())

    def right_option(self, pair: Pair) -> str:
        """Return the key of the option that fits the pair."""
        return next(option.key for option in self.options if option.text == pair.right)


@dataclass(frozen=True, kw_only=True)
class Ordering(Question):
    """Steps, written in their right order; with `partial` each neighbour that follows rightly earns its share."""

    type: ClassVar[str] = "ordering"
    steps: tuple[Named, ...]
    partial: bool = True


@dataclass(frozen=True, kw_only=True)
class Cloze(Question):
    """A text with gaps; each gap earns its share."""

    type: ClassVar[str] = "cloze"
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, kw_only=True)
class Graded(Question):
    """What somebody must read before it is scored: by a rubric, or by points alone where there is none."""

    rubric: tuple[Criterion, ...] = ()
    # What a good answer holds; for graders, and with full feedback for her.
    sample: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class Essay(Graded):
    type: ClassVar[str] = "essay"
    words_least: int | None = None
    words_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class FileAnswer(Graded):
    """A file handed in; `kinds` are media types, empty for any that the platform takes."""

    type: ClassVar[str] = "file"
    kinds: tuple[str, ...] = ()
    megabytes: int = 10


Simple = SingleChoice | MultipleChoice | TrueFalse | NumberQuestion | ShortText
AnyQuestion = Simple | Matching | Ordering | Cloze | Essay | FileAnswer
