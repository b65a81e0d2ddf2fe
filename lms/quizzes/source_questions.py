"""The `[[question]]` tables of a quiz file → questions; what is wrong is noted in the tables' report."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lms.quizzes import source_structured
from lms.quizzes.located import Table
from lms.quizzes.rules.questions import (
    AnyQuestion,
    MultipleChoice,
    NumberQuestion,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording
from lms.quizzes.source_pieces import (
    read_multiple_choices,
    read_patterns,
    read_ranges,
    read_single_choices,
    stable_key,
)

TYPES = ("single", "multiple", "truefalse", "number", "text", "matching", "ordering", "cloze", "essay", "file")

_COMMON = {
    "key",
    "type",
    "text",
    "points",
    "feedback",
    "feedback_right",
    "feedback_wrong",
    "hint",
    "topic",
    "tags",
    "section",
}
_OWN = {
    "single": {"choice", "shuffle"},
    "multiple": {"choice", "shuffle", "partial"},
    "truefalse": {"answer"},
    "number": {"answer", "min", "max", "tolerance", "unit", "other_units", "accept"},
    "text": {"answer", "accept", "case"},
} | source_structured.OWN_KEYS


def read_questions(tables: Sequence[Table]) -> tuple[AnyQuestion, ...]:
    """Return the questions that could be read; the reports of the tables hold what is wrong with the others."""
    seen: set[str] = set()
    read = [_question(table, seen) for table in tables]
    return tuple(question for question in read if question is not None)


def _question(table: Table, seen: set[str]) -> AnyQuestion | None:
    key = stable_key(table, seen)
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
        "hints": table.wordings("hint"),
        "topic": read_topic(table, "topic"),
        "tags": table.strings("tags", most=20, longest=40),
    }
    if kind is None:
        return None
    table.only(_COMMON | _OWN[kind])
    match kind:
        case "single":
            return SingleChoice(
                **common,
                choices=read_single_choices(table),
                keep_order=not table.boolean("shuffle", True),
            )
        case "multiple":
            partial = table.boolean("partial", True)
            return MultipleChoice(
                **common,
                choices=read_multiple_choices(table, partial),
                partial=partial,
                keep_order=not table.boolean("shuffle", True),
            )
        case "truefalse":
            if not table.has("answer"):
                table.problem(None, "quiz_key_missing", key="answer")
            return TrueFalse(**common, answer=table.boolean("answer", False))
        case "number":
            return _number_question(table, common)
        case "text":
            return ShortText(**common, accepted=read_patterns(table), case=table.boolean("case", False))
    return source_structured.read_structured(kind, table, common)


def read_topic(table: Table, key: str) -> str:
    """Return a topic ("layanan/antrean"), "" where there is none."""
    topic = table.string(key, most=120) or ""
    parts = [part.strip() for part in topic.split("/")]
    if topic and not all(parts):
        table.problem(key, "quiz_topic_form")
    return "/".join(parts)


def _number_question(table: Table, common: dict[str, Any]) -> NumberQuestion:
    accepted = read_ranges(table)
    unit = table.wording("unit", most=40)
    others = table.values.get("other_units", {})
    if not isinstance(others, dict) or (others and unit is None):
        table.problem("other_units", "quiz_units_without_unit")
        others = {}
    worths = Table(others, (*table.path, "other_units"), table.report)
    units = tuple((name, worth) for name in others if (worth := worths.number(name, low=0)))
    if len(units) < len(others) and not table.report.problems:
        table.problem("other_units", "quiz_unit_worth")
    return NumberQuestion(**common, accepted=accepted, unit=unit, other_units=units)
