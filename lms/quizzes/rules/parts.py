"""Questions answered in parts: pairs, places, gaps. What each part got, what is right, and what it earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.questions import Choice, Cloze, Gap, Matching, NumberRange, Ordering, TextPattern
from lms.quizzes.rules.texts import matches, plain_pattern
from lms.quizzes.rules.wording import Wording

InParts = Matching | Ordering | Cloze


@dataclass(frozen=True)
class Part:
    """One part as it is shown: what it asks, got (None: nothing) and should have got, and what it earned (0 to 1)."""

    key: str
    asked: Wording
    given: Wording | None
    right: Wording
    earned: Fraction


def read_parts(question: InParts, response: Mapping[str, Any] | None) -> list[Part]:
    """Return every part of the question with what the response gave it."""
    given = response or {}
    match question:
        case Matching():
            texts = {option.key: option.text for option in question.options}
            return [
                Part(
                    pair.key, pair.left, texts.get(given.get(pair.key, "")), pair.right,
                    Fraction(given.get(pair.key) == question.right_option(pair)),
                )
                for pair in question.pairs
            ]  # fmt: skip
        case Ordering():
            follows = _follows(question, given)
            return [
                Part(step.key, step.text, _place(given.get(step.key)), Wording.same(str(place)), follows[step.key])
                for place, step in enumerate(question.steps, start=1)
            ]
    return [_gap_part(gap, given.get(gap.key)) for gap in question.gaps]


def earned_by_parts(question: InParts, response: Mapping[str, Any]) -> Fraction:
    """Return the part of the points that the response earns, 0 to 1."""
    parts = read_parts(question, response)
    if isinstance(question, Cloze):
        weights = {gap.key: gap.weight for gap in question.gaps}
        return sum((part.earned * weights[part.key] for part in parts), Fraction(0)) / sum(weights.values())
    if not question.partial:
        return Fraction(all(part.earned == 1 for part in parts))
    if isinstance(question, Ordering):
        # The first step follows nothing, so there is one neighbour less than there are steps.
        return sum((part.earned for part in parts[1:]), Fraction(0)) / (len(parts) - 1)
    return sum((part.earned for part in parts), Fraction(0)) / len(parts)


def _follows(question: Ordering, given: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return 1 for each step that comes right after the one it should; the first step for being first.

    Places are compared, not trusted: left out or given twice, they break the chain there and nowhere else.
    """
    placed = sorted((place, key) for key, place in given.items())
    before: dict[str, str | None] = {}
    for at, (place, key) in enumerate(placed):
        is_alone = [other for other, _ in placed].count(place) == 1
        before[key] = (placed[at - 1][1] if at else "") if is_alone else None
    right = dict(zip([step.key for step in question.steps], ["", *(s.key for s in question.steps)], strict=False))
    return {key: Fraction(before.get(key) == previous) for key, previous in right.items()}


def _place(place: int | None) -> Wording | None:
    return None if place is None else Wording.same(str(place))


def _gap_part(gap: Gap, value: str | None) -> Part:
    asked = Wording.same(gap.key)
    if gap.choices:
        best = max(gap.choices, key=lambda choice: choice.weight)
        chosen = next((choice for choice in gap.choices if choice.key == value), None)
        return Part(
            gap.key, asked, chosen.text if chosen else None, best.text, chosen.weight if chosen else Fraction(0)
        )
    given = None if value is None else Wording.same(value)
    return Part(gap.key, asked, given, right_of(gap), _typed(gap, value) if value is not None else Fraction(0))


def right_of(gap: Gap) -> Wording:
    """Return what to show as right for a gap that is typed into."""
    if gap.ranges:
        best = gap.ranges[0]
        return Wording.same(str(best.answer) if best.answer is not None else f"{best.low} – {best.high}")
    return Wording.same(plain_pattern(max(gap.patterns, key=lambda one: one.weight).pattern))


def _typed(gap: Gap, value: str) -> Fraction:
    fitting: list[NumberRange | TextPattern | Choice] = []
    if gap.ranges:
        values = read_number(value)
        fitting += [one for one in gap.ranges if any(one.low <= number <= one.high for number in values)]
    else:
        fitting += [one for one in gap.patterns if matches(one.pattern, value, case=gap.case)]
    return max((one.weight for one in fitting), default=Fraction(0))
