"""What a response earns, and what an attempt adds up to. Exact fractions throughout: 3 × ⅓ is 1, and 70 % is 70 %."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.questions import (
    AnyQuestion,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    Response,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording


class Verdict(StrEnum):
    """How a question went, as it is shown and counted."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Score:
    """Points earned of points possible (0 ≤ earned ≤ possible), and what is to be said about the answer given."""

    earned: Fraction
    possible: Fraction
    verdict: Verdict
    feedback: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class Grade:
    """What an attempt adds up to; `passed` is None where the quiz has no pass mark."""

    earned: Fraction
    possible: Fraction
    passed: bool | None
    scores: Mapping[str, Score]

    @property
    def percent(self) -> float:
        """Per cent with one decimal, rounded down: 69.97 must not read 70 beside "not passed"."""
        return floor(self.earned * 1000 / self.possible) / 10 if self.possible else 0.0


def score(question: AnyQuestion, response: Response) -> Score:
    """Return what the response earns; `response` comes from `read_response`."""
    if response is None:
        return Score(Fraction(0), question.points, Verdict.UNANSWERED, _said(question.feedback))
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
    """Return the whole attempt's grade from the scores of its questions, by key, unanswered ones included.

    `pass_mark` is per cent of all points; reaching it exactly passes.
    """
    earned = sum((one.earned for one in scores.values()), Fraction(0))
    possible = sum((one.possible for one in scores.values()), Fraction(0))
    passed = None if pass_mark is None else earned * 100 >= Fraction(pass_mark) * possible
    return Grade(earned, possible, passed, scores)


def matches(pattern: str, text: str, *, case: bool = False) -> bool:
    """Return whether the typed text fits the pattern; `*` is any characters, `\\*` a star.

    Looks for the pieces between the stars from left to right, so the work grows with the text, never exponentially.
    """
    pieces = [comparable(piece, case=case) for piece in _split_at_stars(pattern)]
    text = comparable(text, case=case)
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def right_texts(question: ShortText) -> list[str]:
    """Return the texts to show as right: those without a star where there are any, else with "…" for the star."""
    full = [_split_at_stars(one.pattern) for one in question.accepted if one.weight >= 1]
    plain = [pieces for pieces in full if len(pieces) == 1]
    return ["…".join(pieces).strip() for pieces in plain or full]


def comparable(text: str, *, case: bool = False) -> str:
    """Return the text as answers are compared: one space between words, plain quotes, small letters unless `case`."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN_QUOTES)
    text = " ".join(text.split())
    return text if case else text.casefold()


_PLAIN_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u2010": "-", "\u2011": "-", "–": "-"})


def _split_at_stars(pattern: str) -> list[str]:
    pieces, escaped = [""], False
    for character in pattern:
        if escaped or character not in "\\*":
            pieces[-1] += character if character in "\\*" or not escaped else "\\" + character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            pieces.append("")
    if escaped:
        pieces[-1] += "\\"
    return pieces


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
