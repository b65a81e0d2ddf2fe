"""Person × session of one batch."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select

from lms.attendance.models import Mark, Register
from lms.attendance.rules.balance import Balance
from lms.attendance.service.balance import answered_for, read_balances
from lms.db import Db
from lms.programmes.models import Batch, Enrolment
from lms.programmes.service.members import Member, everyone_ever
from lms.reports.queries.cells import MARK_COLUMNS, cell_of, state_of
from lms.reports.rules import Cell, Column, Line, Matrix
from lms.sessions.models import LiveSession


def read_matrix(db: Db, batch: Batch, *, minimum: Decimal, at: datetime, narrowed: ColumnElement[bool]) -> Matrix:
    """Return person × session of the batch, cancelled sessions left out. Four statements.

    `narrowed` is the condition on Enrolment that says whose lines the asker may see. Whoever left before
    the first session has a line too, so that nobody vanishes from the list.
    """
    columns = _columns(db, batch.id, at)
    place = {column.session_id: index for index, column in enumerate(columns)}
    own = (Enrolment.batch_id == batch.id, narrowed)
    cells: dict[int, list[Cell | None]] = {}
    expectations = answered_for(*own).subquery("expected")
    for row in db.execute(
        select(expectations.c.session_id, expectations.c.person_id, *MARK_COLUMNS).outerjoin(
            Mark,
            and_(Mark.session_id == expectations.c.session_id, Mark.person_id == expectations.c.person_id),
        )
    ):
        line = cells.setdefault(row.person_id, [None] * len(columns))
        line[place[row.session_id]] = cell_of(row)
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
                cells=tuple(cells.get(member.person_id, [None] * len(columns))),
                balance=balance,
                outlook=balance.outlook(minimum),
            )
        )
    return Matrix(tuple(columns), tuple(lines), minimum)


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
            state=state_of(signed_at is not None, has_mark, session.ends_at, at),
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
