"""A coordinator's part: today's sessions, registers to sign, people in danger, and the batches."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from lms.attendance.models import Mark, Register
from lms.attendance.rules.judgement import Status
from lms.attendance.service import inbox
from lms.attendance.service.balance import Concern, read_concerns
from lms.attendance.service.marks import DETECTION
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch, Enrolment, Programme
from lms.sessions.models import LiveSession
from lms.sessions.service.listing import SessionCard, between, cards

SHOWN = 8
# A batch that ended long ago and was never put aside no longer asks for anything.
RECENT = timedelta(days=60)


@dataclass(frozen=True)
class Unsigned:
    """A register that waits for a signature, with how many marks it holds and how many are not yet known."""

    session: LiveSession
    marks: int
    unknown: int


@dataclass(frozen=True)
class BatchState:
    """A batch with its trainees of today and its next session (None: none is planned)."""

    batch: Batch
    trainees: int
    next_at: datetime | None

    @property
    def programme(self) -> Programme:
        return self.batch.programme


@dataclass(frozen=True)
class Coordinating:
    """What a coordinator's part shows. Counts are of all, lists of the first few."""

    today: tuple[SessionCard, ...]
    unsigned: tuple[Unsigned, ...]
    unsigned_count: int
    requests: int
    concerns: tuple[Concern, ...]
    concern_count: int
    # Of those in danger who are not shown: batch, its name, and how many.
    more_concerns: tuple[tuple[int, str, int], ...]
    batches: tuple[BatchState, ...]
    batch_count: int

    @property
    def waiting(self) -> int:
        return self.unsigned_count + self.requests + self.concern_count


@dataclass(frozen=True)
class Sight:
    """Conditions, made by the guard at the edge: which sessions she watches and signs, whose lines and which batches
    she sees (on LiveSession, LiveSession, Enrolment and Batch), and which requests, walk-ins and amnesties are hers."""

    watches: ColumnElement[bool]
    signs: ColumnElement[bool]
    people: ColumnElement[bool]
    batches: ColumnElement[bool]
    petitions: ColumnElement[bool]
    guests: ColumnElement[bool]
    amnesties: ColumnElement[bool]


def read_coordinating(
    db: Db, sight: Sight, *, today: Interval, at: datetime, all_unsigned: bool = False
) -> Coordinating:
    """Return a coordinator's part. Six statements. `today` is the reader's day; `all_unsigned` lists every register."""
    unsigned, unsigned_count = _unsigned(db, sight.signs, at, None if all_unsigned else SHOWN)
    concerns = read_concerns(db, sight.people, at=at)
    batches, batch_count = _batches(db, sight, at)
    return Coordinating(
        today=tuple(cards(db, between(today).where(sight.watches, LiveSession.status == "scheduled"), at=at)),
        unsigned=tuple(unsigned),
        unsigned_count=unsigned_count,
        requests=inbox.count(db, sight.petitions, sight.guests, sight.amnesties),
        concerns=tuple(concerns[:SHOWN]),
        concern_count=len(concerns),
        more_concerns=tuple(
            (batch_id, name, many)
            for (batch_id, name), many in Counter((one.batch_id, one.batch) for one in concerns[SHOWN:]).items()
        ),
        batches=tuple(batches),
        batch_count=batch_count,
    )


def _unsigned(db: Db, signs: ColumnElement[bool], at: datetime, most: int | None) -> tuple[list[Unsigned], int]:
    def marks(*where: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count(Mark.id)).where(Mark.session_id == LiveSession.id, *where).scalar_subquery()

    rows = db.execute(
        select(
            LiveSession,
            marks().label("marks"),
            marks(Mark.status == Status.UNKNOWN.value).label("unknown"),
            func.count().over().label("whole"),
        )
        .options(joinedload(LiveSession.batch).joinedload(Batch.programme))
        .join(Batch, Batch.id == LiveSession.batch_id)
        .outerjoin(Register, Register.session_id == LiveSession.id)
        .where(
            signs,
            Register.session_id.is_(None),
            LiveSession.status == "scheduled",
            LiveSession.ends_at <= at - DETECTION,
            Batch.archived_at.is_(None),
        )
        .order_by(LiveSession.ends_at, LiveSession.id)
        .limit(most)
    ).all()
    found = [Unsigned(row.LiveSession, row.marks, row.unknown) for row in rows]
    return found, rows[0].whole if rows else 0


def _batches(db: Db, sight: Sight, at: datetime) -> tuple[list[BatchState], int]:
    trainees = (
        select(func.count(Enrolment.person_id.distinct()))
        .where(
            Enrolment.batch_id == Batch.id,
            Enrolment.role == "trainee",
            Enrolment.starts_at <= at,
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
            sight.people,
        )
        .correlate(Batch)
        .scalar_subquery()
    )
    next_at = (
        select(func.min(LiveSession.starts_at))
        .where(LiveSession.batch_id == Batch.id, LiveSession.status == "scheduled", LiveSession.ends_at > at)
        .correlate(Batch)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Batch, trainees.label("trainees"), next_at.label("next_at"), func.count().over().label("whole"))
        .where(sight.batches, Batch.archived_at.is_(None), Batch.ends_on >= (at - RECENT).date())
        .options(joinedload(Batch.programme))
        # What runs before what is still to come: it is what one looks after today.
        .order_by(Batch.starts_on > at.date(), Batch.starts_on.desc(), Batch.id.desc())
        .limit(SHOWN)
    ).all()
    return [BatchState(row.Batch, row.trainees, row.next_at) for row in rows], rows[0].whole if rows else 0
