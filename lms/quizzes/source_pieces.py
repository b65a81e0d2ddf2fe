"""What the tables of a quiz file are made of: keys, choices, ranges, accepted texts; problems go to their report."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lms.quizzes.located import Table
from lms.quizzes.rules.questions import Choice, NumberRange, TextPattern
from lms.quizzes.rules.wording import Wording

MOST_CHOICES = 26

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def stable_key(table: Table, seen: set[str]) -> str:
    """Return the table's key; noted where it is missing, malformed or seen before."""
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
        one.only({"key", "text", "correct", "weight", "feedback", "picture"})
        text, feedback = (
            one.wording("text", required=True, most=1000),
            one.wording("feedback"),
        )
        picture = one.string("picture", most=120)
        choice = Choice(stable_key(one, seen), text or Wording(), Fraction(0), feedback, picture)
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


def read_single_choices(table: Table) -> tuple[Choice, ...]:
    """Return choices of which one is to be chosen."""
    read = _choices(table, lowest_weight=0)
    has_weights = any(weight is not None for _, _, _, weight in read)
    choices = tuple(
        replace(choice, weight=Fraction(correct) if weight is None else Fraction(weight) / 100)
        for _, choice, correct, weight in read
    )
    full = sum(choice.weight == 1 for choice in choices)
    if read and (full == 0 or (full > 1 and not has_weights)):
        table.problem("choice", "quiz_single_correct")
    return choices


def read_multiple_choices(table: Table, partial: bool) -> tuple[Choice, ...]:
    """Return choices of which several may be ticked; weights that nobody set share all points."""
    read = _choices(table, lowest_weight=-100)
    right = sum(correct for _, _, correct, weight in read if weight is None)
    wrong = sum(not correct for _, _, correct, weight in read if weight is None)
    choices = tuple(
        replace(choice, weight=Fraction(weight) / 100 if weight is not None else _share(correct, right, wrong))
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


def read_range(table: Table, weight: Fraction, feedback: Wording | None) -> NumberRange | None:
    """Return the values a table accepts: an answer with its tolerance, or limits."""
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


def read_patterns(table: Table) -> tuple[TextPattern, ...]:
    """Return the texts a table accepts: its own, and those of its `accept` tables, one of which must earn all."""
    if not table.has("answer") and not table.has("accept"):
        table.problem(None, "quiz_key_missing", key="answer")
    patterns = [TextPattern(text) for text in _texts(table)]
    for one in table.tables("accept"):
        one.only({"answer", "weight", "feedback"})
        if not one.has("answer"):
            one.problem(None, "quiz_key_missing", key="answer")
        weight, feedback = read_part(one), one.wording("feedback")
        patterns += [TextPattern(text, weight, feedback) for text in _texts(one)]
    _some_earns_all(table, [one.weight for one in patterns])
    return tuple(patterns)


def read_ranges(table: Table) -> tuple[NumberRange, ...]:
    """Return the values a table accepts: its own, and those of its `accept` tables, one of which must earn all."""
    further = table.tables("accept")
    has_own = any(table.has(key) for key in ("answer", "min", "max", "tolerance"))
    found = [read_range(table, Fraction(1), feedback=None)] if has_own or not further else []
    for one in further:
        one.only({"answer", "min", "max", "tolerance", "weight", "feedback"})
        found.append(read_range(one, read_part(one), one.wording("feedback")))
    ranges = tuple(one for one in found if one is not None)
    _some_earns_all(table, [one.weight for one in ranges])
    return ranges


def _some_earns_all(table: Table, weights: list[Fraction]) -> None:
    if weights and max(weights) < 1:
        table.problem("accept", "quiz_weights_low")


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


def read_part(table: Table) -> Fraction:
    """Return the table's weight as a share of 1; all where none is written."""
    weight = table.number("weight", low=0, high=100)
    return Fraction(100 if weight is None else weight) / 100
