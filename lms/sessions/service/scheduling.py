"""Set, change, move, cancel and restore sessions. What a calendar shows of one raises its SEQUENCE."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from lms.accounts.service.audit import record_act
from lms.courses.models import Module
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.sessions.models import LiveSession, SessionInstructor, SessionModule
from lms.sessions.rules import (
    Policy,
    SessionDraft,
    doors,
    lesson_hours,
    move_breaks,
    new_room_name,
    read_breaks,
    stored_breaks,
)
from lms.sessions.service.telling import concerned, tell


def schedule(
    db: Db, batch: Batch, draft: SessionDraft, *, by: int | None, at: datetime, is_told: bool = True
) -> LiveSession:
    """Return a new session of the batch: judged by the programme's minimum of today, its room named for good.

    Everyone concerned is told, unless it is already over (recorded afterwards) or `is_told` is False.
    Raises Conflict for a batch put aside, Invalid for an instructor or module from elsewhere.
    """
    if batch.archived_at is not None:
        raise Conflict("batch_archived", batch=batch.name)
    programme = db.get_one(Programme, batch.programme_id)
    session = LiveSession(
        batch_id=batch.id,
        room_name=new_room_name(programme.slug),
        meeting_server="",
        policy=Policy(minimum_share=float(programme.minimum_share)).stored(),
        uid=f"{uuid.uuid4()}@jembatan",
        sequence=0,
        status="scheduled",
        created_at=at,
        created_by=by,
        changed_at=at,
    )
    _fill(session, draft)
    db.add(session)
    db.flush()
    _assign(db, session, draft.instructor_ids, draft.module_ids)
    record_act(db, "session_scheduled", "session", session.id, by=by, at=at, starts_at=session.starts_at.isoformat())
    if is_told and session.ends_at > at:
        tell(db, session, "session_scheduled", concerned(db, session), by=by, at=at)
    return session


def edit(
    db: Db, session: LiveSession, draft: SessionDraft, *, by: int | None, at: datetime, is_told: bool = True
) -> bool:
    """Change a session; return whether people were told: of another time, place or mode, not of a typing error.

    Raises Conflict when it is cancelled, was changed by somebody else meanwhile, or its time is to
    change after it ended; Invalid like `schedule`.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    if draft.sequence is not None and draft.sequence != session.sequence:
        raise Conflict("session_changed_meanwhile")
    old = _standing(session)
    old_window = Interval(session.starts_at, session.ends_at)
    if draft.mode != session.mode and session.has_evidence:
        raise Conflict("session_mode_settled")
    if draft.meeting_server not in ("", session.meeting_server) and session.has_evidence:
        # Whoever is in the old room would stay there, and its server would no longer be heard.
        raise Conflict("session_server_settled")
    if draft.may_be_recorded and not session.may_be_recorded and session.has_evidence:
        # Whoever is inside entered without having been told.
        raise Conflict("session_recording_settled")
    _fill(session, draft)
    _assign(db, session, draft.instructor_ids, draft.module_ids)
    return _note_change(db, session, old, old_window, by=by, at=at, is_told=is_told)


def move(
    db: Db,
    session: LiveSession,
    window: Interval,
    *,
    place: str | None = None,
    by: int | None,
    at: datetime,
    is_told: bool = True,
) -> None:
    """Move a session to another time (and place); its breaks move with it. Raises Conflict like `edit`."""
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    if window.end <= window.start:
        raise Invalid(Problem.of("session_ends_before_start", field="ends"))
    old = _standing(session)
    old_window = Interval(session.starts_at, session.ends_at)
    breaks = move_breaks(read_breaks(session.breaks), old=old_window, new=window)
    set_time(session, window, breaks)
    if place is not None:
        session.place = place
    _note_change(db, session, old, old_window, by=by, at=at, is_told=is_told)


