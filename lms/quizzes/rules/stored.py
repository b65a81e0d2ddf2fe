"""Questions as plain JSON and back: what a version of a question keeps in the database, and its fingerprint."""

import json
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

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
from lms.quizzes.rules.wording import LANGUAGES, Wording


def fingerprint(stored: Any) -> str:
    """Return the hash under which equal content is recognised, whatever the order of its keys."""
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def dump_wording(wording: Wording | None) -> dict[str, str] | None:
    """Return the wording as a JSON object of the languages that are there."""
    if wording is None:
        return None
    return {language: text for language in LANGUAGES if (text := getattr(wording, language)) is not None}


def load_wording(stored: dict[str, str] | None) -> Wording | None:
    """Return the wording that `dump_wording` wrote."""
    return None if stored is None else Wording(stored.get("id"), stored.get("en"))


def dump_question(question: AnyQuestion) -> dict[str, Any]:
    """Return the question as JSON values; weights and points as exact fractions, numbers as decimal text."""
    stored: dict[str, Any] = {
        "type": question.type,
        "key": question.key,
        "text": dump_wording(question.text),
        "points": str(question.points),
        "feedback": dump_wording(question.feedback),
        "feedback_right": dump_wording(question.feedback_right),
        "feedback_wrong": dump_wording(question.feedback_wrong),
    }
    match question:
        case SingleChoice() | MultipleChoice():
            stored["choices"] = [
                {
                    "key": c.key,
                    "text": dump_wording(c.text),
                    "weight": str(c.weight),
                    "feedback": dump_wording(c.feedback),
                }
                for c in question.choices
            ]
            stored["keep_order"] = question.keep_order
            if isinstance(question, MultipleChoice):
                stored["partial"] = question.partial
        case TrueFalse():
            stored["answer"] = question.answer
        case NumberQuestion():
            stored["accepted"] = [
                {
                    "low": str(one.low),
                    "high": str(one.high),
                    "answer": None if one.answer is None else str(one.answer),
                    "weight": str(one.weight),
                    "feedback": dump_wording(one.feedback),
                }
                for one in question.accepted
            ]
            stored["unit"] = dump_wording(question.unit)
            stored["other_units"] = [[name, str(worth)] for name, worth in question.other_units]
        case ShortText():
            stored["accepted"] = [
                {
                    "pattern": one.pattern,
                    "weight": str(one.weight),
                    "feedback": dump_wording(one.feedback),
                }
                for one in question.accepted
            ]
            stored["case"] = question.case
    return stored


def load_question(stored: dict[str, Any]) -> AnyQuestion:
    """Return the question that `dump_question` wrote; raises KeyError or ValueError on anything else."""
    common: dict[str, Any] = {
        "key": stored["key"],
        "text": load_wording(stored["text"]),
        "points": Fraction(stored["points"]),
        "feedback": load_wording(stored["feedback"]),
        "feedback_right": load_wording(stored["feedback_right"]),
        "feedback_wrong": load_wording(stored["feedback_wrong"]),
    }
    match stored["type"]:
        case "single":
            return SingleChoice(**common, choices=_load_choices(stored), keep_order=stored["keep_order"])
        case "multiple":
            return MultipleChoice(
                **common,
                choices=_load_choices(stored),
                keep_order=stored["keep_order"],
                partial=stored["partial"],
            )
        case "truefalse":
            return TrueFalse(**common, answer=stored["answer"])
        case "number":
            return NumberQuestion(
                **common,
                accepted=tuple(_load_range(one) for one in stored["accepted"]),
                unit=load_wording(stored["unit"]),
                other_units=tuple((name, Decimal(worth)) for name, worth in stored["other_units"]),
            )
        case "text":
            accepted = tuple(
                TextPattern(
                    one["pattern"],
                    Fraction(one["weight"]),
                    load_wording(one["feedback"]),
                )
                for one in stored["accepted"]
            )
            return ShortText(**common, accepted=accepted, case=stored["case"])
        case other:
            raise ValueError(f"unknown type of question {other!r}")


def _load_choices(stored: dict[str, Any]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            one["key"],
            load_wording(one["text"]) or Wording(),
            Fraction(one["weight"]),
            load_wording(one["feedback"]),
        )
        for one in stored["choices"]
    )


def _load_range(stored: dict[str, Any]) -> NumberRange:
    answer = None if stored["answer"] is None else Decimal(stored["answer"])
    return NumberRange(
        Decimal(stored["low"]),
        Decimal(stored["high"]),
        answer,
        Fraction(stored["weight"]),
        load_wording(stored["feedback"]),
    )
