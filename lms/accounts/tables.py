"""Flat tables for spreadsheets: one header row, every line a row, nothing a spreadsheet could execute.

Rows are written as they come, so that a table of any length needs no more memory than a few of its rows.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from lms.accounts.rules.nip import show_nip

# A cell that begins like this is a formula to a spreadsheet, also behind a tab or a line break.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_XLSX_LONGEST = 32_000
_WIDEST_COLUMN = 60


class Share(float):
    """A share of 1, shown as per cent."""


class Digits(str):
    """Digits that are a name, not a quantity: a NIP or a phone number."""

    __slots__ = ()


Value = str | int | float | Decimal | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table to hand out: `stem` names the file, `title` the worksheet. Times are naive; their column names the zone.

    `rows` are gone through once.
    """

    stem: str
    title: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[Value]]


def write_csv(sheet: Sheet, file: IO[bytes], *, language: str) -> int:
    """Write the table as CSV that a double click opens rightly; return how many rows.

    Excel reads UTF-8 only behind a byte order mark, and expects the separator of its language: `;` with a
    decimal comma in Indonesian, `,` with a point in English. NIPs come in groups, since Excel would turn
    eighteen digits in a row into a number and lose the last three.
    """
    comma = language == "id"
    stream = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(stream, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in sheet.header])
    number = 0
    for row in sheet.rows:
        writer.writerow([_csv_value(value, comma) for value in row])
        number += 1
    stream.flush()
    # The file belongs to the caller, who still has to read it.
    stream.detach()
    return number


def _csv_value(value: Value, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Digits):
        return _harmless(show_nip(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Share):
        # Rounded down like on the page: 79.99 % is not 80 %.
        return _number(int(value * 1000 + 1e-9) / 10, comma) + "%"
    if isinstance(value, int | float | Decimal):
        return _number(value, comma)
    return _harmless(value)


def _number(value: int | float | Decimal, comma: bool) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".") if not isinstance(value, int) else str(value)
    return text.replace(".", ",") if comma else text


def _harmless(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula (CSV injection): an apostrophe before it."""
    plain = text.replace("\x00", "")
    return f"'{plain}" if plain.lstrip(" ").startswith(_FORMULA_STARTS) or plain.startswith(_FORMULA_STARTS) else plain


def write_xlsx(sheets: Sequence[Sheet], file: IO[bytes]) -> int:
    """Write the tables as one Excel workbook; return how many rows the first has.

    Real numbers, shares and times, everything else as plain text.
    """
    options = {
        # Each row goes to a temporary file as it comes.
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    counts = []
    with xlsxwriter.Workbook(file, options) as book:
        # Of the book's making: with the moment in it the same register would never give the same bytes.
        book.set_properties({"created": datetime(2026, 1, 1), "title": sheets[0].title})  # noqa: DTZ001
        formats = _Formats(book)
        for sheet in sheets:
            counts.append(_write_page(book.add_worksheet(_worksheet_name(sheet.title)), sheet, formats))
    return counts[0]


class _Formats:
    def __init__(self, book: Any) -> None:
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#DFEEEB"}
        )
        self.text = book.add_format({"num_format": "@"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.share = book.add_format({"num_format": "0.0%"})


def _write_page(page: Any, sheet: Sheet, formats: _Formats) -> int:
    widths = [max(len(name) // 2, 6) for name in sheet.header]
    for x, name in enumerate(sheet.header):
        page.write_string(0, x, name, formats.head)
    y = 0
    for y, row in enumerate(sheet.rows, start=1):
        for x, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                page.write_string(y, x, value[:_XLSX_LONGEST], formats.text)
                widths[x] = max(widths[x], len(value))
            elif isinstance(value, datetime):
                page.write_datetime(y, x, value, formats.moment)
                widths[x] = max(widths[x], 19)
            elif isinstance(value, Share):
                page.write_number(y, x, int(value * 1000 + 1e-9) / 1000, formats.share)
            else:
                page.write_number(y, x, float(value))
    for x, width in enumerate(widths):
        page.set_column(x, x, min(width + 2, _WIDEST_COLUMN))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(y, 1), len(sheet.header) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    return y


def _worksheet_name(title: str) -> str:
    """Return the title as Excel allows it: at most 31 characters, none of []:*?/\\, no apostrophe at its ends."""
    plain = "".join(" " if character in "[]:*?/\\" else character for character in title)
    return " ".join(plain.split())[:31].strip("' ") or "Jembatan"
