"""What a browser sent, brought into the one form in which a response is stored and scored."""

from collections.abc import Callable, Mapping
from typing import Any

from lms.kernel.errors import Invalid, Problem
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Cloze,
    Essay,
    FileAnswer,
    Gap,
    Matching,
    MultipleChoice,
    NumberQuestion,
    Ordering,
    ShortText,
    SingleChoice,
    TrueFalse,
)

LONGEST_RESPONSE = 500
LONGEST_ESSAY = 20_000

Response = str | bool | tuple[str, ...] | dict[str, Any] | None
"""A choice's key, typed text, true or false, the keys of several choices, or what each part got; None is unanswered.

Parts: of a matching the option's key by pair, of an ordering the place (from 1) by step, of a cloze the text or the
choice's key by gap. A file is named by the number of its row.
"""


def read_response(question: AnyQuestion, given: Any) -> Response:
    """Return what a browser sent in the form that is stored; empty text, no ticks and no parts are None, unanswered.

    Takes JSON values and what a plain form sends (strings, "true"/"false"). Raises Invalid where the value does
    not belong to this question: such a thing is never stored, so scoring need not doubt what it reads.
    """
    if given is None or given == "" or given == [] or given == {}:
        return None
    match question:
        case SingleChoice():
            keys = {choice.key for choice in question.choices}
            if isinstance(given, str) and given in keys:
                return given
        case MultipleChoice():
            ticked = [given] if isinstance(given, str) else given
            if isinstance(ticked, list | tuple) and all(isinstance(key, str) for key in ticked):
                chosen = tuple(choice.key for choice in question.choices if choice.key in ticked)
                if len(chosen) == len(set(ticked)):
                    return chosen or None
        case TrueFalse():
            if isinstance(given, bool):
                return given
            if given in ("true", "false"):
                return bool(given == "true")
        case NumberQuestion() | ShortText():
            if isinstance(given, int | float) and not isinstance(given, bool):
                given = str(given)
            if isinstance(given, str):
                return _text(question, given, LONGEST_RESPONSE)
        case Essay():
            if isinstance(given, str):
                return _text(question, given, LONGEST_ESSAY)
        case FileAnswer():
            if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) < 10:
                return given
        case Matching() | Ordering() | Cloze():
            if isinstance(given, Mapping):
                return _parts(question, given)
    raise _unknown(question)


def _parts(question: Matching | Ordering | Cloze, given: Mapping[Any, Any]) -> Response:
    match question:
        case Matching():
            keys = {option.key for option in question.options}
            return _read_parts(
                question, given, [p.key for p in question.pairs], lambda _key, v: v if v in keys else None
            )
        case Ordering():
            count = len(question.steps)
            return _read_parts(question, given, [s.key for s in question.steps], lambda _key, v: _place(v, count))
    gaps = {gap.key: gap for gap in question.gaps}
    return _read_parts(question, given, list(gaps), lambda key, v: _filled(question, gaps[key], v))


def _read_parts(
    question: AnyQuestion, given: Mapping[Any, Any], keys: list[str], read: Callable[[str, Any], Any]
) -> Response:
    """Return the parts in the question's order, blank ones left out."""
    if set(given) - set(keys):
        raise _unknown(question)
    found = {}
    for key in keys:
        value = given.get(key)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            continue
        part = read(key, value)
        if part is None:
            raise _unknown(question)
        found[key] = part
    return found or None


def _place(value: Any, count: int) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 4:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= count else None


def _filled(question: Cloze, gap: Gap, value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    if gap.choices:
        return value if any(choice.key == value for choice in gap.choices) else None
    return _text(question, value, LONGEST_RESPONSE)


def _text(question: AnyQuestion, given: str, most: int) -> str | None:
    if len(given) > most:
        raise Invalid(Problem.of("quiz_response_long", field=question.key, most=most))
    # NUL and lone surrogates are refused by PostgreSQL's text and JSON, so they never get that far.
    if "\0" in given or any("\ud800" <= character <= "\udfff" for character in given):
        raise _unknown(question)
    return given.strip() or None


def _unknown(question: AnyQuestion) -> Invalid:
    return Invalid(Problem.of("quiz_response_unknown", field=question.key))
