"""What stands between a GIFT question's braces, which tells its kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.kernel.errors import Said
from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.gift_marks import show, show_breaks
from lms.quizzes.formats.numbers import read_decimal, read_share
from lms.quizzes.formats.wordings import looks_like_html, read_markdown, read_plain
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    Essay,
    Gap,
    Matching,
    MultipleChoice,
    Named,
    NumberQuestion,
    NumberRange,
    Pair,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording

GAP = "gap"

_MARKUP = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%\s*(-?[\d.,]{1,20})\s*%")


@dataclass(frozen=True)
class _Answer:
    """One answer as it is written: its mark (`=` or `~`), weight where one is told, text and feedback, still hidden."""

    mark: str
    weight: Fraction | None
    text: str
    feedback: str


@dataclass(frozen=True)
class _Reading:
    language: str
    markup: str
    notes: list[Said]

    def plain(self, hidden: str) -> Wording | None:
        found = _MARKUP.match(hidden)
        markup, text = (found[1].lower(), hidden[found.end() :]) if found else (self.markup, hidden)
        # The question's own mark-up holds for its answers, but none of them is a paragraph.
        markup = "moodle" if markup == "markdown" and not found else markup
        return read_plain(_shown(text, markup), markup, self.language)

    def stem(self, hidden: str) -> Wording:
        return read_markdown(_shown(hidden, self.markup), self.markup, self.language) or Wording()


def read(halves: tuple[str, str | None, str], markup: str, language: str, notes: list[Said]) -> AnyQuestion:
    """Return the question of a text with its answers, its key still empty. Raises Refused with the reason."""
    before, inside, after = halves
    reading = _Reading(language, markup, notes)
    if inside is None:
        raise Refused("import_only_text")
    inside, general = _general(inside.strip())
    common: dict[str, Any] = {"key": "", "feedback": reading.plain(general) if general.strip() else None}
    if after.strip():
        # Words after the answers: the answers fill a gap in a sentence.
        stem = reading.stem(f"{before}{{{{{GAP}}}}}{after}")
        return Cloze(**common, text=stem, gaps=(_gap(_question(inside, reading, {"key": "", "text": stem})),))
    return _question(inside, reading, common | {"text": reading.stem(before)})


def _question(inside: str, reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    if not inside:
        return Essay(**common)
    if inside.startswith("#"):
        return _number(inside[1:].strip(), reading, common)
    judged = re.fullmatch(r"(T|F|TRUE|FALSE)\s*(#.*)?", inside, re.DOTALL | re.IGNORECASE)
    if judged:
        return _true_false(judged, reading, common)
    answers = _answers(inside)
    if all(one.mark == "=" and "->" in one.text for one in answers):
        return _matching(answers, reading, common)
    if any(one.mark == "~" for one in answers):
        return _choices(answers, reading, common)
    return _short(answers, reading, common)


def _general(inside: str) -> tuple[str, str]:
    own, _, general = inside.partition("####")
    return own.strip(), general


def _answers(inside: str) -> list[_Answer]:
    pieces = re.split(r"([=~])", inside)
    if pieces[0].strip():
        raise Refused("gift_answer_mark", text=show(pieces[0]).strip()[:60])
    found = []
    for mark, raw in zip(pieces[1::2], pieces[2::2], strict=True):
        weight = _WEIGHT.match(raw)
        own, _, feedback = (raw[weight.end() :] if weight else raw).partition("#")
        found.append(_Answer(mark, read_share(weight[1]) if weight else None, own.strip(), feedback.strip()))
    return found


def _weight(answer: _Answer) -> Fraction:
    return answer.weight if answer.weight is not None else Fraction(answer.mark == "=")


def _choices(answers: Sequence[_Answer], reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    choices = tuple(
        Choice(f"c{at}", reading.plain(one.text) or Wording(), _weight(one),
               reading.plain(one.feedback) if one.feedback else None)
        for at, one in enumerate(answers, start=1)
    )  # fmt: skip
    # Right answers marked by their shares alone may all be ticked.
    if not any(one.mark == "=" for one in answers):
        return MultipleChoice(**common, choices=choices)
    if any(one.weight < 0 for one in choices):
        reading.notes.append(Said("import_no_minus"))
    return SingleChoice(**common, choices=tuple(replace(one, weight=max(one.weight, Fraction(0))) for one in choices))


def _short(answers: Sequence[_Answer], reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    patterns = []
    for one in answers:
        feedback = reading.plain(one.feedback) if one.feedback else None
        text = show(one.text)
        if not text.replace("*", "").strip() and not _weight(one):
            # A star alone is what was not foreseen.
            common = common | {"feedback_wrong": feedback}
        else:
            patterns.append(TextPattern(text, max(_weight(one), Fraction(0)), feedback))
    return ShortText(**common, accepted=tuple(patterns))


def _true_false(judged: re.Match[str], reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    said = [part.strip() for part in (judged[2] or "").split("#")[1:]]
    wrong, right = (*said, "", "")[:2]
    return TrueFalse(
        **common, answer=judged[1].upper().startswith("T"),
        feedback_wrong=reading.plain(wrong) if wrong else None, feedback_right=reading.plain(right) if right else None,
    )  # fmt: skip


def _matching(answers: Sequence[_Answer], reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    pairs, extra = [], []
    for at, one in enumerate(answers, start=1):
        left, _, right = one.text.partition("->")
        words = read_plain(show(right), "moodle", reading.language) or Wording()
        if left.strip():
            pairs.append(Pair(f"p{at}", reading.plain(left) or Wording(), words))
        else:
            extra.append(Named(f"p{at}", words))
        if one.feedback:
            reading.notes.append(Said("import_feedback_lost"))
    return Matching(**common, pairs=tuple(pairs), extra=tuple(extra))


def _number(inside: str, reading: _Reading, common: dict[str, Any]) -> AnyQuestion:
    if not inside.startswith(("=", "~")):
        inside = f"={inside}"
    ranges = []
    for one in _answers(inside):
        feedback = reading.plain(one.feedback) if one.feedback else None
        if one.mark == "~" or one.text.strip() == "*":
            common = common | {"feedback_wrong": feedback}
        else:
            ranges.append(_range(show(one.text), max(_weight(one), Fraction(0)), feedback))
    return NumberQuestion(**common, accepted=tuple(ranges))


def _range(text: str, weight: Fraction, feedback: Wording | None) -> NumberRange:
    low, dots, high = text.partition("..")
    if dots:
        return NumberRange(read_decimal(low), read_decimal(high), None, weight, feedback)
    answer, _, tolerance = text.partition(":")
    middle, around = read_decimal(answer), read_decimal(tolerance) if tolerance.strip() else Decimal(0)
    return NumberRange(middle - around, middle + around, middle, weight, feedback)


def _gap(question: AnyQuestion) -> Gap:
    match question:
        case SingleChoice():
            return Gap(GAP, choices=question.choices)
        case ShortText():
            return Gap(GAP, patterns=question.accepted)
        case NumberQuestion():
            return Gap(GAP, ranges=question.accepted)
    raise Refused("gift_gap_kind")


def _shown(hidden: str, markup: str) -> str:
    """Return the text as it reads; in Moodle's own mark-up a break is HTML's where the text is HTML at all."""
    is_html = markup == "moodle" and looks_like_html(show(hidden))
    return show_breaks(hidden) if is_html else show(hidden)
