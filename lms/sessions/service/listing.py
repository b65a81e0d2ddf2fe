"""Read sessions: as cards of a list, as one page, the next one of a person, and what overlaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.courses.models import Course, Module, Progress, Revision
from lms.db import Db, built_once
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.programmes.service.members import Member, everyone_ever
from lms.sessions.models import LiveSession, SessionInstructor, SessionModule
from lms.sessions.rules import DOOR_AFTER, Phase, phase


@dataclass(frozen=True)
class SessionCard:
    """A session in a list: the row with its batch and programme, who teaches, and where it stands now."""

    session: LiveSession
    instructors: tuple[str, ...]
    phase: Phase


@dataclass(frozen=True)
class Reading:
    """A module that belongs to a session, titled in both languages (empty: not written); `is_read` by the asker."""

    course: Course
    module: Module
    title_id: str
    title_en: str
    is_read: bool


@dataclass(frozen=True)
class Overlap:
    """Another session at the same time: of the same batch, or with these instructors of ours."""

    starts_at: datetime
    ends_at: datetime
    batch: str
    same_batch: bool
    instructors: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the form of a session offers: who may teach it and which modules it may name."""

    instructors: tuple[Member, ...]
    readings: tuple[Reading, ...]


def with_batch(statement: Select[LiveSession]) -> Select[LiveSession]:
    """Return the statement that also loads each session's batch and programme."""
    return statement.options(joinedload(LiveSession.batch).joinedload(Batch.programme))


def find(db: Db, session_id: int) -> LiveSession | None:
    """Return the session with its batch and programme; for jobs, which authorise nobody."""
    return db.scalars(with_batch(select(LiveSession).where(LiveSession.id == session_id))).one_or_none()


def find_all(db: Db, session_ids: Sequence[int]) -> list[LiveSession]:
    """Return these sessions with their batch and programme in order of time; for jobs."""
    rows = with_batch(select(LiveSession).where(LiveSession.id.in_(session_ids)))
    return list(db.scalars(rows.order_by(LiveSession.starts_at, LiveSession.id)))


def taken_days(db: Db, batch_id: int, windows: Sequence[Interval]) -> set[Interval]:
    """Return those of these windows in which the batch has a session already: worth a look, no error."""
    if not windows:
        return set()
    held = db.execute(
        select(LiveSession.starts_at, LiveSession.ends_at).where(
            LiveSession.batch_id == batch_id,
            LiveSession.status == "scheduled",
            LiveSession.starts_at < max(window.end for window in windows),
            LiveSession.ends_at > min(window.start for window in windows),
        )
    ).all()
    return {
        window for window in windows if any(row.starts_at < window.end and row.ends_at > window.start for row in held)
    }


def cards(db: Db, statement: Select[LiveSession], *, at: datetime) -> list[SessionCard]:
    """Return the statement's sessions as cards in its order; two statements however many rows."""
    return _cards(db, db.scalars(with_batch(statement)), at)


def _cards(db: Db, rows: Iterable[LiveSession], at: datetime) -> list[SessionCard]:
    sessions = list(rows)
    teaching = instructors_of(db, [session.id for session in sessions])
    return [SessionCard(session, teaching.get(session.id, ()), phase_of(session, at)) for session in sessions]


def phase_of(session: LiveSession, at: datetime) -> Phase:
    """Return where this session stands at this instant."""
    return phase(starts_at=session.starts_at, ends_at=session.ends_at, cancelled=session.status == "cancelled", at=at)


def instructors_of(db: Db, session_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return who teaches each session, names with titles in the order of the alphabet; no entry for nobody."""
    if not session_ids:
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for row in db.execute(*_teaching(list(session_ids))):
        name = with_titles(row.title_before, row.name, row.title_after)
        found[row.session_id] = (*found.get(row.session_id, ()), name)
    return found


@built_once
def _teaching(session_ids: Any) -> Any:
    return (
        select(SessionInstructor.session_id, Person.title_before, Person.name, Person.title_after)
        .join(Person, Person.id == SessionInstructor.person_id)
        .where(SessionInstructor.session_id.in_(session_ids))
        .order_by(Person.name)
    )


def instructor_ids(db: Db, session_id: int) -> list[int]:
    """Return the ids of who teaches the session."""
    return list(db.scalars(select(SessionInstructor.person_id).where(SessionInstructor.session_id == session_id)))


def module_ids(db: Db, session_id: int) -> list[int]:
    """Return the ids of the modules that belong to the session."""
    return list(db.scalars(select(SessionModule.module_id).where(SessionModule.session_id == session_id)))


def of_batch(batch_id: int) -> Select[LiveSession]:
    """Return the statement of a batch's sessions in date order."""
    return select(LiveSession).where(LiveSession.batch_id == batch_id).order_by(LiveSession.starts_at, LiveSession.id)


def between(window: Interval, *, newest_first: bool = False) -> Select[LiveSession]:
    """Return the statement of sessions that touch the window, in date order or the newest first."""
    order = LiveSession.starts_at.desc() if newest_first else LiveSession.starts_at
    return (
        select(LiveSession)
        .where(LiveSession.starts_at < window.end, LiveSession.ends_at > window.start)
        .order_by(order, LiveSession.id)
    )


def of_person(person_id: int) -> ColumnElement[bool]:
    """Return the condition "this person was enrolled when it took place, or teaches it"."""
    enrolled = (
        select(Enrolment.id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.batch_id == LiveSession.batch_id,
            Enrolment.starts_at < LiveSession.ends_at,
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > LiveSession.starts_at),
        )
        .exists()
    )
    teaches = (
        select(SessionInstructor.session_id)
        .where(SessionInstructor.session_id == LiveSession.id, SessionInstructor.person_id == person_id)
        .exists()
    )
    return or_(enrolled, teaches)