def cancel(db: Db, session: LiveSession, reason: str, *, by: int | None, at: datetime, is_told: bool = True) -> None:
    """Cancel a session and tell everyone why. It stays in the calendar, crossed out, and can be restored.

    Raises Conflict when it is cancelled already, or is over and somebody attended: what took place cannot
    be called off.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    if session.ends_at <= at and session.has_evidence:
        raise Conflict("session_took_place")
    session.status, session.cancelled_reason = "cancelled", reason
    note_times(db, session, at)
    record_act(db, "session_cancelled", "session", session.id, by=by, at=at, note=reason)
    if is_told:
        tell(db, session, "session_cancelled", concerned(db, session), by=by, at=at, reason=reason)


def restore(db: Db, session: LiveSession, *, by: int | None, at: datetime, is_told: bool = True) -> None:
    """Take a cancellation back and tell everyone. Raises Conflict when there is none, or its time is over."""
    if session.status != "cancelled":
        raise Conflict("session_not_cancelled")
    if session.ends_at <= at:
        raise Conflict("session_is_over")
    session.status, session.cancelled_reason = "scheduled", ""
    note_times(db, session, at)
    record_act(db, "session_restored", "session", session.id, by=by, at=at)
    if is_told:
        tell(db, session, "session_restored", concerned(db, session), by=by, at=at)


def set_policy(db: Db, session: LiveSession, policy: Policy, *, by: int | None, at: datetime) -> None:
    """Change what the session is judged by. Raises Conflict once its doors are open, Invalid for nonsense.

    From then on people attend under known rules; only an audited re-judgement may change them.
    """
    if at >= doors(session.starts_at, session.ends_at).start:
        raise Conflict("session_policy_settled")
    if problems := policy.problems():
        raise Invalid(problems)
    old = dict(session.policy)
    session.policy = policy.stored()
    record_act(db, "session_policy_changed", "session", session.id, by=by, at=at, old=old, new=session.policy)
    db.touch(session.id, None)


def _fill(session: LiveSession, draft: SessionDraft) -> None:
    session.mode = draft.mode.value
    session.title_id, session.title_en, session.place = draft.title_id, draft.title_en, draft.place
    session.may_be_recorded = draft.may_be_recorded
    session.meeting_server = draft.meeting_server or session.meeting_server or ""
    set_time(session, Interval(draft.starts_at, draft.ends_at), draft.breaks)


def set_time(session: LiveSession, window: Interval, breaks: Sequence[Interval]) -> None:
    """Set when the session is held, its breaks, and what that is worth in lesson hours."""
    session.starts_at, session.ends_at = window
    session.breaks = stored_breaks(breaks)
    session.lesson_hours = Decimal(str(lesson_hours(window.start, window.end, breaks)))


def _standing(session: LiveSession) -> tuple[Any, ...]:
    """Return what people plan their day by."""
    return session.starts_at, session.ends_at, session.place, session.mode


def _note_change(
    db: Db,
    session: LiveSession,
    old: tuple[Any, ...],
    old_window: Interval,
    *,
    by: int | None,
    at: datetime,
    is_told: bool,
) -> bool:
    window = Interval(session.starts_at, session.ends_at)
    if window != old_window and old_window.end <= at:
        raise Conflict("session_is_over")
    has_moved = _standing(session) != old
    note_times(db, session, at)
    was = {"from": old_window.start.isoformat(), "to": window.start.isoformat()} if window != old_window else {}
    record_act(db, "session_moved" if has_moved else "session_changed", "session", session.id, by=by, at=at, **was)
    if not (is_told and has_moved and session.ends_at > at):
        return False
    people = concerned(db, session, old_window)
    tell(db, session, "session_moved", people, by=by, at=at, was_at=old_window.start)
    return True


def note_times(db: Db, session: LiveSession, at: datetime) -> None:
    """Note that what a calendar shows has changed; registers that are watched are read again."""
    session.sequence += 1
    session.changed_at = at
    db.flush()
    db.touch(session.id, None)


def _assign(db: Db, session: LiveSession, instructor_ids: Sequence[int], module_ids: Sequence[int]) -> None:
    """Set who teaches and what is to be read; a session whose modules are of one course belongs to it."""
    teaching = set(
        db.scalars(
            select(Enrolment.person_id).where(Enrolment.batch_id == session.batch_id, Enrolment.role == "instructor")
        )
    )
    if set(instructor_ids) - teaching:
        raise Invalid(Problem.of("session_instructor_unknown", field="instructor_ids"))
    offered = db.execute(
        select(Module.id, Module.course_id)
        .join(ProgrammeCourse, ProgrammeCourse.course_id == Module.course_id)
        .join(Batch, Batch.programme_id == ProgrammeCourse.programme_id)
        .where(Batch.id == session.batch_id)
    )
    course_of = dict(offered.all())
    if set(module_ids) - set(course_of):
        raise Invalid(Problem.of("session_module_unknown", field="module_ids"))
    courses = {course_of[module_id] for module_id in module_ids}
    session.course_id = courses.pop() if len(courses) == 1 else None
    teaches = SessionInstructor.session_id == session.id
    # Whoever stays keeps the row: it may tell whose place she takes and why.
    db.execute(delete(SessionInstructor).where(teaches, SessionInstructor.person_id.not_in(instructor_ids)))
    staying = set(db.scalars(select(SessionInstructor.person_id).where(teaches)))
    db.execute(delete(SessionModule).where(SessionModule.session_id == session.id))
    db.add_all(
        SessionInstructor(session_id=session.id, person_id=person_id)
        for person_id in instructor_ids
        if person_id not in staying
    )
    db.add_all(SessionModule(session_id=session.id, module_id=module_id) for module_id in module_ids)
    db.flush()
