"""A question as the fields of its form: from a question to fields, and from fields to the table of a quiz file.

Fields are flat and hold text ("choice-0-text_id"), so that a draft keeps exactly what was typed, however wrong it is.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    Essay,
    FileAnswer,
    Gap,
    Graded,
    Matching,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    Ordering,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from lms.quizzes.rules.wording import LANGUAGES, Wording

Fields = dict[str, str]

MOST_ROWS = 40
LONGEST_FIELD = 20_000

_ROW = re.compile(r"(choice|pair|extra|step|gap|criterion)-(\d{1,2})-(\w+)")
_WORDED = ("text", "feedback", "feedback_right", "feedback_wrong", "sample", "unit")
_PLAIN = ("key", "type", "topic", "words_least", "words_most", "megabytes")
_ROWS = {
    "single": ("choice",), "multiple": ("choice",), "matching": ("pair", "extra"), "ordering": ("step",),
    "cloze": ("gap",), "essay": ("criterion",), "file": ("criterion",),
}  # fmt: skip


def keep_fields(sent: Mapping[str, str]) -> Fields:
    """Return what a form sent, cut down to the fields of a question and to a sane size."""
    known = {f"{name}_{language}" for name in (*_WORDED, "hint") for language in LANGUAGES}
    known |= {*_PLAIN, "points", "tags", "answer", "tolerance", "answers", "case", "partial", "keep_order", "accept"}
    return {
        name: value.replace("\r\n", "\n").replace("\0", "")[:LONGEST_FIELD]
        for name, value in sent.items()
        if name in known or _ROW.fullmatch(name)
    }


def rows_of(fields: Mapping[str, str], name: str) -> list[tuple[int, Fields]]:
    """Return the rows of this kind that hold anything, each with its number in the form."""
    found: dict[int, Fields] = {}
    for field, value in fields.items():
        match = _ROW.fullmatch(field)
        if match and match[1] == name and int(match[2]) < MOST_ROWS:
            found.setdefault(int(match[2]), {})[match[3]] = value
    return [
        (number, row)
        for number, row in sorted(found.items())
        if any(value.strip() for part, value in row.items() if part not in ("key", "correct", "kind"))
    ]


def as_table(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the table that a quiz file would have for these fields; what cannot be read stays text, to be refused."""
    kind = fields.get("type", "")
    table: dict[str, Any] = {
        name: fields[name].strip() for name in ("key", "type", "topic") if fields.get(name, "").strip()
    }
    for name in _WORDED:
        if words := _words(fields, name):
            table[name] = words
    if hints := _hints(fields):
        table["hint"] = hints
    if tags := [tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip()]:
        table["tags"] = tags
    if fields.get("points", "").strip():
        table["points"] = _number(fields["points"])
    for name in ("words_least", "words_most", "megabytes"):
        if fields.get(name, "").strip():
            table[name] = _number(fields[name])
    for name in _ROWS.get(kind, ()):
        table[name] = [_row(name, row) for _, row in rows_of(fields, name)]
    match kind:
        case "multiple" | "matching" | "ordering" if fields.get("partial") == "no":
            table["partial"] = False
        case "truefalse" if fields.get("answer") in ("true", "false"):
            table["answer"] = fields["answer"] == "true"
        case "number":
            table |= _numeric(fields.get("answer", ""), fields.get("tolerance", ""))
        case "text":
            table |= _texts(fields.get("answers", ""), fields.get("case", ""))
        case "file" if fields.get("accept", "").strip():
            table["accept"] = [one.strip() for one in fields["accept"].split(",") if one.strip()]
    if kind in ("single", "multiple") and fields.get("keep_order"):
        table["shuffle"] = False
    return {name: value for name, value in table.items() if not (name == "unit" and kind != "number")}


