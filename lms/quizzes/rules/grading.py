"""What a grader gives an answer: a level for each criterion of the rubric, or points where there is none."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from lms.kernel.errors import Invalid, Problem
from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.questions import Criterion, Graded, Level

POINTS = "points"


def read_grading(question: Graded, sent: Mapping[str, Any]) -> tuple[dict[str, str], Fraction]:
    """Return what was given, as it is stored, and the points it comes to, of the question's own.

    Raises Invalid with every criterion that has no level, or for points that are none or too many.
    """
    if not question.rubric:
        points = _points(question, str(sent.get(POINTS, "")))
        return {POINTS: str(points)}, Fraction(points)
    given: dict[str, str] = {}
    problems = []
    for criterion in question.rubric:
        key = str(sent.get(criterion.key, ""))
        if level_of(criterion, key) is None:
            problems.append(Problem.of("quiz_level_missing", field=criterion.key))
        given[criterion.key] = key
    if problems:
        raise Invalid(problems)
    return given, points_of(question, given)


def points_of(question: Graded, given: Mapping[str, str]) -> Fraction:
    """Return the points that these levels come to: their share of the rubric's most, of the question's points."""
    levels = [level_of(criterion, given.get(criterion.key, "")) for criterion in question.rubric]
    earned = sum((level.points for level in levels if level is not None), Fraction(0))
    return earned / sum(criterion.most for criterion in question.rubric) * question.points


def level_of(criterion: Criterion, key: str) -> Level | None:
    """Return the criterion's level of this key."""
    return next((level for level in criterion.levels if level.key == key), None)


def count_words(text: str) -> int:
    """Return how many words a text has."""
    return len(text.split())


def _points(question: Graded, typed: str) -> Decimal:
    try:
        values = read_number(typed)
    except InvalidOperation:
        values = frozenset()
    # "1.250" is one and a quarter here: nobody gives a thousand points.
    fitting = [
        value for value in values if 0 <= value <= Decimal(question.points.numerator) / question.points.denominator
    ]
    if not fitting:
        raise Invalid(Problem.of("quiz_points_range", field=POINTS, most=float(question.points)))
    return min(fitting).quantize(Decimal("0.01"))
