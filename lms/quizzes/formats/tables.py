"""A question as the table that a quiz file would have for it, so that what comes from elsewhere obeys its rules."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.kernel.errors import Problem
from lms.quizzes.located import Path, Report, Table
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    FileAnswer,
    Gap,
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
from lms.quizzes.rules.stored import dump_question
from lms.quizzes.rules.wording import LANGUAGES, Wording
from lms.quizzes.source_questions import read_questions
from lms.quizzes.source_structured import groups_of

Fields = dict[str, Any]

_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20}|/[1-9]\d{0,19})?")


def problems_of(question: AnyQuestion) -> list[Problem]:
    """Return what the rules of quiz files say against the question; nothing where it may be asked as it is.

    Also refuses what those rules would silently read as something else.
    """
    report = _Unplaced("", {})
    try:
        found = read_questions([Table(as_table(question), ("question", 0), report)])
    except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError):
        # Only what does not come from our own readers can get here: values of the wrong kind in a file's extra data.
        return [Problem.of("import_unusable")]
    if report.problems:
        return report.problems
    same = found and _comparable(dump_question(found[0])) == _comparable(dump_question(question))
    return [] if same else [Problem.of("import_unusable")]


class _Unplaced(Report):
    """Problems without a place: the entry they belong to knows its line."""

    def add(self, path: Path, code: str, /, **params: Any) -> None:
        self.problems.append(Problem.of(code, **params))


def as_table(question: AnyQuestion) -> Fields:
    """Return the question's table; weights in per cent, rounded up, so that shares of a whole still make it."""
    table: Fields = {"key": question.key, "type": question.type, "points": decimal_of(question.points)}
    table |= _worded(text=question.text, feedback=question.feedback)
    table |= _worded(feedback_right=question.feedback_right, feedback_wrong=question.feedback_wrong)
    if question.hints:
        table["hint"] = [_words(hint) for hint in question.hints]
    if question.topic:
        table["topic"] = question.topic
    if question.tags:
        table["tags"] = list(question.tags)
    match question:
        case SingleChoice() | MultipleChoice():
            table["choice"] = [_choice(one) for one in question.choices]
            table["shuffle"] = not question.keep_order
            if isinstance(question, MultipleChoice):
                table["partial"] = question.partial
        case TrueFalse():
            table["answer"] = question.answer
        case NumberQuestion():
            table |= _ranges(question.accepted) | _worded(unit=question.unit)
            if question.other_units:
                table["other_units"] = dict(question.other_units)
        case ShortText():
            table |= _patterns(question.accepted) | {"case": question.case}
        case Matching():
            table["pair"] = [{"key": one.key} | _worded(left=one.left, right=one.right) for one in question.pairs]
            table["extra"] = [{"key": one.key} | _worded(text=one.text) for one in question.extra]
            table["partial"] = question.partial
        case Ordering():
            table["step"] = [{"key": one.key} | _worded(text=one.text) for one in question.steps]
            table["partial"] = question.partial
        case Cloze():
            table["gap"] = [_gap(one) for one in question.gaps]
    return table | _graded(question) if isinstance(question, Graded) else table


def decimal_of(number: Fraction, places: int = 9) -> Decimal:
    """Return the number with so many places, rounded up."""
    scaled = number * 10**places
    return Decimal(-((-scaled.numerator) // scaled.denominator)).scaleb(-places)


def _percent(weight: Fraction) -> Decimal:
    return decimal_of(weight * 100)


def _words(wording: Wording) -> dict[str, str]:
    return {language: text for language in LANGUAGES if (text := getattr(wording, language)) is not None}


def _worded(**wordings: Wording | None) -> Fields:
    return {name: _words(wording) for name, wording in wordings.items() if wording is not None}


def _choice(choice: Choice) -> Fields:
    table = {"key": choice.key, "weight": _percent(choice.weight)}
    if choice.picture:
        table |= {"picture": choice.picture}
    return table | _worded(text=choice.text, feedback=choice.feedback)


def _range(one: NumberRange) -> Fields:
    if one.answer is not None and one.high - one.answer == one.answer - one.low:
        return {"answer": one.answer, "tolerance": one.high - one.answer}
    return {"min": one.low, "max": one.high}


def _ranges(ranges: tuple[NumberRange, ...]) -> Fields:
    if len(ranges) == 1 and ranges[0].weight == 1 and ranges[0].feedback is None:
        return _range(ranges[0])
    return {"accept": [_range(one) | {"weight": _percent(one.weight)} | _worded(feedback=one.feedback)
                       for one in ranges]}  # fmt: skip


def _patterns(patterns: tuple[TextPattern, ...]) -> Fields:
    if all(one.weight == 1 and one.feedback is None for one in patterns):
        return {"answer": [one.pattern for one in patterns]}
    return {"accept": [{"answer": one.pattern, "weight": _percent(one.weight)} | _worded(feedback=one.feedback)
                       for one in patterns]}  # fmt: skip


def _gap(gap: Gap) -> Fields:
    table: Fields = {"key": gap.key, "weight": _percent(gap.weight)}
    if gap.choices:
        return table | {"choice": [_choice(one) for one in gap.choices]}
    if gap.ranges:
        return table | _ranges(gap.ranges)
    return table | _patterns(gap.patterns) | {"case": gap.case}


def _graded(question: Graded) -> Fields:
    table = _worded(sample=question.sample)
    if question.rubric:
        table["criterion"] = [
            {"key": one.key, "level": [
                {"key": level.key, "points": decimal_of(level.points)} | _worded(text=level.text)
                for level in one.levels
            ]} | _worded(text=one.text)
            for one in question.rubric
        ]  # fmt: skip
    for name in ("words_least", "words_most", "megabytes"):
        if (number := getattr(question, name, None)) is not None:
            table[name] = number
    if isinstance(question, FileAnswer) and question.kinds:
        table["accept"] = groups_of(question.kinds)
    return table


def _comparable(stored: Any) -> Any:
    """Return the stored question with its numbers rounded: weights lose their exactness in a table of decimals."""
    if isinstance(stored, dict):
        return {name: _comparable(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [_comparable(value) for value in stored]
    if isinstance(stored, str) and _NUMBER.fullmatch(stored):
        return float(round(Fraction(stored), 6))
    return stored