def as_fields(question: AnyQuestion) -> Fields:
    """Return the fields of a question's form; weights and further answers that the form does not know are left out."""
    fields: Fields = {"key": question.key, "type": question.type, "points": _shown(question.points)}
    fields |= {"topic": question.topic, "tags": ", ".join(question.tags)}
    for name in ("text", "feedback", "feedback_right", "feedback_wrong"):
        fields |= _worded(name, getattr(question, name))
    for language in LANGUAGES:
        hints = [getattr(hint, language) or "" for hint in question.hints]
        fields[f"hint_{language}"] = "\n".join(hints)
    match question:
        case SingleChoice() | MultipleChoice():
            fields |= _choice_rows(question.choices)
            fields["keep_order"] = "yes" if question.keep_order else ""
            if isinstance(question, MultipleChoice) and not question.partial:
                fields["partial"] = "no"
        case TrueFalse():
            fields["answer"] = "true" if question.answer else "false"
        case NumberQuestion():
            fields |= _range_fields(question.accepted[0]) | _worded("unit", question.unit)
        case ShortText():
            fields["answers"] = "\n".join(one.pattern for one in question.accepted)
            fields["case"] = "yes" if question.case else ""
        case Matching():
            for at, pair in enumerate(question.pairs):
                fields |= _named_row("pair", at, pair.key, left=pair.left, right=pair.right)
            for at, one in enumerate(question.extra):
                fields |= _named_row("extra", at, one.key, text=one.text)
        case Ordering():
            for at, step in enumerate(question.steps):
                fields |= _named_row("step", at, step.key, text=step.text)
        case Cloze():
            for at, gap in enumerate(question.gaps):
                fields |= {f"gap-{at}-key": gap.key, f"gap-{at}-answers": _gap_answers(gap)}
    if isinstance(question, Matching | Ordering) and not question.partial:
        fields["partial"] = "no"
    if isinstance(question, Graded):
        fields |= _graded_fields(question)
    return fields


def _words(fields: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: text for language in LANGUAGES if (text := fields.get(f"{name}_{language}", "").strip())}


