"""What a response earns, and what an attempt adds up to. Exact fractions throughout: 3 × ⅓ is 1, and 70 % is 70 %."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.parts import earned_by_parts
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Cloze,
    Graded,
    Matching,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    Ordering,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.responses import Response
from lms.quizzes.rules.texts import matches
from lms.quizzes.rules.wording import Wording


class Verdict(StrEnum):
    """How a question went, as it is shown and counted."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNANSWERED = "unanswered"
    # Answered, and waiting for somebody to read it.
    UNGRADED = "ungraded"


@dataclass(frozen=True)
class Score:
    """Points earned of points possible (0 ≤ earned ≤ possible), and what is to be said about the answer given."""

    earned: Fraction
    possible: Fraction
    verdict: Verdict
    feedback: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class Grade:
    """What an attempt adds up to; `passed` is None where there is no pass mark or answers wait to be graded."""

    earned: Fraction
    possible: Fraction
    passed: bool | None
    scores: Mapping[str, Score]

    @property
    def ungraded(self) -> int:
        return sum(one.verdict is Verdict.UNGRADED for one in self.scores.values())

    @property
    def percent(self) -> float:
        """Per cent with one decimal, rounded down: 69.97 must not read 70 beside "not passed"."""
        return floor(self.earned * 1000 / self.possible) / 10 if self.possible else 0.0


_NOTHING: tuple[Wording | None, ...] = ()


def score(question: AnyQuestion, response: Response, graded: Fraction | None = None) -> Score:
    """Return what the response earns; `response` comes from `read_response`.

    `graded` is the points somebody gave it, for kinds that no machine scores; others take no notice of it.
    """
    if response is None:
        return Score(Fraction(0), question.points, Verdict.UNANSWERED, _said(question.feedback))
    if isinstance(question, Graded):
        if graded is None:
            return Score(Fraction(0), question.points, Verdict.UNGRADED)
        part, own = min(graded / question.points, Fraction(1)), _NOTHING
    else:
        part, own = _earned_part(question, response)
    verdict = Verdict.RIGHT if part >= 1 else Verdict.PARTLY if part > 0 else Verdict.WRONG
    general = question.feedback_right if verdict is Verdict.RIGHT else question.feedback_wrong
    return Score(
        part * question.points,
        question.points,
        verdict,
        _said(*own, general, question.feedback),
    )


def add_up(scores: Mapping[str, Score], pass_mark: Decimal | None = None) -> Grade:
    """Return the whole attempt's grade from the scores of its questions, unanswered ones included.

    `pass_mark` is per cent of all points; reaching it exactly passes.
    """
    earned = sum((one.earned for one in scores.values()), Fraction(0))
    possible = sum((one.possible for one in scores.values()), Fraction(0))
    is_open = pass_mark is None or any(one.verdict is Verdict.UNGRADED for one in scores.values())
    passed = None if is_open else earned * 100 >= Fraction(pass_mark or 0) * possible
    return Grade(earned, possible, passed, scores)


def _earned_part(question: AnyQuestion, response: Response) -> tuple[Fraction, tuple[Wording | None, ...]]:
    match question:
        case SingleChoice():
            chosen = next((choice for choice in question.choices if choice.key == response), None)
            return (chosen.weight, (chosen.feedback,)) if chosen else (Fraction(0), ())
        case MultipleChoice():
            return _ticked_part(question, response)
        case TrueFalse():
            return Fraction(response == question.answer), ()
        case NumberQuestion():
            values = read_number(str(response), question.known_units())
            return _best(one for one in question.accepted if any(one.low <= value <= one.high for value in values))
        case ShortText():
            text = str(response)
            return _best(one for one in question.accepted if matches(one.pattern, text, case=question.case))
        case Matching() | Ordering() | Cloze():
            return earned_by_parts(question, response if isinstance(response, dict) else {}), ()
    return Fraction(0), ()


def _best(
    fitting: Iterable[NumberRange | TextPattern],
) -> tuple[Fraction, tuple[Wording | None, ...]]:
    best = max(fitting, key=lambda one: one.weight, default=None)
    return (best.weight, (best.feedback,)) if best else (Fraction(0), ())


def _ticked_part(question: MultipleChoice, response: Response) -> tuple[Fraction, tuple[Wording | None, ...]]:
    keys = response if isinstance(response, tuple) else ()
    ticked = [choice for choice in question.choices if choice.key in keys]
    said = tuple(choice.feedback for choice in ticked)
    if not question.partial:
        exact = all((choice.weight > 0) == (choice in ticked) for choice in question.choices)
        return Fraction(exact), said
    total = sum((choice.weight for choice in ticked), Fraction(0))
    return min(max(total, Fraction(0)), Fraction(1)), said


def _said(*wordings: Wording | None) -> tuple[Wording, ...]:
    return tuple(wording for wording in wordings if wording is not None)
