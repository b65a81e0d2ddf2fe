"""A session's register as it is handed out: one flat row a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from lms.accounts.models import Unit
from lms.attendance.models import Amendment, Correction, Evidence, Mark, Register, WalkIn
from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.judgement import read_reasons
from lms.attendance.service.standing import Expected, expected
from lms.db import Db
from lms.kernel.errors import Said
from lms.kernel.intervals import Interval
from lms.programmes.models import Enrolment
from lms.reports.queries.cells import cell_of, state_of
from lms.reports.rules import Cell
from lms.sessions.models import LiveSession

# Kinds that say somebody was in the room, or was seen there: who said so is the mark's source.
_WITNESSING = (Kind.JOINED, Kind.LEFT, Kind.RESUMED, Kind.SEEN, Kind.OPENED_ELSEWHERE)


@dataclass(frozen=True)
class RegisterRow:
    """One person's line of a register as it is exported; `sources` are who witnessed her, by evidence source."""

    person: Expected
    unit: str
    cell: Cell
    presence: tuple[Interval, ...]
    reasons: tuple[Said, ...]
    sources: tuple[str, ...]
    decided: bool


@dataclass(frozen=True)
class RegisterSheet:
    """A session's register as it is exported; `state` like a matrix column's, `amendments` their number."""

    rows: tuple[RegisterRow, ...]
    state: str
    amendments: int


def read_register(
    db: Db, session: LiveSession, *, at: datetime, narrowed: ColumnElement[bool], guests: ColumnElement[bool]
) -> RegisterSheet:
    """Return the marks of everyone expected, by name. Seven statements.

    `narrowed` is the condition on Enrolment that says whose lines the asker may see, `guests` that on WalkIn.
    Somebody without a mark yet has an empty cell: a register not judged says nothing rather than "absent".
    """
    shown = set(
        db.scalars(
            select(Enrolment.person_id).where(
                Enrolment.batch_id == session.batch_id, Enrolment.role == "trainee", narrowed
            ).union(select(WalkIn.person_id).where(WalkIn.session_id == session.id, guests))
        )
    )
    people = [person for person in expected(db, session) if person.id in shown]
    units = {row.id: row.name for row in db.execute(select(Unit.id, Unit.name))}
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.session_id == session.id))}
    sources: dict[int, list[str]] = {}
    for person_id, source in db.execute(
        select(Evidence.person_id, Evidence.source)
        .where(Evidence.session_id == session.id, Evidence.kind.in_([kind.value for kind in _WITNESSING]))
        .distinct()
        .order_by(Evidence.source)
    ):
        sources.setdefault(person_id, []).append(source)
    latest = select(func.max(Correction.id)).where(Correction.session_id == session.id).group_by(Correction.person_id)
    decided = {
        row.person_id
        for row in db.scalars(select(Correction).where(Correction.id.in_(latest)))
        if row.new.get("status") or row.new.get("witness")
    }
    signed = db.execute(
        select(Register.signed_at, func.count(Amendment.id))
        .outerjoin(Amendment, Amendment.session_id == Register.session_id)
        .where(Register.session_id == session.id)
        .group_by(Register.session_id, Register.signed_at)
    ).one_or_none()
    rows = tuple(
        _register_row(
            person,
            units.get(person.unit_id or 0, ""),
            marks.get(person.id),
            tuple(sources.get(person.id, ())),
            person.id in decided,
        )
        for person in people
    )
    state = state_of(signed is not None, bool(marks), session.ends_at, at)
    return RegisterSheet(rows, state, signed[1] if signed else 0)


def _register_row(
    person: Expected, unit: str, mark: Mark | None, sources: tuple[str, ...], is_decided: bool
) -> RegisterRow:
    spans = mark.presence if mark is not None else ()
    return RegisterRow(
        person=person,
        unit=unit,
        cell=cell_of(mark) if mark is not None else Cell(),
        presence=tuple(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in spans),
        reasons=tuple(read_reasons(mark.reasons)) if mark is not None else (),
        sources=sources,
        decided=is_decided,
    )
