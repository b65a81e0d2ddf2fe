"""A session's register as it is handed out: one flat row a person, and every fact behind it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts.models import Person, Unit
from lms.attendance.models import Correction, Evidence, Mark, Register
from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.judgement import read_reasons
from lms.attendance.service.expecting import Expected, expected
from lms.attendance.service.sealing import Seal, read_seal
from lms.db import Db
from lms.kernel.errors import Said
from lms.kernel.intervals import Interval
from lms.reports.queries.cells import cell_of, state_of
from lms.reports.rules import Cell
from lms.sessions.models import LiveSession

# The page having been open says nothing about presence, and what was taken back nothing at all: of every other fact
# the witness is the mark's source.
_NO_WITNESS = (Kind.CONNECTED, Kind.RETRACTED)


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
    """A session's register as it is exported; `state` like a matrix column's, `signed_facts` the ids of the facts a
    signature rests on (None before it)."""

    rows: tuple[RegisterRow, ...]
    state: str
    seal: Seal
    signed_facts: frozenset[int] | None


@dataclass(frozen=True)
class Fact:
    """One piece of evidence as it is exported, with whom it is about and who recorded it."""

    id: int
    person: Expected
    source: str
    kind: str
    claimed_at: datetime
    received_at: datetime
    sequence: int
    key: str
    detail: dict[str, Any]
    by: str


def read_register(db: Db, session: LiveSession, *, at: datetime, units: Collection[int] | None) -> RegisterSheet:
    """Return the marks of everyone expected, by name; a fixed number of statements.

    `units` limits it to these units' people (None: everyone). Somebody without a mark yet has an empty cell: a
    register not judged says nothing rather than "absent".
    """
    people = [one for one in expected(db, session) if units is None or one.unit_id in units]
    names = {row.id: row.name for row in db.execute(select(Unit.id, Unit.name))}
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.session_id == session.id))}
    sources: dict[int, list[str]] = {}
    for person_id, source in db.execute(
        select(Evidence.person_id, Evidence.source)
        .where(Evidence.session_id == session.id, Evidence.kind.not_in([kind.value for kind in _NO_WITNESS]))
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
    signed = db.get(Register, session.id)
    rows = tuple(
        _register_row(
            person,
            names.get(person.unit_id or 0, ""),
            marks.get(person.id),
            tuple(sources.get(person.id, ())),
            person.id in decided,
        )
        for person in people
    )
    return RegisterSheet(
        rows,
        state_of(signed is not None, bool(marks), session.starts_at, session.ends_at, at),
        read_seal(db, session, at=at),
        frozenset(signed.evidence_ids) if signed is not None else None,
    )


def read_facts(db: Db, session: LiveSession, people: Collection[Expected]) -> Iterator[Fact]:
    """Give every piece of evidence about these people in the order it was stored, reading it as it is asked for."""
    known = {person.id: person for person in people}
    recorders = {
        row.id: row.name
        for row in db.execute(
            select(Person.id, Person.name).where(
                Person.id.in_(select(Evidence.by_id).where(Evidence.session_id == session.id))
            )
        )
    }
    rows = (
        select(
            Evidence.id,
            Evidence.person_id,
            Evidence.source,
            Evidence.kind,
            Evidence.claimed_at,
            Evidence.received_at,
            Evidence.sequence,
            Evidence.key,
            Evidence.detail,
            Evidence.by_id,
        )
        .where(Evidence.session_id == session.id)
        .order_by(Evidence.id)
        .execution_options(yield_per=1000)
    )
    for row in db.execute(rows):
        if row.person_id in known:
            yield Fact(
                row.id,
                known[row.person_id],
                row.source,
                row.kind,
                row.claimed_at,
                row.received_at,
                row.sequence,
                row.key,
                row.detail,
                recorders.get(row.by_id, ""),
            )


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
