"""Zoom's participants report: a row for each time somebody came in, or one a person with minutes alone."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

from lms.attendance.callfiles.moments import read_length
from lms.attendance.callfiles.rows import CallFile, Provider, Total
from lms.attendance.callfiles.stays import Draft, problem, read_stays
from lms.attendance.callfiles.table import Row

# The meeting's own row and an empty line may stand before the heading; further down is no heading.
_HEADING_WITHIN = 30
_EMAILS = ("user email", "email", "e-mail", "email address")


def find_heading(rows: Sequence[Row]) -> int | None:
    """Return the index of the row that names the columns; None if this is not Zoom's file."""
    for index, row in enumerate(rows[:_HEADING_WITHIN]):
        names = [cell.casefold() for cell in row.cells]
        has_moments = {"join time", "leave time"} <= set(names)
        has_minutes = any(name.startswith("total duration") for name in names)
        if any(name.startswith("name") for name in names) and (has_moments or has_minutes):
            return index
    return None


def read(rows: Sequence[Row], heading: int, near: date) -> CallFile:
    """Return what the rows below this heading say; `near` is the day of the session."""
    names = [cell.casefold() for cell in rows[heading].cells]
    cell = _cells(names)
    body = rows[heading + 1 :]
    title = _title(rows[:heading])
    if "join time" not in names:
        return _read_totals(body, cell, title)
    drafts, waiting = [], 0
    for row in body:
        if cell(row, "in waiting room").casefold() == "yes":
            waiting += 1
            continue
        email = next((found for name in _EMAILS if (found := cell(row, name))), "")
        drafts.append(Draft(row.line, cell(row, "name"), email, cell(row, "join time"), cell(row, "leave time")))
    stays, problems = read_stays(drafts, near)
    return CallFile(Provider.ZOOM, title, stays, problems=problems, waiting=waiting)


Cell = Callable[[Row, str], str]


def _cells(names: list[str]) -> Cell:
    """Return how to get a row's cell by the beginning of its column's name; a missing one is empty."""

    def cell(row: Row, name: str) -> str:
        place = next((place for place, found in enumerate(names) if found.startswith(name)), None)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    return cell


def _read_totals(body: Sequence[Row], cell: Cell, title: str) -> CallFile:
    totals, problems = [], []
    for row in body:
        email = next((found for name in _EMAILS if (found := cell(row, name))), "")
        length = read_length(cell(row, "total duration"))
        if length is None or not (cell(row, "name") or email):
            problems.append(problem(row.line, "call_row_not_understood", text=" ".join(row.cells)[:40]))
        else:
            totals.append(Total(row.line, cell(row, "name"), email.lower(), int(length.total_seconds() // 60)))
    return CallFile(Provider.ZOOM, title, totals=tuple(totals), problems=tuple(problems))


def _title(above: Sequence[Row]) -> str:
    """Return the meeting's topic from the rows above the heading, or an empty text."""
    for names, values in pairwise(above):
        topics = [place for place, name in enumerate(names.cells) if name.casefold() == "topic"]
        if topics and topics[0] < len(values.cells):
            return values.cells[topics[0]]
    return ""
