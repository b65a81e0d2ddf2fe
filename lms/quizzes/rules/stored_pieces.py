"""What questions are made of as plain JSON and back: wording, choices, accepted answers."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.quizzes.rules.questions import Choice, NumberRange, TextPattern
from lms.quizzes.rules.wording import LANGUAGES, Wording


def dump_wording(wording: Wording | None) -> dict[str, str] | None:
    """Return the wording as a JSON object of the languages that are there."""
    if wording is None:
        return None
    return {language: text for language in LANGUAGES if (text := getattr(wording, language)) is not None}


def load_wording(stored: dict[str, str] | None) -> Wording | None:
    """Return the wording that `dump_wording` wrote."""
    return None if stored is None else Wording(stored.get("id"), stored.get("en"))


def dump_choice(choice: Choice) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "key": choice.key,
        "text": dump_wording(choice.text),
        "weight": str(choice.weight),
        "feedback": dump_wording(choice.feedback),
    }
    # Left out where there is none, so that older questions keep their fingerprint.
    return stored | {"picture": choice.picture} if choice.picture else stored


def load_choices(stored: Iterable[dict[str, Any]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            one["key"],
            load_wording(one["text"]) or Wording(),
            Fraction(one["weight"]),
            load_wording(one["feedback"]),
            one.get("picture"),
        )
        for one in stored
    )


def dump_range(one: NumberRange) -> dict[str, Any]:
    return {
        "low": str(one.low),
        "high": str(one.high),
        "answer": None if one.answer is None else str(one.answer),
        "weight": str(one.weight),
        "feedback": dump_wording(one.feedback),
    }


def load_range(stored: dict[str, Any]) -> NumberRange:
    return NumberRange(
        Decimal(stored["low"]),
        Decimal(stored["high"]),
        None if stored["answer"] is None else Decimal(stored["answer"]),
        Fraction(stored["weight"]),
        load_wording(stored["feedback"]),
    )


def dump_pattern(one: TextPattern) -> dict[str, Any]:
    return {"pattern": one.pattern, "weight": str(one.weight), "feedback": dump_wording(one.feedback)}


def load_pattern(stored: dict[str, Any]) -> TextPattern:
    return TextPattern(stored["pattern"], Fraction(stored["weight"]), load_wording(stored["feedback"]))
