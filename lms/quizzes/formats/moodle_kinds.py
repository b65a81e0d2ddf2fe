"""Moodle's kinds of question as ours."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.quizzes.formats import moodle_cloze
from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.moodle_parts import Reading, is_true, share_of
from lms.quizzes.formats.numbers import read_decimal
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Essay,
    FileAnswer,
    Matching,
    MultipleChoice,
    Named,
    NumberQuestion,
    NumberRange,
    Ordering,
    Pair,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording
from lms.quizzes.source_structured import FILE_GROUPS

Common = dict[str, Any]


def read(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    """Return the question. Raises Refused for a kind that is none of ours, with its name in Moodle."""
    kind = node.attributes.get("type", "").strip()
    found = _KINDS.get(kind)
    if found is None:
        raise Refused("import_only_text" if kind == "description" else "import_type_unknown", type=kind[:40] or "?")
    return found(node, reading, common)


def _choices(node: Node, reading: Reading) -> tuple[Choice, ...]:
    found = []
    for at, answer in enumerate(node.all("answer"), start=1):
        text, picture = reading.choice(answer)
        found.append(Choice(f"c{at}", text, share_of(answer), reading.plain(answer.first("feedback")), picture))
    return tuple(found)


def _multichoice(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    choices = _choices(node, reading)
    keep_order = not is_true(node.text_of("shuffleanswers"), default=True)
    if not is_true(node.text_of("single"), default=True):
        return MultipleChoice(**common, choices=choices, keep_order=keep_order)
    if any(one.weight < 0 for one in choices):
        reading.note("import_no_minus")
    choices = tuple(replace(one, weight=max(one.weight, Fraction(0))) for one in choices)
    return SingleChoice(**common, choices=choices, keep_order=keep_order)


def _all_or_nothing(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    choices = _choices(node, reading)
    right = sum(one.weight > 0 for one in choices)
    choices = tuple(replace(one, weight=Fraction(1, right) if one.weight > 0 else Fraction(0)) for one in choices)
    keep_order = not is_true(node.text_of("shuffleanswers"), default=True)
    return MultipleChoice(**common, choices=choices, keep_order=keep_order, partial=False)


def _truefalse(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    answers = {answer.text_of("text").lower(): answer for answer in node.all("answer")}
    right = next((word for word in ("true", "false") if word in answers and share_of(answers[word]) == 1), None)
    if right is None:
        raise Refused("import_true_false")
    wrong = answers.get("false" if right == "true" else "true")
    said = {
        "feedback_right": reading.plain(answers[right].first("feedback")),
        "feedback_wrong": reading.plain(wrong.first("feedback")) if wrong else None,
    }
    return TrueFalse(**(common | {name: said[name] or common[name] for name in said}), answer=right == "true")


def _shortanswer(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    patterns = []
    for answer in node.all("answer"):
        text, share = answer.text_of("text"), share_of(answer)
        feedback = reading.plain(answer.first("feedback"))
        if not text.replace("*", "").strip() and share <= 0:
            # A star alone is what was not foreseen.
            common = common | {"feedback_wrong": common["feedback_wrong"] or feedback}
        else:
            patterns.append(TextPattern(text, max(share, Fraction(0)), feedback))
    return ShortText(**common, accepted=tuple(patterns), case=is_true(node.text_of("usecase")))


def _numerical(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    ranges = []
    for answer in node.all("answer"):
        feedback = reading.plain(answer.first("feedback"))
        if answer.text_of("text") == "*":
            common = common | {"feedback_wrong": common["feedback_wrong"] or feedback}
            continue
        middle = read_decimal(answer.text_of("text"))
        around = read_decimal(answer.text_of("tolerance") or "0")
        weight = max(share_of(answer), Fraction(0))
        ranges.append(NumberRange(middle - around, middle + around, middle, weight, feedback))
    return NumberQuestion(**common, accepted=tuple(ranges), **_units(node))


def _units(node: Node) -> dict[str, Any]:
    """Return the unit and what others are worth in it: Moodle tells how many of them make one of the first."""
    units = node.first("units")
    named = [(one.text_of("unit_name"), read_decimal(one.text_of("multiplier") or "1"))
             for one in (units.all("unit") if units else ())]  # fmt: skip
    own = next((name for name, multiplier in named if multiplier == 1 and name), None)
    if own is None:
        return {}
    others = tuple(
        (name, round(Decimal(1) / multiplier, 9).normalize() + 0)
        for name, multiplier in named if name and name != own and multiplier
    )  # fmt: skip
    return {"unit": Wording.same(own), "other_units": others}


def _matching(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    pairs, extra = [], []
    for at, one in enumerate(node.all("subquestion"), start=1):
        left = reading.plain(one)
        answer = one.first("answer")
        right = reading.bare(answer.text_of("text") if answer else "") or Wording()
        if left is None:
            extra.append(Named(f"p{at}", right))
        else:
            pairs.append(Pair(f"p{at}", left, right))
    return Matching(**common, pairs=tuple(pairs), extra=tuple(extra))


def _ordering(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    answers = sorted(node.all("answer"), key=lambda one: read_decimal(one.attributes.get("fraction") or "0"))
    steps = tuple(Named(f"s{at}", reading.plain(one) or Wording()) for at, one in enumerate(answers, start=1))
    return Ordering(**common, steps=steps, partial=node.text_of("gradingtype") != "ALL_OR_NOTHING")


def _essay(node: Node, reading: Reading, common: Common) -> AnyQuestion:
    sample = reading.plain(node.first("graderinfo"))
    attachments = node.text_of("attachments", "0")
    if node.text_of("responseformat") == "noinline" and attachments != "0":
        return FileAnswer(**common, sample=sample, kinds=_kinds(node), megabytes=_megabytes(node))
    if attachments != "0":
        reading.note("import_no_attachments")
    words: Common = {ours: int(theirs) for ours, theirs in (
        ("words_least", node.text_of("minwordlimit")), ("words_most", node.text_of("maxwordlimit")),
    ) if theirs.isascii() and theirs.isdecimal() and int(theirs[:9]) > 0}  # fmt: skip
    return Essay(**common, sample=sample, **words)


def _kinds(node: Node) -> tuple[str, ...]:
    """Return the media types of the endings that Moodle lists; of those we know."""
    listed = {one.strip().lower().lstrip(".") for one in node.text_of("filetypeslist").replace(";", ",").split(",")}
    groups = [kinds for kinds in FILE_GROUPS.values() if listed & {kind.endings[0].lstrip(".") for kind in kinds}]
    return tuple(kind.value for kinds in groups for kind in kinds)


def _megabytes(node: Node) -> int:
    size = node.text_of("maxbytes", "0")
    whole = int(size[:15]) // 1024**2 if size.isascii() and size.isdecimal() else 0
    return min(max(whole, 1), 50) if whole else 10


_KINDS: dict[str, Callable[[Node, Reading, Common], AnyQuestion]] = {
    "multichoice": _multichoice, "multichoiceset": _all_or_nothing, "truefalse": _truefalse,
    "shortanswer": _shortanswer, "numerical": _numerical, "matching": _matching, "ordering": _ordering,
    "essay": _essay, "cloze": moodle_cloze.read, "multianswer": moodle_cloze.read,
}  # fmt: skip
