"""The empty sheet of people to download: headings, cells that keep a NIP whole, lists to choose from, and help."""

from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter
from flask_babel import gettext

from lms.accounts.rules.ranks import PNS_RANKS, PPPK_GRADES
from lms.accounts.rules.sheets.columns import TEMPLATE
from lms.web.i18n import say

# Lines that are prepared; whoever has more copies the last one down.
PREPARED = 500
_WIDTHS = {"name": 34, "nip": 22, "email": 30, "phone": 17, "agency": 36, "unit": 32, "position": 34, "born_on": 14}


def template_sheet(units: Sequence[tuple[str, str]]) -> IO[bytes]:
    """Return the workbook, at its beginning. `units` are (agency, unit below it or "") to choose from."""
    # It lives as long as the answer: whoever sends it closes it.
    file = TemporaryFile(prefix="jembatan-")  # noqa: SIM115
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        _people(book, sorted({agency for agency, _unit in units}), bool(units))
        _how_to(book)
        if units:
            _units(book, units)
    file.seek(0)
    return file


def _people(book: xlsxwriter.Workbook, agencies: Sequence[str], has_units: bool) -> None:
    sheet = book.add_worksheet(say("sheet_of_people")[:31])
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DFEEEB", "text_wrap": True, "valign": "top"})
    # As text: a spreadsheet keeps fifteen digits of a number, a NIP has eighteen.
    text = book.add_format({"num_format": "@"})
    for x, field in enumerate(TEMPLATE):
        sheet.set_column(x, x, _WIDTHS.get(field, 16), text)
        sheet.write_string(0, x, say(f"column_{field}"), head)
    for y in range(1, PREPARED + 1):
        sheet.write_blank(y, TEMPLATE.index("nip"), None, text)
    _choices(sheet, "rank", [*PNS_RANKS, *PPPK_GRADES])
    _choices(sheet, "sex", ["L", "P"])
    if has_units:
        x = TEMPLATE.index("agency")
        source = f"='{_units_name()}'!$C$2:$C${len(agencies) + 1}"
        # A list to choose from that also lets other words through: new units come and go.
        sheet.data_validation(1, x, PREPARED, x, {"validate": "list", "source": source, "error_type": "information"})
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _choices(sheet: xlsxwriter.worksheet.Worksheet, field: str, choices: Sequence[str]) -> None:
    x = TEMPLATE.index(field)
    sheet.data_validation(1, x, PREPARED, x, {"validate": "list", "source": list(choices), "error_type": "information"})


def _how_to(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet(gettext("How to fill it in")[:31])
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 24, bold)
    sheet.set_column(1, 1, 90, wrap)
    for y, field in enumerate(TEMPLATE):
        sheet.write_string(y, 0, say(f"column_{field}"), bold)
        sheet.write_string(y, 1, say(f"column_{field}_help"), wrap)


def _units(book: xlsxwriter.Workbook, units: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(_units_name())
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.set_column(0, 2, 50)
    for x, word in enumerate((say("column_agency"), say("column_unit"), say("column_agency"))):
        sheet.write_string(0, x, word, bold)
    for y, (agency, unit) in enumerate(units, start=1):
        sheet.write_string(y, 0, agency)
        sheet.write_string(y, 1, unit)
    for y, agency in enumerate(sorted({agency for agency, _unit in units}), start=1):
        sheet.write_string(y, 2, agency)


def _units_name() -> str:
    return gettext("Work units").replace("'", " ")[:31]