def next_session(db: Db, person_id: int, at: datetime) -> SessionCard | None:
    """Return the session this person should think of now, or None: one whose doors are not closed yet.

    One in progress comes before one that merely overruns, and that before the next to come.
    """
    coming = _cards(db, db.scalars(*_coming(person_id, at - DOOR_AFTER)), at)
    urgency = {Phase.OPEN: 0, Phase.OVERRUN: 1, Phase.EARLY: 2}
    return min(coming, key=lambda card: urgency[card.phase], default=None)


@built_once
def _coming(person_id: Any, not_over_at: Any) -> Any:
    return with_batch(
        select(LiveSession)
        .where(LiveSession.status == "scheduled", LiveSession.ends_at > not_over_at, of_person(person_id))
        .order_by(LiveSession.starts_at, LiveSession.id)
        .limit(5)
    )


def readings(db: Db, session_id: int, person_id: int) -> list[Reading]:
    """Return what is to be read for the session, in the course's order, and what of it this person has read."""
    return _read_readings(db.execute(*_belonging(session_id, person_id)))


@built_once
def _belonging(session_id: Any, person_id: Any) -> Any:
    belongs = select(SessionModule.module_id).where(SessionModule.session_id == session_id)
    return _readings(Module.id.in_(belongs), person_id)


def choices(db: Db, batch: Batch) -> Choices:
    """Return whom and what a session of this batch may name."""
    courses = select(ProgrammeCourse.course_id).where(ProgrammeCourse.programme_id == batch.programme_id)
    instructors: dict[int, Member] = {}
    for member in everyone_ever(db, batch.id, roles=("instructor",)):
        if member.ends_at is None:
            instructors[member.person_id] = member
    return Choices(
        tuple(instructors.values()), tuple(_read_readings(db.execute(_readings(Module.course_id.in_(courses), 0))))
    )


def overlaps(db: Db, session: LiveSession) -> list[Overlap]:
    """Return what else happens at the same time to the same batch or the same instructors: worth a look, no error."""
    if session.status == "cancelled":
        return []
    mine = select(SessionInstructor.person_id).where(SessionInstructor.session_id == session.id)
    shared = select(SessionInstructor.session_id).where(SessionInstructor.person_id.in_(mine))
    others = db.scalars(
        with_batch(select(LiveSession))
        .where(
            LiveSession.id != session.id,
            LiveSession.status == "scheduled",
            LiveSession.starts_at < session.ends_at,
            LiveSession.ends_at > session.starts_at,
            or_(LiveSession.batch_id == session.batch_id, LiveSession.id.in_(shared)),
        )
        .order_by(LiveSession.starts_at, LiveSession.id)
    ).all()
    teaching = instructors_of(db, [session.id, *(other.id for other in others)])
    ours = set(teaching.get(session.id, ()))
    return [
        Overlap(
            other.starts_at,
            other.ends_at,
            other.batch.name,
            other.batch_id == session.batch_id,
            tuple(name for name in teaching.get(other.id, ()) if name in ours),
        )
        for other in others
    ]


def _readings(which: ColumnElement[bool], person_id: int) -> Any:
    return (
        select(Module, Course, Revision.language, Revision.title, Progress.read_at)
        .join(Course, Course.id == Module.course_id)
        .outerjoin(Revision, and_(Revision.module_id == Module.id, Revision.is_current.is_(True)))
        .outerjoin(Progress, and_(Progress.module_id == Module.id, Progress.person_id == person_id))
        .where(which, Module.archived_at.is_(None))
        .order_by(Course.position, Course.id, Module.position, Module.id)
    )


def _read_readings(rows: Iterable[Any]) -> list[Reading]:
    found: dict[int, Reading] = {}
    for module, course, language, title, read_at in rows:
        before = found.get(module.id)
        titles = {"id": before.title_id, "en": before.title_en} if before else {"id": "", "en": ""}
        if language:
            titles[language] = title
        found[module.id] = Reading(course, module, titles["id"], titles["en"], read_at is not None)
    # A module without a publication has nothing to read yet.
    return [reading for reading in found.values() if reading.title_id or reading.title_en]
