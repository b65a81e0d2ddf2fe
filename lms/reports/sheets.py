"""Reports as flat tables in the reader's words: what an export's columns are called and what stands in them."""

from datetime import datetime

from flask_babel import gettext

from lms.attendance.rules.evidence import Source
from lms.programmes.models import Batch
from lms.reports.exports import Digits, Share, Sheet, Value
from lms.reports.queries.register import RegisterRow, RegisterSheet
from lms.reports.rules import Cell, Column, Line, Matrix, file_stem
from lms.sessions.models import LiveSession
from lms.web.i18n import reader, say, titled, zone_name


def title_of(thing: LiveSession | Column) -> str:
    """Return a session's title in the reader's language; the Indonesian one where there is no other."""
    return titled(thing)


def status_words(cell: Cell) -> str:
    """Return the mark in words, the kind of an excuse instead of "excused"; empty while there is no mark."""
    if cell.excuse is not None:
        return say(f"excuse_{cell.excuse.value}")
    return say(f"status_{cell.status.value}") if cell.status is not None else ""


def flag_words(cell: Cell) -> str:
    """Return what stands beside the mark: late, left early."""
    flags = [name for name, is_set in (("late", cell.late), ("left_early", cell.left_early)) if is_set]
    return ", ".join(say(f"flag_{name}") for name in flags)


def state_words(state: str) -> str:
    """Return how sure the marks are: signed, provisional, not yet judged, planned."""
    return say(f"register_state_{state}")


def matrix_sheet(matrix: Matrix, lines: list[Line], batch: Batch, *, at: datetime) -> Sheet:
    """Return person × session with letters and totals, one row a person."""
    heads = tuple(f"{_day(column.starts_at)} {title_of(column)}" for column in matrix.columns)
    header = (
        gettext("Name"),
        gettext("NIP"),
        gettext("Unit"),
        *heads,
        gettext("JP planned"),
        gettext("JP attended"),
        gettext("JP excused"),
        gettext("Share attended"),
        gettext("Share attended or excused"),
        gettext("Minimum"),
        gettext("Outlook"),
        gettext("Left the batch on"),
    )
    rows: list[list[Value]] = []
    for line in lines:
        hours = line.balance.hours
        rows.append(
            [
                line.name,
                Digits(line.nip or ""),
                line.unit,
                *("" if cell is None else cell.letters for cell in line.cells),
                float(hours.planned),
                float(hours.attended),
                float(hours.excused),
                Share(line.balance.weighed.share),
                Share(line.balance.weighed.share_with_excused),
                Share(matrix.minimum),
                say(f"outlook_{line.outlook.value}"),
                _day(line.ends_at) if line.ends_at else "",
            ]
        )
    stem = file_stem(gettext("attendance-recap"), batch.name, _day(at))
    return Sheet(stem, gettext("Attendance recap"), header, rows)


def register_sheet(register: RegisterSheet, session: LiveSession, batch: Batch) -> Sheet:
    """Return a session's register, one row a person; everything a row needs stands in the row itself."""
    zone = zone_name()
    header = (
        gettext("No."),
        gettext("Name"),
        gettext("NIP"),
        gettext("Rank"),
        gettext("Position"),
        gettext("Unit"),
        gettext("Batch"),
        gettext("Session"),
        gettext("Date"),
        gettext("Status"),
        gettext("Letter"),
        gettext("Flags"),
        gettext("Minutes attended"),
        gettext("Minutes counted"),
        gettext("First in (%(zone)s)", zone=zone),
        gettext("Last out (%(zone)s)", zone=zone),
        gettext("Reasons"),
        gettext("Source"),
        gettext("Register"),
    )
    state = state_words(register.state)
    if register.amendments:
        state = f"{state} ({gettext('amendment no. %(n)s', n=register.amendments)})"
    rows: list[list[Value]] = []
    for number, row in enumerate(register.rows, start=1):
        cell, person = row.cell, row.person
        rows.append(
            [
                number,
                person.full_name,
                Digits(person.nip or ""),
                person.rank,
                person.position,
                row.unit,
                batch.name,
                title_of(session),
                _day(session.starts_at),
                status_words(cell),
                cell.letter,
                flag_words(cell),
                _minutes(cell.attended) if cell.status is not None else None,
                _minutes(cell.counted) if cell.status is not None else None,
                _local(row.presence[0].start) if row.presence else None,
                _local(row.presence[-1].end) if row.presence else None,
                " ".join(say(said) for said in row.reasons),
                _sources(row),
                state,
            ]
        )
    stem = file_stem(gettext("register"), batch.name, _day(session.starts_at), title_of(session))
    return Sheet(stem, gettext("Register"), header, rows)


def _sources(row: RegisterRow) -> str:
    """Return who the mark rests on; a coordinator's decision comes before every witness."""
    witnesses = [say(f"source_{Source(source).value}") for source in row.sources]
    return "; ".join(([gettext("Coordinator's decision")] if row.decided else []) + witnesses)


def _minutes(seconds: int) -> float:
    """Return minutes with two decimals, rounded down: marks compare seconds, and 71.99 is not 72."""
    return int(seconds * 100 / 60 + 1e-9) / 100


def _local(instant: datetime) -> datetime:
    """Return the instant on the reader's clock, naive as spreadsheets want it; the column names the zone."""
    return instant.astimezone(reader().zone).replace(tzinfo=None, microsecond=0)


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(reader().zone):%Y-%m-%d}"
