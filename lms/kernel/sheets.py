"""From bytes of a spreadsheet (XLSX, XLS, ODS, CSV) to pages of cells. What the file is called says nothing."""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from lms.kernel.archives import DAMAGED_ZIP
from lms.kernel.errors import Invalid, Problem

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
# A small archive can unpack into more than the machine has.
MOST_UNPACKED = 200 * 1024 * 1024

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Corner = tuple[int, int]


@dataclass(frozen=True)
class Page:
    """A worksheet: its rows from the first line on, and its merged areas as (first cell, last cell), from zero."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[tuple[Corner, Corner], ...] = ()


def read_pages(raw: bytes) -> tuple[Page, ...]:
    """Return the file's visible worksheets; CSV is one page without a name.

    Raises Invalid with `sheet_empty`, `sheet_too_large`, `sheet_too_long`, `sheet_locked` or `sheet_unreadable`.
    """
    if not raw.strip(b"\0\r\n\t \xff\xfe\xef\xbb\xbf"):
        raise _wrong("sheet_empty")
    if len(raw) > MOST_BYTES:
        raise _wrong("sheet_too_large", megabytes=MOST_BYTES // 1024**2)
    pages = _workbook(raw) if raw.startswith((_ZIP, _OLD_OFFICE)) else (Page("", _csv_rows(raw)),)
    if not any(page.rows for page in pages):
        raise _wrong("sheet_empty")
    return pages


def text_of(cell: Cell) -> str:
    """Return a cell as somebody would read it, on one line; a number beyond fifteen digits in powers of ten.

    Spreadsheets keep fifteen digits: whoever gets `1.98609262015052E+17` sees that the rest is lost.
    """
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return cell.isoformat() if not isinstance(cell, timedelta) else str(cell)
    if isinstance(cell, int | float):
        if abs(cell) >= 1e15:
            return f"{float(cell):.14E}"
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return " ".join(cell.replace("\u200b", "").replace("\ufeff", "").replace("\0", "").split())


def decode(raw: bytes) -> str | None:
    """Return the bytes as text: by their mark, as UTF-8 or UTF-16 without one, else as Windows' Latin letters.

    None for what is no text.
    """
    try:
        text = raw.decode(_encoding(raw))
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.removeprefix("\ufeff")


def delimiter(text: str) -> str:
    """Return what stands most often in the first lines: tabs, commas, or an Indonesian Excel's semicolons."""
    head = text[:20_000]
    return max("\t,;", key=head.count)


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


def _csv_rows(raw: bytes) -> tuple[tuple[Cell, ...], ...]:
    text = decode(raw)
    if text is None:
        raise _wrong("sheet_unreadable")
    # What Excel writes on the first line to tell its own separator.
    first, _, rest = text.partition("\n")
    own = first.strip().casefold()
    if own.startswith("sep=") and len(own) == 5:
        text = "\n" + rest
    rows: list[tuple[Cell, ...]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text)):
            rows.append(tuple(cells[:MOST_COLUMNS]))
            if len(rows) > MOST_ROWS:
                raise _wrong("sheet_too_long", most=MOST_ROWS)
    except csv.Error:
        raise _wrong("sheet_unreadable") from None
    return tuple(rows)


def _workbook(raw: bytes) -> tuple[Page, ...]:
    if raw.startswith(_ZIP):
        _refuse_bomb(raw)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
            names = [one.name for one in book.sheets_metadata if "Visible" in str(one.visible)]
            return tuple(_page(book.get_sheet_by_name(name)) for name in names)
    except CalamineError as error:
        # An old workbook with a password is a container like any other; only its reader can tell.
        code = "sheet_locked" if "password" in str(error).casefold() else "sheet_unreadable"
        raise _wrong(code) from None


def _page(sheet: Any) -> Page:
    if sheet.total_height > MOST_ROWS:
        raise _wrong("sheet_too_long", most=MOST_ROWS)
    rows = sheet.to_python(skip_empty_area=False)
    return Page(sheet.name, tuple(tuple(row[:MOST_COLUMNS]) for row in rows), tuple(sheet.merged_cell_ranges or ()))


def _refuse_bomb(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except DAMAGED_ZIP:
        raise _wrong("sheet_unreadable") from None
    if unpacked > MOST_UNPACKED:
        raise _wrong("sheet_too_large", megabytes=MOST_BYTES // 1024**2)


def _wrong(code: str, **params: Any) -> Invalid:
    return Invalid(Problem.of(code, field="file", **params))
