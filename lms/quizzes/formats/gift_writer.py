"""Questions as GIFT. What GIFT cannot say stands in a comment beside the question, which other programs pass over."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from lms.quizzes.formats import extras, gift
from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.gift_marks import escape, hide
from lms.quizzes.formats.naming import title_of
from lms.quizzes.formats.numbers import write_share
from lms.quizzes.formats.topics import category_of
from lms.quizzes.formats.wordings import write_markdown, write_one_language, write_plain
from lms.quizzes.rules.questions import (
    GAP_MARK,
    AnyQuestion,
    Choice,
    Cloze,
    Essay,
    Gap,
    Matching,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording

_ANY_GAP = re.compile(GAP_MARK.pattern.replace("(", "(?:"))

KNOWN = ("single", "multiple", "truefalse", "number", "text", "matching", "cloze", "essay")


def write(questions: Iterable[AnyQuestion]) -> tuple[str, list[AnyQuestion]]:
    """Return the file, and the questions that GIFT does not know: ordering, files, sentences with several gaps."""
    lines, left_out = [f"// {extras.MARK}: what follows its name in a comment is read by Jembatan alone", ""], []
    topic = ""
    for question in sorted(questions, key=lambda one: (one.topic, one.key)):
        try:
            block = _block(question)
        except Refused:
            left_out.append(question)
            continue
        if question.topic != topic:
            topic = question.topic
            lines += [f"$CATEGORY: {category_of(topic)}", ""]
        lines += [*block, ""]
    return "\n".join(lines), left_out


def _block(question: AnyQuestion) -> list[str]:
    """Return the question's lines. Raises Refused for a kind that GIFT has no answers for."""
    labels = "".join(f"[{name}:{_label(value)}]" for name, value in
                     (("id", question.key), *(("tag", tag) for tag in question.tags)))  # fmt: skip
    body = f"::{escape(title_of(question))}:: [markdown]{_with_answers(question)}"
    block = gift.Block(1, question.topic, [body], question.key, list(question.tags))
    text = re.sub(r"^::.*?::", "", hide(body)).strip()
    told = extras.difference(gift.read_question(block, text, "", "both", []), question)
    comments = [f"// {labels}"] + ([f"// {extras.MARK} {told}"] if told else [])
    return [*comments, body]


def _with_answers(question: AnyQuestion) -> str:
    if isinstance(question, Cloze):
        return _sentence(question)
    inside = _inside(question)
    general = f" ####{_plain(question.feedback)}" if question.feedback else ""
    return f"{escape(write_markdown(question.text))} {{{inside}{general}}}"


def _sentence(question: Cloze) -> str:
    """Return a sentence with its one gap; where it stands at the end a written break shows that there was no more."""
    if len(question.gaps) != 1:
        raise Refused("export_kind")
    gap = question.gaps[0]
    general = f" ####{_plain(question.feedback)}" if question.feedback else ""
    before, after = re.split(_ANY_GAP, write_one_language(question.text), maxsplit=1)
    return f"{escape(before)}{{{_gap(gap)}{general}}}{escape(after if after.strip() else chr(10))}"


def _gap(gap: Gap) -> str:
    if gap.choices:
        return " ".join(_choice(one, is_single=True) for one in gap.choices)
    return _numbers(gap.ranges) if gap.ranges else " ".join(map(_pattern, gap.patterns))


def _inside(question: AnyQuestion) -> str:
    match question:
        case SingleChoice():
            return " ".join(_choice(one, is_single=True) for one in question.choices)
        case MultipleChoice():
            return " ".join(_choice(one, is_single=False) for one in question.choices)
        case TrueFalse():
            wrong, right = (_plain(one) if one else "" for one in (question.feedback_wrong, question.feedback_right))
            said = f"#{wrong}#{right}" if right else f"#{wrong}" if wrong else ""
            return ("TRUE" if question.answer else "FALSE") + said
        case NumberQuestion():
            other = question.feedback_wrong
            return _numbers(question.accepted) + (f" ~#{_plain(other)}" if other and len(question.accepted) > 1 else "")
        case ShortText():
            return " ".join(map(_pattern, question.accepted))
        case Matching():
            pairs = [f"={_plain(one.left)} -> {_bare(one.right)}" for one in question.pairs]
            return " ".join([*pairs, *(f"= -> {_bare(one.text)}" for one in question.extra)])
        case Essay():
            return ""
    raise Refused("export_kind")


def _choice(choice: Choice, *, is_single: bool) -> str:
    if is_single and choice.weight == 1:
        mark = "="
    elif is_single and choice.weight == 0:
        mark = "~"
    else:
        mark = f"~%{write_share(choice.weight)}%"
    return f"{mark}{_plain(choice.text)}{_feedback(choice.feedback)}"


def _pattern(one: TextPattern) -> str:
    return f"={_weight(one.weight)}{escape(one.pattern)}{_feedback(one.feedback)}"


def _numbers(ranges: Sequence[NumberRange]) -> str:
    if len(ranges) == 1 and ranges[0].weight == 1 and ranges[0].feedback is None:
        return f"#{_number(ranges[0])}"
    return "#" + " ".join(f"={_weight(one.weight)}{_number(one)}{_feedback(one.feedback)}" for one in ranges)


def _number(one: NumberRange) -> str:
    if one.answer is None:
        return f"{one.low:f}..{one.high:f}"
    return f"{one.answer:f}:{one.high - one.answer:f}"


def _weight(weight: Fraction) -> str:
    return "" if weight == 1 else f"%{write_share(weight)}%"


def _feedback(wording: Wording | None) -> str:
    return f"#{_plain(wording)}" if wording else ""


def _plain(wording: Wording) -> str:
    text, markup = write_plain(wording)
    return f"[{markup}]{escape(text)}"


def _bare(wording: Wording) -> str:
    return escape(write_plain(wording)[0])


def _label(text: str) -> str:
    return re.sub(r"([\]\\])", r"\\\1", text)
