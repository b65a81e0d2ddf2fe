"""Questions as plain JSON and back: what a version of a question keeps in the database, and its fingerprint."""

import json
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from lms.quizzes.rules import stored_parts
from lms.quizzes.rules.questions import (
    AnyQuestion,
    MultipleChoice,
    NumberQuestion,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from lms.quizzes.rules.stored_pieces import (
    dump_choice,
    dump_pattern,
    dump_range,
    dump_wording,
    load_choices,
    load_pattern,
    load_range,
    load_wording,
)
from lms.quizzes.rules.wording import Wording


def fingerprint(stored: Any) -> str:
    """Return the hash under which equal content is recognised, whatever the order of its keys."""
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


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
    # What came later is left out where it is empty: an old question must keep its fingerprint, or it had a new version.
    if question.hints:
        stored["hints"] = [dump_wording(hint) for hint in question.hints]
    if question.topic:
        stored["topic"] = question.topic
    if question.tags:
        stored["tags"] = list(question.tags)
    match question:
        case SingleChoice() | MultipleChoice():
            stored["choices"] = [dump_choice(choice) for choice in question.choices]
            stored["keep_order"] = question.keep_order
            if isinstance(question, MultipleChoice):
                stored["partial"] = question.partial
        case TrueFalse():
            stored["answer"] = question.answer
        case NumberQuestion():
            stored["accepted"] = [dump_range(one) for one in question.accepted]
            stored["unit"] = dump_wording(question.unit)
            stored["other_units"] = [[name, str(worth)] for name, worth in question.other_units]
        case ShortText():
            stored["accepted"] = [dump_pattern(one) for one in question.accepted]
            stored["case"] = question.case
        case _:
            stored |= stored_parts.dump(question)
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
        "hints": tuple(load_wording(hint) or Wording() for hint in stored.get("hints", ())),
        "topic": stored.get("topic", ""),
        "tags": tuple(stored.get("tags", ())),
    }
    match stored["type"]:
        case "single":
            return SingleChoice(**common, choices=load_choices(stored["choices"]), keep_order=stored["keep_order"])
        case "multiple":
            return MultipleChoice(
                **common,
                choices=load_choices(stored["choices"]),
                keep_order=stored["keep_order"],
                partial=stored["partial"],
            )
        case "truefalse":
            return TrueFalse(**common, answer=stored["answer"])
        case "number":
            return NumberQuestion(
                **common,
                accepted=tuple(load_range(one) for one in stored["accepted"]),
                unit=load_wording(stored["unit"]),
                other_units=tuple((name, Decimal(worth)) for name, worth in stored["other_units"]),
            )
        case "text":
            accepted = tuple(load_pattern(one) for one in stored["accepted"])
            return ShortText(**common, accepted=accepted, case=stored["case"])
        case _:
            return stored_parts.load(stored, common)
