"""What a format cannot say about a question, kept beside it: the difference between the question and what is read back.

A program that knows nothing of it passes over a comment. Where what it replaces was changed by hand in the file, the
file's word counts.
"""

import json
import re
from dataclasses import replace
from typing import Any

from lms.quizzes.rules.questions import GAP_MARK, AnyQuestion, Cloze
from lms.quizzes.rules.stored import dump_question, fingerprint, load_question
from lms.quizzes.rules.wording import Wording

MARK = "jembatan"
LONGEST = 100_000

_NUMBERS = {"points", "weight", "low", "high", "answer"}
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{0,20})?(?:/\d{1,20})?(?:[eE][+-]?\d{1,2})?")

# A name that is not there at all; "=" with null is one that is there and empty.
_GONE = {"-": True}
# What makes an element of a list this element, whatever its key, weight or feedback.
_WORDS = ("text", "left", "right", "pattern", "low", "high")


def difference(read: AnyQuestion, meant: AnyQuestion) -> str:
    """Return what has to be told beside the question so that it is read as it was meant; "" for nothing."""
    told: dict[str, Any] = {}
    if isinstance(read, Cloze) and isinstance(meant, Cloze) and len(read.gaps) == len(meant.gaps):
        names = [gap.key for gap in meant.gaps]
        read, told = _renamed(read, names), {"gaps": names}
    if (rest := _difference(dump_question(read), dump_question(meant))) is not None:
        told["rest"] = rest
    if not told:
        return ""
    # Neither the end of an XML comment nor of a line may stand in it.
    return json.dumps(told, ensure_ascii=True, separators=(",", ":"), sort_keys=True).replace("--", "-\\u002d")


def completed(read: AnyQuestion, told: str) -> AnyQuestion:
    """Return the question with what was told beside it. Raises ValueError for what cannot belong to it."""
    if len(told) > LONGEST:
        raise ValueError("too long")
    try:
        found = json.loads(told)
        if isinstance(read, Cloze) and "gaps" in found and len(found["gaps"]) == len(read.gaps):
            read = _renamed(read, found["gaps"])
        applied = _applied(dump_question(read), found.get("rest"))
        _refuse_endless(applied)
        return load_question(applied)
    except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, RecursionError) as error:
        raise ValueError("not of this question") from error


def _refuse_endless(stored: Any) -> None:
    """Raise ValueError for a number that takes more memory than there is: "1e999999999" is short to write."""
    if isinstance(stored, dict):
        for name, value in stored.items():
            if name in _NUMBERS and isinstance(value, str) and not _NUMBER.fullmatch(value):
                raise ValueError(f"{name} is no number")
            _refuse_endless(value)
    elif isinstance(stored, list):
        for one in stored:
            _refuse_endless(one)
            if isinstance(one, list) and len(one) == 2 and not _NUMBER.fullmatch(str(one[1])):
                raise ValueError("a unit is worth no number")


def _renamed(question: Cloze, names: list[str]) -> Cloze:
    """Return the question with its gaps called so, in their order; the marks in its text with them."""
    renamed = dict(zip((gap.key for gap in question.gaps), names, strict=True))

    def text(words: str | None) -> str | None:
        return words and GAP_MARK.sub(lambda one: f"{{{{{renamed.get(one[1], one[1])}}}}}", words)

    gaps = tuple(replace(gap, key=str(renamed[gap.key])) for gap in question.gaps)
    return replace(question, gaps=gaps, text=Wording(text(question.text.id), text(question.text.en)))


def _difference(read: Any, meant: Any) -> Any:
    """Return None where both are the same, else `{"=": value}`, `{"of": …, "each": […]}` or a difference by name."""
    if read == meant:
        return None
    if isinstance(read, dict) and isinstance(meant, dict):
        changed = {name: _difference(read.get(name), value) for name, value in meant.items()}
        told = {name: one for name, one in changed.items() if one is not None}
        return told | {name: _GONE for name in read if name not in meant}
    if _are_elements(read) and _are_elements(meant) and len(read) == len(meant):
        return {"of": _words_of(read), "each": [_difference(*pair) for pair in zip(read, meant, strict=True)]}
    return {"=": meant} if read is None else {"=": meant, "of": _short(read)}


def _applied(read: Any, told: Any) -> Any:
    if told is None:
        return read
    if "=" in told:
        return read if "of" in told and told["of"] != _short(read) else told["="]
    if set(told) == {"of", "each"}:
        if not _are_elements(read) or _words_of(read) != told["of"]:
            return read
        return [_applied(*pair) for pair in zip(read, told["each"], strict=True)]
    if not isinstance(read, dict):
        return read
    changed = {name: _applied(read.get(name), one) for name, one in told.items() if one != _GONE}
    return {name: value for name, value in (read | changed).items() if told.get(name) != _GONE}


def _are_elements(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _words_of(elements: list[dict[str, Any]]) -> str:
    return _short([[one.get(name) for name in _WORDS] for one in elements])


def _short(value: Any) -> str:
    return fingerprint(value)[:8]
