"""Questions as a spreadsheet to be filled in, changed and brought back: one page of questions, a guide, examples."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from lms.quizzes.editing import fields_of
from lms.quizzes.formats import sheet
from lms.quizzes.formats.sheet_words import COLUMNS, EXAMPLES, GUIDE, KINDS, LETTERS, PAGES
from lms.quizzes.rules.importing import adopt
from lms.quizzes.rules.question_form import Fields, rows_of
from lms.quizzes.rules.questions import AnyQuestion, ShortText
from lms.quizzes.rules.wording import LANGUAGES

_WIDE = {"text_id", "text_en", "feedback_id", "feedback_en"}
# Rows for which the sheet offers the kinds to choose from.
_OFFERED = 500


def write(questions: Iterable[AnyQuestion], language: str) -> tuple[bytes, list[AnyQuestion]]:
    """Return the workbook with headings in `language`, and the questions that a row cannot say."""
    at = LANGUAGES.index(language)
    rows, left_out = [], []
    for question in questions:
        row = row_of(question, at)
        if row is None:
            left_out.append(question)
        else:
            rows.append(row)
    return _workbook(rows, at), left_out


def row_of(question: AnyQuestion, at: int) -> sheet.Row | None:
    """Return the question as a row, None where reading it again would give another question."""
    fields, _ = fields_of(question)
    try:
        # Without the space around a cell, which whoever reads a sheet takes off.
        cells = {name: text.strip() for name, text in _cells(question, fields, at).items()}
        row = {name: text for name, text in cells.items() if text}
    except _TooMuch:
        return None
    read = sheet.read_row(row, 1).question
    return row if read is not None and adopt(read, question) == question else None


class _TooMuch(Exception):
    pass


def _cells(question: AnyQuestion, fields: Fields, at: int) -> sheet.Row:
    row = {name: fields.get(name, "") for name in COLUMNS if name in fields}
    row |= {"type": KINDS[question.type][at], "key": question.key, "answer": fields.get("answer", "")}
    match question.type:
        case "single" | "multiple":
            choices = _lettered(fields, "choice", "text")
            right = [letter for letter, number in choices.values() if fields.get(f"choice-{number}-correct")]
            return row | {letter: cell for cell, (letter, _) in choices.items()} | {"answer": ", ".join(right)}
        case "truefalse":
            return row | {"answer": (("benar", "salah"), ("true", "false"))[at][fields["answer"] != "true"]}
        case "number":
            unit = _both(fields, "unit")
            tolerance = "" if fields.get("tolerance") in ("", "0") else fields.get("tolerance", "")
            return row | {"unit": unit, "tolerance": tolerance}
        case "text":
            patterns = question.accepted if isinstance(question, ShortText) else ()
            return row | {"answer": "; ".join(one.pattern for one in patterns)}
        case "matching":
            pairs = [f"{_both(fields, f'pair-{n}-left')} = {_both(fields, f'pair-{n}-right')}"
                     for n, _ in rows_of(fields, "pair")]  # fmt: skip
            pairs += [f"* = {_both(fields, f'extra-{n}-text')}" for n, _ in rows_of(fields, "extra")]
            return row | _in_columns(pairs)
        case "ordering":
            return row | _in_columns([_both(fields, f"step-{n}-text") for n, _ in rows_of(fields, "step")])
        case "cloze":
            gaps = [f"{one.get('key', '')}: {'; '.join(one.get('answers', '').split(chr(10)))}"
                    for _, one in rows_of(fields, "gap")]  # fmt: skip
            return row | _in_columns(gaps)
    return row | {"answer": _both(fields, "sample")}


def _lettered(fields: Fields, name: str, part: str) -> dict[str, tuple[str, int]]:
    """Return each row's cell with its letter and its number in the form."""
    rows = rows_of(fields, name)
    cells = {_both(fields, f"{name}-{number}-{part}"): (letter, number)
             for letter, (number, _) in zip(LETTERS, rows, strict=False)}  # fmt: skip
    if len(cells) < len(rows):
        raise _TooMuch
    return cells


def _in_columns(cells: Sequence[str]) -> sheet.Row:
    if len(cells) > len(LETTERS):
        raise _TooMuch
    return dict(zip(LETTERS, cells, strict=False))


def _both(fields: Fields, name: str) -> str:
    texts = [fields.get(f"{name}_{language}", "") for language in LANGUAGES]
    written = list(dict.fromkeys(text for text in texts if text))
    return " | ".join(written)


def _workbook(rows: Sequence[sheet.Row], at: int) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        # The same questions give the same bytes.
        book.set_properties({"created": datetime(2026, 1, 1), "title": PAGES[0][at]})  # noqa: DTZ001
        styles = {
            "head": book.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#DFEEEB"}
            ),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        }
        page = book.add_worksheet(PAGES[0][at])
        _fill(page, rows, at, styles)
        kinds = [both[at] for both in KINDS.values()]
        column = list(COLUMNS).index("type")
        page.data_validation(1, column, len(rows) + _OFFERED, column, {"validate": "list", "source": kinds})
        guide = book.add_worksheet(PAGES[1][at])
        guide.set_column(0, 0, 110, styles["text"])
        for y, line in enumerate(one[at] for pair in GUIDE for one in pair):
            guide.write_string(y, 0, line, styles["text"])
        examples = [{name: both[at] for name, both in one.items()} for one in EXAMPLES]
        _fill(book.add_worksheet(PAGES[2][at]), examples, at, styles)
    return file.getvalue()


def _fill(page: Any, rows: Sequence[sheet.Row], at: int, styles: dict[str, Any]) -> None:
    for x, (name, both) in enumerate(COLUMNS.items()):
        page.write_string(0, x, both[at], styles["head"])
        # As text, so that Excel turns neither 1..5 nor 12,5 into a date or another number.
        page.set_column(x, x, 44 if name in _WIDE else 22 if name in LETTERS else 16, styles["text"])
        for y, row in enumerate(rows, start=1):
            if row.get(name):
                page.write_string(y, x, row[name], styles["text"])
    page.freeze_panes(1, 0)
