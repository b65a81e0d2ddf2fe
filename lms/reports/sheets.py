"""Reports as flat tables in the reader's words: what an export's columns are called and what stands in them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from flask_babel import gettext

from lms.accounts.tables import Digits, Share, Sheet, Value
from lms.attendance.rules.balance import Outlook
from lms.attendance.rules.evidence import Source
from lms.programmes.models import Batch
from lms.reports.queries.register import Fact, RegisterRow, RegisterSheet
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


def matrix_sheet(matrix: Matrix, lines: Iterable[Line], batch: Batch, *, at: datetime) -> Sheet:
    """Return person × session with letters and totals, one row a person; the lines are gone through once."""
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
    words = {outlook: say(f"outlook_{outlook.value}") for outlook in Outlook}

    def row(line: Line) -> list[Value]:
        hours = line.balance.hours
        return [
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
            words[line.outlook],
            _day(line.ends_at) if line.ends_at else "",
        ]

    stem = file_stem(gettext("attendance-recap"), batch.name, _day(at))
    return Sheet(stem, gettext("Attendance recap"), header, map(row, lines))


def sessions_sheet(matrix: Matrix, seals: Mapping[int, tuple[str, int]]) -> Sheet:
    """Return the matrix's sessions, one row each; `seals` are hash and number of amendments of signed ones."""
    zone = zone_name()
    header = (
        gettext("Session"),
        gettext("Start (%(zone)s)", zone=zone),
        gettext("End (%(zone)s)", zone=zone),
        gettext("Start (UTC)"),
        gettext("End (UTC)"),
        gettext("JP"),
        gettext("Register"),
        gettext("Amendments"),
        gettext("Hash (SHA-256)"),
    )
    rows: list[list[Value]] = []
    for column in matrix.columns:
        fingerprint, amendments = seals.get(column.session_id, ("", 0))
        rows.append(
            [
                title_of(column),
                _local(column.starts_at),
                _local(column.ends_at),
                _utc(column.starts_at),
                _utc(column.ends_at),
                float(column.worth),
                state_words(column.state),
                amendments,
                fingerprint,
            ]
        )
    return Sheet("sessions", gettext("Sessions"), header, rows)


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
        gettext("First in (UTC)"),
        gettext("Last out (UTC)"),
        gettext("Reasons"),
        gettext("Source"),
        gettext("Register"),
        gettext("Version"),
        gettext("Hash (SHA-256)"),
    )
    state = _state_of(register)
    rows: list[list[Value]] = []
    for number, row in enumerate(register.rows, start=1):
        cell, person = row.cell, row.person
        first, last = (row.presence[0].start, row.presence[-1].end) if row.presence else (None, None)
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
                _local(first),
                _local(last),
                _utc(first),
                _utc(last),
                ". ".join(say(said) for said in row.reasons),
                _sources(row),
                state,
                register.seal.version,
                register.seal.fingerprint,
            ]
        )
    stem = file_stem(gettext("register"), batch.name, _day(session.starts_at), title_of(session))
    return Sheet(stem, gettext("Register"), header, rows)


def facts_sheet(facts: Iterable[Fact], register: RegisterSheet) -> Sheet:
    """Return every fact behind a register, one row each: with the hash's own ingredients, times exact and in UTC."""
    zone = zone_name()
    header = (
        gettext("No."),
        gettext("Name"),
        gettext("NIP"),
        gettext("What"),
        gettext("Witness"),
        gettext("Happened (%(zone)s)", zone=zone),
        gettext("Received (%(zone)s)", zone=zone),
        gettext("Happened (UTC)"),
        gettext("Received (UTC)"),
        gettext("Recorded by"),
        gettext("In the signature"),
        gettext("Kind"),
        gettext("Witness (code)"),
        gettext("Person (number)"),
        gettext("Sequence"),
        gettext("Key"),
        gettext("Details"),
    )
    signed = register.signed_facts
    said = {True: gettext("yes"), False: gettext("no")}

    def row(fact: Fact) -> list[Value]:
        return [
            fact.id,
            fact.person.full_name,
            Digits(fact.person.nip or ""),
            say(f"evidence_{fact.kind}"),
            say(f"source_{fact.source}"),
            _local(fact.claimed_at),
            _local(fact.received_at),
            fact.claimed_at.isoformat(),
            fact.received_at.isoformat(),
            fact.by,
            said[fact.id in signed] if signed is not None else "",
            fact.kind,
            fact.source,
            fact.person.id,
            fact.sequence,
            fact.key,
            json.dumps(fact.detail, ensure_ascii=False, sort_keys=True) if fact.detail else "",
        ]

    return Sheet("evidence", gettext("Evidence"), header, map(row, facts))


def about_sheet(register: RegisterSheet, session: LiveSession, batch: Batch, *, at: datetime) -> Sheet:
    """Return what the workbook is: of which session, in which state, and when it was made."""
    zone = zone_name()
    rows: list[list[Value]] = [
        [gettext("Session"), title_of(session)],
        [gettext("Batch"), batch.name],
        [gettext("Start (%(zone)s)", zone=zone), _local(session.starts_at)],
        [gettext("End (%(zone)s)", zone=zone), _local(session.ends_at)],
        [gettext("Start (UTC)"), _utc(session.starts_at)],
        [gettext("End (UTC)"), _utc(session.ends_at)],
        [gettext("Zone of all local times"), f"{zone} ({reader().zone})"],
        [gettext("Register"), _state_of(register)],
        [gettext("Version"), register.seal.version],
        [gettext("Hash (SHA-256)"), register.seal.fingerprint],
        [gettext("Made (%(zone)s)", zone=zone), _local(at)],
        [gettext("Made (UTC)"), _utc(at)],
    ]
    return Sheet("about", gettext("About this file"), (gettext("What"), gettext("Value")), rows)


def _state_of(register: RegisterSheet) -> str:
    state = state_words(register.state)
    if register.seal.amendments:
        return f"{state} ({gettext('amendment no. %(n)s', n=register.seal.amendments)})"
    return state


def _sources(row: RegisterRow) -> str:
    """Return who the mark rests on; a coordinator's decision comes before every witness."""
    witnesses = [say(f"source_{Source(source).value}") for source in row.sources]
    return "; ".join(([gettext("Coordinator's decision")] if row.decided else []) + witnesses)


def _minutes(seconds: int) -> float:
    """Return minutes with two decimals, rounded down: marks compare seconds, and 71.99 is not 72."""
    return int(seconds * 100 / 60 + 1e-9) / 100


def _local(instant: datetime | None) -> datetime | None:
    """Return the instant on the reader's clock, naive as spreadsheets want it; the column names the zone."""
    return instant.astimezone(reader().zone).replace(tzinfo=None, microsecond=0) if instant else None


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0) if instant else None


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(reader().zone):%Y-%m-%d}"
