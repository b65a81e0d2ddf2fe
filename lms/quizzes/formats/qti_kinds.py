"""QTI's interactions as our kinds of question."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.numbers import read_decimal
from lms.quizzes.formats.qti_item import Declared, Item
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    Essay,
    FileAnswer,
    Gap,
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
)
from lms.quizzes.rules.wording import Wording

_INLINE = {"textEntryInteraction", "inlineChoiceInteraction"}
_NUMBERS = {"float", "integer"}


def read(item: Item) -> AnyQuestion:
    """Return the question, its key still empty. Raises Refused for what our kinds cannot ask."""
    if item.root.attributes.get("adaptive") == "true":
        raise Refused("qti_adaptive")
    if item.root.first("templateDeclaration"):
        raise Refused("qti_templates")
    kinds = [one.tag for one in item.interactions]
    if not kinds:
        raise Refused("import_only_text")
    unknown = next((one for one in item.interactions if one.tag not in _KINDS and one.tag not in _INLINE), None)
    if unknown is not None:
        raise Refused("qti_interaction", line=unknown.line, name=unknown.tag)
    if set(kinds) <= _INLINE:
        question = _typed_or_gaps(item)
    elif len(kinds) == 1:
        question = _KINDS[kinds[0]](item, item.interactions[0])
    else:
        raise Refused("qti_several", line=item.interactions[1].line)
    if any(True for _ in item.root.inside("modalFeedback", "feedbackBlock")):
        item.note("qti_feedback_lost")
    return question if item.points is None else replace(question, points=item.points)


def _common(item: Item) -> dict[str, Any]:
    return {"key": "", "text": item.stem()}


def _choice(item: Item, interaction: Node) -> AnyQuestion:
    declared = item.response(interaction)
    shares, points = declared.shares()
    if not any(share > 0 for share in shares.values()):
        raise Refused("qti_no_answer", line=interaction.line)
    if not declared.is_single and not declared.mapped:
        # Right ones share the points; with `match_correct` only all of them together earn any.
        shares = dict.fromkeys(shares, Fraction(1, len(shares)))
    choices = tuple(
        _as_choice(item, one, shares.get(one.attributes.get("identifier", ""), Fraction(0)), f"c{at}")
        for at, one in enumerate(interaction.all("simpleChoice"), start=1)
    )
    keep_order = interaction.attributes.get("shuffle", "false") != "true"
    common = _common(item) | {"points": points, "keep_order": keep_order}
    if declared.is_single:
        return SingleChoice(
            **common, choices=tuple(replace(one, weight=max(one.weight, Fraction(0))) for one in choices)
        )
    return MultipleChoice(**common, choices=choices, partial=not item.counts_exactly)


def _as_choice(item: Item, node: Node, share: Fraction, key: str) -> Choice:
    text, picture = item.words(node)
    inline = next(iter(node.inside("feedbackInline")), None)
    return Choice(key, text, share, item.worded(inline.text) if inline else None, picture)


def _match(item: Item, interaction: Node) -> AnyQuestion:
    sets = [one.all("simpleAssociableChoice") for one in interaction.all("simpleMatchSet")]
    declared = item.response(interaction)
    pairs = [
        tuple(value.split()) for value in declared.correct or [key for key, worth, _ in declared.mapped if worth > 0]
    ]
    if len(sets) != 2 or not pairs or any(len(pair) != 2 for pair in pairs):
        raise Refused("qti_no_answer", line=interaction.line)
    for lefts, rights, own in ((sets[0], sets[1], pairs), (sets[1], sets[0], [pair[::-1] for pair in pairs])):
        firsts = [pair[0] for pair in own]
        if len(set(firsts)) == len(firsts) and set(firsts) == {one.attributes.get("identifier") for one in lefts}:
            return _matching(item, lefts, rights, dict(own))  # type: ignore[arg-type]
    raise Refused("qti_match_many", line=interaction.line)


def _matching(item: Item, lefts: list[Node], rights: list[Node], fits: dict[str, str]) -> Matching:
    words = {one.attributes.get("identifier", ""): item.words(one)[0] for one in rights}
    pairs = tuple(
        Pair(f"p{at}", item.words(one)[0], words.get(fits[one.attributes.get("identifier", "")], Wording()))
        for at, one in enumerate(lefts, start=1)
    )
    fitting = {pair.right for pair in pairs}
    extra = tuple(Named(f"x{at}", text) for at, text in enumerate(words.values(), start=1) if text not in fitting)
    return Matching(**_common(item), pairs=pairs, extra=extra, partial=not item.counts_exactly)


def _order(item: Item, interaction: Node) -> AnyQuestion:
    words = {one.attributes.get("identifier", ""): item.words(one)[0] for one in interaction.all("simpleChoice")}
    correct = item.response(interaction).correct
    if sorted(correct) != sorted(words):
        raise Refused("qti_no_answer", line=interaction.line)
    steps = tuple(Named(f"s{at}", words[one]) for at, one in enumerate(correct, start=1))
    return Ordering(**_common(item), steps=steps, partial=not item.counts_exactly)


def _essay(item: Item, _interaction: Node) -> AnyQuestion:
    return Essay(**_common(item))


def _file(item: Item, _interaction: Node) -> AnyQuestion:
    return FileAnswer(**_common(item))


def _typed_or_gaps(item: Item) -> AnyQuestion:
    """Return a typed answer where its field ends the text, else a text with gaps."""
    first = item.interactions[0]
    gaps = {id(one): f"g{at}" for at, one in enumerate(item.interactions, start=1)}
    text = item.stem(gaps)
    if (
        len(gaps) == 1
        and first.tag == "textEntryInteraction"
        and (text.id or text.en or "").rstrip(" .").endswith("}}")
    ):
        declared, common = item.response(first), _common(item)
        _, points = declared.shares()
        if declared.base_type in _NUMBERS:
            return NumberQuestion(**common, points=points, accepted=_ranges(item, declared, first))
        patterns, case = _patterns(declared, first)
        return ShortText(**common, points=points, accepted=patterns, case=case)
    named = tuple(_gap(item, one, gaps[id(one)]) for one in item.interactions)
    return Cloze(key="", text=text, points=Fraction(len(named)), gaps=named)


def _gap(item: Item, interaction: Node, key: str) -> Gap:
    declared = item.response(interaction)
    if interaction.tag == "inlineChoiceInteraction":
        shares, _ = declared.shares()
        choices = tuple(
            Choice(
                f"c{at}",
                item.words(one)[0],
                max(shares.get(one.attributes.get("identifier", ""), Fraction(0)), Fraction(0)),
            )
            for at, one in enumerate(interaction.all("inlineChoice"), start=1)
        )
        return Gap(key, choices=choices)
    if declared.base_type in _NUMBERS:
        return Gap(key, ranges=_ranges(item, declared, interaction))
    patterns, case = _patterns(declared, interaction)
    return Gap(key, patterns=patterns, case=case)


def _worth_something(declared: Declared, interaction: Node) -> dict[str, Fraction]:
    """Return the responses that earn anything; what is called correct and not mapped earns all."""
    shares, _ = declared.shares()
    found = {one: share for one, share in (dict.fromkeys(declared.correct, Fraction(1)) | shares).items() if share > 0}
    if not found:
        raise Refused("qti_no_answer", line=interaction.line)
    return found


def _patterns(declared: Declared, interaction: Node) -> tuple[tuple[TextPattern, ...], bool]:
    """Return the texts accepted and whether capitals matter to all of them; a star is only a star in QTI."""
    shares, _ = declared.shares()
    texts = {
        text: share for text, share in (dict.fromkeys(declared.correct, Fraction(1)) | shares).items() if share > 0
    }
    if not texts:
        raise Refused("qti_no_answer", line=interaction.line)
    case = bool(declared.mapped) and all(sensitive for _, _, sensitive in declared.mapped)
    escaped = {text.replace("\\", "\\\\").replace("*", "\\*"): share for text, share in texts.items()}
    return tuple(TextPattern(text, share) for text, share in escaped.items()), case


def _ranges(item: Item, declared: Declared, interaction: Node) -> tuple[NumberRange, ...]:
    shares, _ = declared.shares()
    values = {
        text: share for text, share in (dict.fromkeys(declared.correct, Fraction(1)) | shares).items() if share > 0
    }
    if not values:
        raise Refused("qti_no_answer", line=interaction.line)
    around: Decimal = item.tolerance
    return tuple(
        NumberRange(value - around, value + around, value, share)
        for value, share in ((read_decimal(text), share) for text, share in values.items())
    )


_KINDS = {
    "choiceInteraction": _choice, "matchInteraction": _match, "orderInteraction": _order,
    "extendedTextInteraction": _essay, "uploadInteraction": _file,
}  # fmt: skip
