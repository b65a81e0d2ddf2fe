"""Questions from a spreadsheet, for those who know neither GIFT nor XML: a row a question, read as the form is read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lms.kernel.errors import Problem
from lms.kernel.sheets import Cell, Page, read_pages, text_of
from lms.quizzes.editing import read_fields
from lms.quizzes.formats.found import MOST_ENTRIES, Bundle, Entry, refuse_file
from lms.quizzes.formats.naming import key_by_words, key_of, shown_name
from lms.quizzes.formats.sheet_words import COLUMNS, LETTERS, RIGHT, WRONG, column_of, is_example_page, kind_of
from lms.quizzes.rules.question_form import Fields

# A letterhead may stand above the headings.
_HEADING_WITHIN = 30

Row = dict[str, str]


def read(content: bytes) -> Bundle:
    """Return the sheet's questions, each with its row; the page of examples is passed over.

    Raises Invalid for what is no spreadsheet, or one without the headings of ours.
    """
    pages = [page for page in read_pages(content) if not is_example_page(page.name)]
    found = [(page, heading) for page in pages if (heading := _heading(page)) is not None]
    if not found:
        raise refuse_file("import_sheet_headings", headings=", ".join(COLUMNS[one][0] for one in ("type", "text_id")))
    entries: list[Entry] = []
    for page, (at, columns) in found:
        for line, row in _rows(page, at, columns):
            if len(entries) == MOST_ENTRIES:
                raise refuse_file("import_many", most=MOST_ENTRIES)
            entries.append(replace(read_row(row, line), part=page.name if len(found) > 1 else ""))
    if not entries:
        raise refuse_file("import_nothing")
    return Bundle("spreadsheet", "xlsx" if content.startswith(b"PK") else "csv", entries)


def looks_like(text: str) -> bool:
    """Return whether the first lines of a text hold the headings of our sheet, as a spreadsheet saves them as CSV."""
    head = "\n".join(text.split("\n")[:_HEADING_WITHIN])
    named = {column_of(cell.strip('" ')) for cell in re.split(r"[;,\t\n]", head[:20_000])}
    return "type" in named and bool(named & {"text_id", "text_en"})


def _heading(page: Page) -> tuple[int, dict[int, str]] | None:
    """Return the line of the headings and which column each cell of it names."""
    for at, cells in enumerate(page.rows[:_HEADING_WITHIN]):
        columns = {x: name for x, cell in enumerate(cells) if (name := column_of(text_of(cell)))}
        if "type" in columns.values() and {"text_id", "text_en"} & set(columns.values()):
            return at, columns
    return None


def _rows(page: Page, heading: int, columns: Mapping[int, str]) -> Iterator[tuple[int, Row]]:
    for at, cells in enumerate(page.rows[heading + 1 :], start=heading + 2):
        row = {name: text for x, name in columns.items() if x < len(cells) and (text := _text(cells[x]))}
        if row:
            yield at, row


def _text(cell: Cell) -> str:
    """Return the cell's text with its line breaks; numbers as somebody reads them."""
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    return text_of(cell)


def read_row(row: Row, line: int) -> Entry:
    """Return the question of a row, or why it is none."""
    words = row.get("text_id") or row.get("text_en") or ""
    entry = Entry(line, shown_name(words)[:80], None, has_id=bool(key_of(row.get("key", ""))))
    kind = kind_of(row.get("type", ""))
    if kind is None:
        return replace(entry, problems=[Problem.of("import_sheet_kind", kind=row.get("type", "")[:40] or "–")])
    fields = _common(row, kind)
    try:
        fields |= _own(row, kind)
    except _Odd as odd:
        return replace(entry, problems=[odd.problem])
    question, problems = read_fields(fields)
    return replace(entry, question=question, problems=tuple(problems))


class _Odd(Exception):
    def __init__(self, code: str, /, **params: str) -> None:
        super().__init__(code)
        self.problem = Problem.of(code, **params)


def _common(row: Row, kind: str) -> Fields:
    texts = (row.get("text_id", ""), row.get("text_en", ""))
    fields = {"type": kind, "key": key_of(row.get("key", "")) or key_by_words(*texts)}
    for name in ("text_id", "text_en", "topic", "tags", "points", "feedback_id", "feedback_en", "hint_id", "hint_en"):
        if name in row:
            fields[name] = row[name]
    return fields


def _own(row: Row, kind: str) -> Fields:
    cells = [row[letter] for letter in LETTERS if letter in row]
    answer = row.get("answer", "")
    match kind:
        case "single" | "multiple":
            return _choices(row, answer)
        case "truefalse":
            return {"answer": _judged(answer)}
        case "number":
            return {"answer": answer, "tolerance": row.get("tolerance", "")} | _worded(row, "unit", row.get("unit", ""))
        case "text":
            return {"answers": "\n".join([*_split(answer), *cells])}
        case "matching":
            return _pairs(row, cells)
        case "ordering":
            return _joined(_worded(row, f"step-{at}-text", cell) for at, cell in enumerate(cells))
        case "cloze":
            return _joined(_gap(at, cell) for at, cell in enumerate(cells))
    return _worded(row, "sample", answer)


def _choices(row: Row, answer: str) -> Fields:
    right = {one.upper() for one in re.split(r"[\s,;/.]+|\bdan\b|\band\b", answer) if one}
    if not right or not right <= set(LETTERS):
        # Somebody wrote the choice itself.
        right = {letter for letter in LETTERS if row.get(letter) and row[letter].casefold() == answer.casefold()}
        if not right:
            raise _Odd("import_sheet_letter", answer=answer[:60] or "–")
    empty = next((letter for letter in sorted(right) if letter not in row), None)
    if empty:
        raise _Odd("import_sheet_empty", letter=empty)
    fields: Fields = {}
    for at, letter in enumerate(LETTERS):
        if letter in row:
            fields |= _worded(row, f"choice-{at}-text", row[letter])
            fields[f"choice-{at}-correct"] = "yes" if letter in right else ""
    return fields


def _judged(answer: str) -> str:
    word = answer.casefold()
    if word not in RIGHT | WRONG:
        raise _Odd("import_sheet_judged", answer=answer[:60] or "–")
    return "true" if word in RIGHT else "false"


def _pairs(row: Row, cells: Sequence[str]) -> Fields:
    fields: Fields = {}
    for at, cell in enumerate(cells):
        left, sign, right = cell.partition("=")
        if not sign:
            raise _Odd("import_sheet_pair", cell=cell[:60])
        if left.strip() == "*":
            fields |= _worded(row, f"extra-{at}-text", right)
        else:
            fields |= _worded(row, f"pair-{at}-left", left) | _worded(row, f"pair-{at}-right", right)
    return fields


def _gap(at: int, cell: str) -> Fields:
    name, sign, answers = cell.partition(":")
    if not sign:
        raise _Odd("import_sheet_gap", cell=cell[:60])
    return {f"gap-{at}-key": name.strip(), f"gap-{at}-answers": "\n".join(_split(answers))}


def _split(answers: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;\n]", answers) if one.strip()]


def _worded(row: Row, name: str, cell: str) -> Fields:
    """Return "Menyapa | Greet" as two languages; without a bar in those languages that the question is written in."""
    first, bar, second = (part.strip() for part in cell.partition("|"))
    if bar:
        return {f"{name}_id": first, f"{name}_en": second}
    return {f"{name}_{language}": first for language in ("id", "en") if f"text_{language}" in row}


def _joined(parts: Iterator[Fields]) -> Fields:
    fields: Fields = {}
    for one in parts:
        fields |= one
    return fields
