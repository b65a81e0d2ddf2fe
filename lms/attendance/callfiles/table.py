"""From bytes of unknown making to rows of cells. What the file is called says nothing about what is in it."""

import csv
import io
import re
from typing import NamedTuple

from lms.kernel.errors import Invalid, Problem

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 20_000
# A name longer than this is not a name.
LONGEST_CELL = 200

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# Marks of writing direction, which Windows puts into dates, and other signs nobody sees.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")


class Row(NamedTuple):
    """One record of the file, and the lines from which to which it goes, counted from 1."""

    line: int
    cells: tuple[str, ...]
    until: int = 0


def rows_of(raw: bytes) -> list[Row]:
    """Return the file's records, cells stripped; empty lines are left out.

    Raises Invalid with `call_file_empty`, `call_file_too_large`, `call_file_is_excel`, `call_file_not_text` or
    `call_file_too_long`.
    """
    text = decode(raw)
    found: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cells):
                found.append(Row(line, tuple(_clean(cell) for cell in cells), before))
            if len(found) > MOST_ROWS:
                raise Invalid(Problem.of("call_file_too_long", field="file", most=MOST_ROWS))
    except csv.Error:
        raise Invalid(Problem.of("call_file_not_text", field="file")) from None
    return found


def decode(raw: bytes) -> str:
    """Return the text: UTF-16 or UTF-8 by its mark, UTF-8 or UTF-16 without one, else Windows' Latin letters."""
    if not raw.strip(b"\0\r\n\t \xff\xfe\xef\xbb\xbf"):
        raise Invalid(Problem.of("call_file_empty", field="file"))
    if len(raw) > MOST_BYTES:
        raise Invalid(Problem.of("call_file_too_large", field="file", megabytes=MOST_BYTES // 1024**2))
    if raw.startswith((_ZIP, _OLD_OFFICE)):
        raise Invalid(Problem.of("call_file_is_excel", field="file"))
    try:
        text = raw.decode(_encoding(raw))
    except UnicodeDecodeError:
        raise Invalid(Problem.of("call_file_not_text", field="file")) from None
    if "\0" in text:
        raise Invalid(Problem.of("call_file_not_text", field="file"))
    return text.removeprefix("\ufeff")


def _encoding(raw: bytes) -> str:
    if raw[:2] in _UTF16:
        return _UTF16[raw[:2]]
    if raw[1:400:2].count(0) > len(raw[1:400:2]) // 2:
        return "utf-16-le"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Return what stands most often in the first lines: Teams writes tabs, Zoom commas, an Indonesian Excel
    semicolons."""
    head = text[:20_000]
    return max("\t,;", key=head.count)


def _clean(cell: str) -> str:
    """Return the cell on one line, with plain spaces only, no longer than anything sensible."""
    return " ".join(_UNSEEN.sub("", cell[: 2 * LONGEST_CELL]).split())[:LONGEST_CELL]