def _hints(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the hints, a line each; the first line of one language goes with the first of the other."""
    lines = {language: fields.get(f"hint_{language}", "").split("\n") for language in LANGUAGES}
    found = []
    for at in range(max(len(own) for own in lines.values())):
        hint = {language: own[at].strip() for language, own in lines.items() if at < len(own) and own[at].strip()}
        if hint:
            found.append(hint)
    return found


def _number(typed: str) -> Decimal | int | str:
    values = read_number(typed)
    if len(values) != 1:
        return typed
    value = next(iter(values))
    return int(value) if value == value.to_integral_value() else value


def _numeric(answer: str, tolerance: str = "") -> dict[str, Any]:
    """Return an answer with its tolerance, or with two dots or a dash between two numbers the limits."""
    limits = re.split(r"\.\.|\s[–-]\s", answer.strip())
    if len(limits) == 2 and all(part.strip() for part in limits):
        return {"min": _number(limits[0]), "max": _number(limits[1])}
    table: dict[str, Any] = {"answer": _number(answer)} if answer.strip() else {}
    return table | ({"tolerance": _number(tolerance)} if tolerance.strip() else {})


def _texts(answers: str, case: str) -> dict[str, Any]:
    lines = [line.strip() for line in answers.split("\n") if line.strip()]
    return ({"answer": lines} if lines else {}) | ({"case": True} if case else {})


def _row(name: str, row: Fields) -> dict[str, Any]:
    table: dict[str, Any] = {"key": row.get("key", "").strip()}
    for part in ("text", "left", "right", "feedback"):
        if words := _words(row, part):
            table[part] = words
    match name:
        case "choice":
            if row.get("weight", "").strip():
                table["weight"] = _number(row["weight"])
            elif row.get("correct"):
                table["correct"] = True
            if row.get("picture", "").strip():
                table["picture"] = row["picture"].strip()
        case "gap":
            table |= _gap_table(row.get("answers", ""))
        case "criterion":
            table["level"] = _levels(row.get("levels", ""))
    return table


def _gap_table(answers: str) -> dict[str, Any]:
    """Return a gap from its lines: with a star before the right one they are choices, else what may be typed."""
    lines = [line.strip() for line in answers.split("\n") if line.strip()]
    if any(line.startswith("*") for line in lines):
        return {
            "choice": [
                {"key": f"c{at}", "text": _both(line.lstrip("* ")), "correct": line.startswith("*")}
                for at, line in enumerate(lines, start=1)
            ]
        }
    if len(lines) == 1:
        numeric = _numeric(lines[0])
        if numeric and not any(isinstance(value, str) for value in numeric.values()):
            return numeric
    return {"answer": lines} if lines else {}


def _levels(lines: str) -> list[dict[str, Any]]:
    """Return a criterion's levels from lines like "4 | lengkap | complete"."""
    found = []
    for at, line in enumerate((line for line in lines.split("\n") if line.strip()), start=1):
        points, _, words = line.partition("|")
        level: dict[str, Any] = {"key": f"l{at}", "points": _number(points.strip())}
        if words.strip():
            level["text"] = _both(words)
        found.append(level)
    return found


def _both(words: str) -> dict[str, str]:
    """Return "lengkap | complete" as two languages, one word alone as both."""
    first, _, second = (part.strip() for part in words.partition("|"))
    return {"id": first, "en": second or first}


def _shown(number: Fraction | Decimal) -> str:
    value = float(number)
    return str(int(value)) if value == int(value) else f"{value:.4f}".rstrip("0")


def _worded(name: str, wording: Wording | None) -> Fields:
    return {f"{name}_{language}": (getattr(wording, language) or "") if wording else "" for language in LANGUAGES}


def _named_row(name: str, at: int, key: str, **wordings: Wording) -> Fields:
    fields = {f"{name}-{at}-key": key}
    for part, wording in wordings.items():
        fields |= _worded(f"{name}-{at}-{part}", wording)
    return fields


def _choice_rows(choices: tuple[Choice, ...]) -> Fields:
    fields: Fields = {}
    for at, choice in enumerate(choices):
        fields |= _named_row("choice", at, choice.key, text=choice.text)
        fields |= _worded(f"choice-{at}-feedback", choice.feedback)
        fields[f"choice-{at}-correct"] = "yes" if choice.weight > 0 else ""
        fields[f"choice-{at}-picture"] = choice.picture or ""
    if any(0 < choice.weight < 1 and len({one.weight for one in choices if one.weight > 0}) > 1 for choice in choices):
        for at, choice in enumerate(choices):
            fields[f"choice-{at}-weight"] = _shown(choice.weight * 100)
    return fields


def _range_fields(one: NumberRange) -> Fields:
    if one.answer is None:
        return {"answer": f"{one.low}..{one.high}", "tolerance": ""}
    return {"answer": str(one.answer), "tolerance": str(one.high - one.answer)}


def _gap_answers(gap: Gap) -> str:
    if gap.choices:
        lines = []
        for choice in gap.choices:
            first, second = choice.text.read("id")[0], choice.text.read("en")[0]
            words = first if first == second else f"{first} | {second}"
            lines.append(f"* {words}" if choice.weight >= 1 else words)
        return "\n".join(lines)
    if gap.ranges:
        return _range_fields(gap.ranges[0])["answer"]
    return "\n".join(one.pattern for one in gap.patterns)


def _graded_fields(question: Graded) -> Fields:
    fields = _worded("sample", question.sample)
    for at, criterion in enumerate(question.rubric):
        fields |= _named_row("criterion", at, criterion.key, text=criterion.text)
        fields[f"criterion-{at}-levels"] = "\n".join(
            " | ".join([_shown(level.points), *dict.fromkeys(level.text.read(one)[0] for one in LANGUAGES)])
            for level in criterion.levels
        )
    if isinstance(question, Essay):
        fields |= {name: str(value or "") for name, value in
                   (("words_least", question.words_least), ("words_most", question.words_most))}  # fmt: skip
    if isinstance(question, FileAnswer):
        fields |= {"megabytes": str(question.megabytes)}
    return fields
