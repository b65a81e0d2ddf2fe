"""Person × session of one batch."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, select

from lms.attendance.models import Amendment, Mark, Register
from lms.attendance.rules.balance import Balance
from lms.attendance.rules.judgement import Status
from lms.attendance.service.balance import answered_for, read_balances
from lms.db import Db
from lms.programmes.models import Batch, Enrolment
from lms.programmes.service.members import Member, everyone_ever
from lms.reports.queries.cells import MARK_COLUMNS, cell_of, state_of
from lms.reports.rules import Cell, Column, Line, Matrix
from lms.sessions.models import LiveSession

# People whose cells are read at once when a file is made: fifty sessions of them are twenty-five thousand cells.
_PART = 500


def read_matrix(db: Db, batch: Batch, *, minimum: Decimal, at: datetime, narrowed: ColumnElement[bool]) -> Matrix:
    """Return person × session of the batch with all its cells. Four statements."""
    outline = read_outline(db, batch, minimum=minimum, at=at, narrowed=narrowed)
    return replace(outline, lines=tuple(_filled(db, batch, outline, outline.lines, narrowed)))


def read_outline(db: Db, batch: Batch, *, minimum: Decimal, at: datetime, narrowed: ColumnElement[bool]) -> Matrix:
    """Return sessions and people of the batch, without cells, cancelled sessions left out. Three statements.

    `narrowed` is the condition on Enrolment that says whose lines the asker may see. Whoever left before
    the first session has a line too, so that nobody vanishes from the list.
    """
    own = (Enrolment.batch_id == batch.id, narrowed)
    balances = read_balances(db, *own)
    lines = []
    for member, since, until in _stays(everyone_ever(db, batch.id, roles=("trainee",), narrowed=narrowed)):
        balance = balances.get((batch.id, member.person_id), Balance())
        lines.append(
            Line(
                person_id=member.person_id,
                name=member.name,
                plain_name=member.plain_name,
                nip=member.nip,
                unit=member.unit,
                starts_at=since,
                ends_at=until if until is not None and until <= at else None,
                balance=balance,
                outlook=balance.outlook(minimum),
            )
        )
    return Matrix(tuple(_columns(db, batch.id, at)), tuple(lines), minimum)


def with_cells(db: Db, batch: Batch, outline: Matrix, lines: Sequence[Line]) -> Iterator[Line]:
    """Give these lines of the outline with their cells, reading part by part; a statement for each 500 people."""
    for start in range(0, len(lines), _PART):
        part = lines[start : start + _PART]
        yield from _filled(db, batch, outline, part, Enrolment.person_id.in_([line.person_id for line in part]))


def _filled(
    db: Db, batch: Batch, outline: Matrix, lines: Sequence[Line], narrowed: ColumnElement[bool]
) -> Iterator[Line]:
    place = {column.session_id: index for index, column in enumerate(outline.columns)}
    found: dict[int, list[Cell | None]] = {line.person_id: [None] * len(place) for line in lines}
    expected = answered_for(Enrolment.batch_id == batch.id, narrowed).subquery("expected")
    rows = select(expected.c.session_id, expected.c.person_id, *MARK_COLUMNS).outerjoin(
        Mark, and_(Mark.session_id == expected.c.session_id, Mark.person_id == expected.c.person_id)
    )
    for row in db.execute(rows):
        found[row.person_id][place[row.session_id]] = cell_of(row)
    return (replace(line, cells=tuple(found[line.person_id])) for line in lines)


def read_attended(db: Db, batch: Batch, narrowed: ColumnElement[bool]) -> dict[int, tuple[int, int]]:
    """Return session id → how many attended, of how many who have a verdict. One statement."""
    expected = answered_for(Enrolment.batch_id == batch.id, narrowed).subquery("expected")
    judged = Mark.status != Status.UNKNOWN.value
    rows = (
        select(
            expected.c.session_id,
            func.sum(case((Mark.status == Status.ATTENDED.value, 1), else_=0)).label("attended"),
            func.sum(case((judged, 1), else_=0)).label("judged"),
        )
        .join(Mark, and_(Mark.session_id == expected.c.session_id, Mark.person_id == expected.c.person_id))
        .group_by(expected.c.session_id)
    )
    return {row.session_id: (row.attended, row.judged) for row in db.execute(rows)}


def read_seals(db: Db, batch: Batch) -> dict[int, tuple[str, int]]:
    """Return session id → (hash, how many amendments) of each signed register of the batch. One statement.

    The hash is that of the latest amendment, else of the signature.
    """
    rows = db.execute(
        select(Register.session_id, Register.fingerprint, Amendment.number, Amendment.fingerprint.label("amended"))
        .join(LiveSession, LiveSession.id == Register.session_id)
        .outerjoin(Amendment, Amendment.session_id == Register.session_id)
        .where(LiveSession.batch_id == batch.id)
        .order_by(Register.session_id, Amendment.number)
    )
    return {row.session_id: (row.amended or row.fingerprint, row.number or 0) for row in rows}


def _columns(db: Db, batch_id: int, at: datetime) -> list[Column]:
    has_marks = select(Mark.id).where(Mark.session_id == LiveSession.id).exists()
    rows = db.execute(
        select(LiveSession, Register.signed_at, has_marks.label("has_marks"))
        .outerjoin(Register, Register.session_id == LiveSession.id)
        .where(LiveSession.batch_id == batch_id, LiveSession.status != "cancelled")
        .order_by(LiveSession.starts_at, LiveSession.id)
    )
    return [
        Column(
            session_id=session.id,
            title_id=session.title_id,
            title_en=session.title_en,
            mode=session.mode,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            worth=session.lesson_hours,
            state=state_of(signed_at is not None, has_mark, session.starts_at, session.ends_at, at),
        )
        for session, signed_at, has_mark in rows
    ]


def _stays(members: Collection[Member]) -> list[tuple[Member, datetime, datetime | None]]:
    """Return one entry a person: from the first enrolment to the end of the last (None: still in it)."""
    found: dict[int, tuple[Member, datetime, datetime | None]] = {}
    for member in members:
        known = found.get(member.person_id)
        if known is None:
            found[member.person_id] = (member, member.starts_at, member.ends_at)
            continue
        _, since, until = known
        ends = None if until is None or member.ends_at is None else max(until, member.ends_at)
        found[member.person_id] = (member, min(since, member.starts_at), ends)
    return list(found.values())
