"""Flat tables for spreadsheets: one header row, every line a row, nothing a spreadsheet could execute."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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
    """A table to hand out: `stem` names the file, `title` the worksheet. Times are local and naive."""

    stem: str
    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def to_csv(sheet: Sheet, *, language: str) -> bytes:
    """Return the table as CSV that a double click opens rightly.

    Excel reads UTF-8 only behind a byte order mark, and expects the separator of its language: `;` with a
    decimal comma in Indonesian, `,` with a point in English. NIPs come in groups, since Excel would turn
    eighteen digits in a row into a number and lose the last three.
    """
    comma = language == "id"
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in sheet.header])
    writer.writerows([_csv_value(value, comma) for value in row] for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig")


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


def to_xlsx(sheet: Sheet) -> bytes:
    """Return the table as an Excel workbook: real numbers, shares and times, everything else as plain text."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        page = book.add_worksheet(_worksheet_name(sheet.title))
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#DFEEEB"})
        text = book.add_format({"num_format": "@"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        share = book.add_format({"num_format": "0.0%"})
        for x, name in enumerate(sheet.header):
            page.write_string(0, x, name, head)
        for y, row in enumerate(sheet.rows, start=1):
            for x, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, str):
                    page.write_string(y, x, value[:_XLSX_LONGEST], text)
                elif isinstance(value, datetime):
                    page.write_datetime(y, x, value, moment)
                elif isinstance(value, Share):
                    page.write_number(y, x, int(value * 1000 + 1e-9) / 1000, share)
                else:
                    page.write_number(y, x, float(value))
        for x, width in enumerate(_widths(sheet)):
            page.set_column(x, x, width)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.header) - 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
    return stream.getvalue()


def _widths(sheet: Sheet) -> list[int]:
    """Return a width for each column: its longest cell, the header on two lines."""
    widths = [max(len(name) // 2, 6) for name in sheet.header]
    for row in sheet.rows:
        for x, value in enumerate(row):
            length = 19 if isinstance(value, datetime) else len(str(value if value is not None else ""))
            widths[x] = max(widths[x], length)
    return [min(width + 2, _WIDEST_COLUMN) for width in widths]


def _worksheet_name(title: str) -> str:
    """Return the title as Excel allows it: at most 31 characters, none of []:*?/\\, no apostrophe at its ends."""
    plain = "".join(" " if character in "[]:*?/\\" else character for character in title)
    return " ".join(plain.split())[:31].strip("' ") or "Jembatan"
