"""Whose file it is, by what stands in it; then its reader."""

from dataclasses import replace
from datetime import date

from lms.attendance.callfiles import teams, zoom
from lms.attendance.callfiles.rows import CallFile
from lms.attendance.callfiles.stays import problem
from lms.attendance.callfiles.table import rows_of
from lms.kernel.errors import Invalid, Problem


def read_call_file(raw: bytes, *, near: date) -> CallFile:
    """Return what the file of a call on Zoom or Teams says; `near` is the day of the session it should be about.

    Raises Invalid if it is no such file: see `rows_of`, and `call_file_unknown`, `call_file_without_rows`.
    """
    everything = rows_of(raw)
    rows = [row for row in everything if row.until == row.line]
    # A quotation mark that nobody closed swallows the lines after it: they must not go missing in silence.
    torn = [problem(row.line, "call_row_torn", until=row.until) for row in everything if row.until > row.line]
    sections = teams.find_sections(rows)
    heading = zoom.find_heading(rows)
    if sections is not None:
        found = teams.read(sections, near)
    elif heading is not None:
        found = zoom.read(rows, heading, near)
    else:
        raise Invalid(Problem.of("call_file_unknown", field="file"))
    if not (found.stays or found.totals or found.problems or torn):
        raise Invalid(Problem.of("call_file_without_rows", field="file"))
    return replace(found, problems=(*torn, *found.problems))
