"""Questions written in the browser: fields of a form, read as a quiz file is read, problems named by their field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms.kernel.errors import Problem
from lms.quizzes.located import Path, Report, Table
from lms.quizzes.rules.question_form import Fields, as_fields, as_table, rows_of
from lms.quizzes.rules.questions import AnyQuestion, FileAnswer
from lms.quizzes.source_questions import read_questions
from lms.quizzes.source_structured import groups_of

_WORDED = {"text", "left", "right", "feedback", "feedback_right", "feedback_wrong", "sample", "unit", "hint"}
_ROWS = ("choice", "pair", "extra", "step", "gap", "criterion")
# Where the form asks for something under another name than a file does.
_RENAMED = {"min": "answer", "max": "answer", "tags": "tags", "level": "levels"}


@dataclass
class FormReport(Report):
    """Problems by the form's fields instead of a file's lines; `rows` holds each row's number in the form."""

    rows: Mapping[str, list[int]] = field(default_factory=dict)

    def add(self, path: Path, code: str, /, **params: Any) -> None:
        """Note a problem at the field of this path; a file notes what lacks at its table, the form at its field."""
        place = [*path][2:]
        if code == "quiz_key_missing":
            place.append(params["key"])
        elif code == "quiz_answer_or_range":
            place.append("answer")
        self.problems.append(Problem.of(code, field=self._field(place), **params))

    def _field(self, path: list[str | int]) -> str:
        name = str(path[0]) if path else "text_id"
        if name in _ROWS:
            numbers = self.rows.get(name, [])
            at = int(path[1]) if len(path) > 1 else 0
            number = numbers[at] if at < len(numbers) else at
            part = str(path[2]) if len(path) > 2 else ("left" if name == "pair" else "text")
            return f"{name}-{number}-{self._part(name, part)}"
        if name == "answer" and self.rows.get("is_text"):
            return "answers"
        return self._part("", _RENAMED.get(name, name))

    def _part(self, row: str, part: str) -> str:
        if row == "gap" and part != "key":
            return "answers"
        if row == "criterion" and part == "level":
            return "levels"
        return f"{part}_id" if part in _WORDED else part


def read_fields(fields: Fields) -> tuple[AnyQuestion | None, list[Problem]]:
    """Return the question these fields describe and no problem, or None and every problem with its field."""
    named = with_keys(fields)
    rows = {name: [number for number, _ in rows_of(named, name)] for name in _ROWS}
    report = FormReport("form", {}, rows=rows | ({"is_text": [1]} if fields.get("type") == "text" else {}))
    found = read_questions([Table(as_table(named), ("question", 0), report)])
    return (None, report.problems) if report.problems or not found else (found[0], [])


def with_keys(fields: Fields) -> Fields:
    """Return the fields with a key for each row that has none yet; those there stay, since results go by them."""
    found = dict(fields)
    for name in _ROWS:
        if name == "gap":
            continue
        rows = rows_of(fields, name)
        used = {row.get("key", "").strip() for _, row in rows}
        free = (f"{name[0]}{n}" for n in range(1, 1000) if f"{name[0]}{n}" not in used)
        for number, row in rows:
            if not row.get("key", "").strip():
                found[f"{name}-{number}-key"] = next(free)
    # A matching's answers share one set of keys with its extra ones.
    pairs = {row.get("key") for _, row in rows_of(found, "pair")}
    for number, row in rows_of(found, "extra"):
        if row.get("key") in pairs:
            found[f"extra-{number}-key"] = f"x{number}-{row.get('key')}"
    return found


def fields_of(question: AnyQuestion) -> tuple[Fields, bool]:
    """Return the question's fields and whether they say all of it; weights of single answers the form does not know."""
    fields = as_fields(question)
    if isinstance(question, FileAnswer):
        fields["accept"] = ", ".join(groups_of(question.kinds))
    return fields, read_fields(fields)[0] == question


def next_row(fields: Fields, name: str) -> int:
    """Return the number of the first row of this kind that is free after all others."""
    numbers = [int(match[1]) for one in fields if (match := re.match(rf"{name}-(\d+)-", one))]
    return max(numbers, default=-1) + 1
