"""The `[[question]]` tables of a quiz file → questions; what is wrong is noted in the tables' report."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.quizzes.located import Table
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording

TYPES = ("single", "multiple", "truefalse", "number", "text")
MOST_CHOICES = 26

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_COMMON = {
    "key",
    "type",
    "text",
    "points",
    "feedback",
    "feedback_right",
    "feedback_wrong",
}
_OWN = {
    "single": {"choice", "shuffle"},
    "multiple": {"choice", "shuffle", "partial"},
    "truefalse": {"answer"},
    "number": {"answer", "min", "max", "tolerance", "unit", "other_units", "accept"},
    "text": {"answer", "accept", "case"},
}


def read_questions(tables: Sequence[Table]) -> tuple[AnyQuestion, ...]:
    """Return the questions that could be read; the reports of the tables hold what is wrong with the others."""
    seen: set[str] = set()
    read = [_question(table, seen) for table in tables]
    return tuple(question for question in read if question is not None)


def _question(table: Table, seen: set[str]) -> AnyQuestion | None:
    key = _stable_key(table, seen)
    if not table.has("type"):
        table.problem(None, "quiz_key_missing", key="type")
    kind = table.option("type", TYPES)
    points = table.number("points", low=0, high=1000)
    if points == 0:
        table.problem("points", "quiz_points_zero")
    text = table.wording("text", required=True)
    common: dict[str, Any] = {
        "key": key,
        "text": text or Wording(),
        "points": Fraction(points or 1),
        "feedback": table.wording("feedback"),
        "feedback_right": table.wording("feedback_right"),
        "feedback_wrong": table.wording("feedback_wrong"),
    }
    if kind is None:
        return None
    table.only(_COMMON | _OWN[kind])
    match kind:
        case "single":
            return SingleChoice(
                **common,
                choices=_single_choices(table),
                keep_order=not table.boolean("shuffle", True),
            )
        case "multiple":
            partial = table.boolean("partial", True)
            return MultipleChoice(
                **common,
                choices=_multiple_choices(table, partial),
                partial=partial,
                keep_order=not table.boolean("shuffle", True),
            )
        case "truefalse":
            if not table.has("answer"):
                table.problem(None, "quiz_key_missing", key="answer")
            return TrueFalse(**common, answer=table.boolean("answer", False))
        case "number":
            return _number_question(table, common)
    return ShortText(**common, accepted=_patterns(table), case=table.boolean("case", False))


def _stable_key(table: Table, seen: set[str]) -> str:
    key = table.string("key", most=60)
    if not table.has("key"):
        table.problem(None, "quiz_key_missing", key="key")
    elif key is not None and not _KEY.fullmatch(key):
        table.problem("key", "quiz_key_form", key=key)
    elif key in seen:
        table.problem("key", "quiz_key_twice", key=key)
    seen.add(key or "")
    return key or ""


def _choices(table: Table, lowest_weight: int) -> list[tuple[Table, Choice, bool, Decimal | None]]:
    tables, seen = table.tables("choice"), set[str]()
    if not 2 <= len(tables) <= MOST_CHOICES:
        table.problem("choice", "quiz_choices_count", least=2, most=MOST_CHOICES)
    read = []
    for one in tables[:MOST_CHOICES]:
        one.only({"key", "text", "correct", "weight", "feedback"})
        text, feedback = (
            one.wording("text", required=True, most=1000),
            one.wording("feedback"),
        )
        choice = Choice(_stable_key(one, seen), text or Wording(), Fraction(0), feedback)
        if one.has("correct") and one.has("weight"):
            one.problem("weight", "quiz_weight_and_correct")
        read.append(
            (
                one,
                choice,
                one.boolean("correct", False),
                one.number("weight", low=lowest_weight, high=100),
            )
        )
    return read


def _weighted(choice: Choice, weight: Fraction) -> Choice:
    return Choice(choice.key, choice.text, weight, choice.feedback)


def _single_choices(table: Table) -> tuple[Choice, ...]:
    read = _choices(table, lowest_weight=0)
    has_weights = any(weight is not None for _, _, _, weight in read)
    choices = tuple(
        _weighted(choice, Fraction(correct) if weight is None else Fraction(weight) / 100)
        for _, choice, correct, weight in read
    )
    full = sum(choice.weight == 1 for choice in choices)
    if read and (full == 0 or (full > 1 and not has_weights)):
        table.problem("choice", "quiz_single_correct")
    return choices


def _multiple_choices(table: Table, partial: bool) -> tuple[Choice, ...]:
    read = _choices(table, lowest_weight=-100)
    right = sum(correct for _, _, correct, weight in read if weight is None)
    wrong = sum(not correct for _, _, correct, weight in read if weight is None)
    choices = tuple(
        _weighted(
            choice,
            Fraction(weight) / 100 if weight is not None else _share(correct, right, wrong),
        )
        for _, choice, correct, weight in read
    )
    best = sum(choice.weight for choice in choices if choice.weight > 0)
    if read and best == 0:
        table.problem("choice", "quiz_multiple_correct")
    elif read and partial and best < 1:
        # Nobody could ever reach the question's points.
        table.problem("choice", "quiz_weights_low")
    return choices


def _share(correct: bool, right: int, wrong: int) -> Fraction:
    return Fraction(1, right) if correct else Fraction(-1, wrong)


def _number_question(table: Table, common: dict[str, Any]) -> NumberQuestion:
    first = _range(table, Fraction(1), feedback=None)
    further = []
    for one in table.tables("accept"):
        one.only({"answer", "min", "max", "tolerance", "weight", "feedback"})
        further.append(_range(one, _part(one), one.wording("feedback")))
    unit = table.wording("unit", most=40)
    others = table.values.get("other_units", {})
    if not isinstance(others, dict) or (others and unit is None):
        table.problem("other_units", "quiz_units_without_unit")
        others = {}
    worths = Table(others, (*table.path, "other_units"), table.report)
    units = tuple((name, worth) for name in others if (worth := worths.number(name, low=0)))
    if len(units) < len(others) and not table.report.problems:
        table.problem("other_units", "quiz_unit_worth")
    accepted = tuple(one for one in (first, *further) if one is not None)
    return NumberQuestion(**common, accepted=accepted, unit=unit, other_units=units)


def _range(table: Table, weight: Fraction, feedback: Wording | None) -> NumberRange | None:
    answer, tolerance = (
        table.number("answer"),
        table.number("tolerance", low=0) or Decimal(0),
    )
    low, high = table.number("min"), table.number("max")
    has_limits = table.has("min") or table.has("max")
    if table.has("answer") == has_limits or (has_limits and table.has("tolerance")):
        table.problem(None, "quiz_answer_or_range")
        return None
    if answer is not None:
        return NumberRange(answer - tolerance, answer + tolerance, answer, weight, feedback)
    if low is None or high is None:
        if has_limits and not (table.has("min") and table.has("max")):
            table.problem(None, "quiz_answer_or_range")
        return None
    if low > high:
        table.problem("min", "quiz_range_reversed")
    return NumberRange(low, high, None, weight, feedback)


def _patterns(table: Table) -> tuple[TextPattern, ...]:
    if not table.has("answer"):
        table.problem(None, "quiz_key_missing", key="answer")
    patterns = [TextPattern(text) for text in _texts(table)]
    for one in table.tables("accept"):
        one.only({"answer", "weight", "feedback"})
        if not one.has("answer"):
            one.problem(None, "quiz_key_missing", key="answer")
        weight, feedback = _part(one), one.wording("feedback")
        patterns += [TextPattern(text, weight, feedback) for text in _texts(one)]
    return tuple(patterns)


def _texts(table: Table) -> list[str]:
    given = table.values.get("answer", [])
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(
        isinstance(text, str) and text.replace("*", "").strip() and len(text) <= 200 for text in texts
    ):
        table.problem("answer", "quiz_answer_texts", most=200)
        return []
    if not texts and table.has("answer"):
        table.problem("answer", "quiz_answer_texts", most=200)
    return texts


def _part(table: Table) -> Fraction:
    weight = table.number("weight", low=0, high=100)
    return Fraction(100 if weight is None else weight) / 100
