"""Another instructor teaches in somebody's place: who, for whom and why is part of the session's record."""

from datetime import datetime

from sqlalchemy import delete, select

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.outbox import service as outbox
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession, SessionInstructor


def stand_in(
    db: Db, session: LiveSession, person_id: int, *, instead_of: int, reason: str, by: int, at: datetime
) -> bool:
    """Let an instructor of the batch teach in another's place, before or after the fact; return whether that was news.

    Both are told. Raises NotFound for somebody who does not teach it, Invalid for who is no instructor of the
    batch, Conflict for who teaches it already.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    teaching = {row.person_id: row for row in _teaching(db, session)}
    there = teaching.get(person_id)
    if there is not None and there.stands_in_for == instead_of and instead_of not in teaching:
        return False
    if instead_of not in teaching:
        raise NotFound()
    if there is not None:
        raise Conflict("stand_in_teaches_already")
    is_instructor = select(Enrolment.id).where(
        Enrolment.batch_id == session.batch_id,
        Enrolment.person_id == person_id,
        Enrolment.role == "instructor",
        Enrolment.ends_at.is_(None),
    )
    if db.scalar(is_instructor) is None:
        raise Invalid(Problem.of("session_instructor_unknown", field="person"))
    # Who stood in and is replaced in turn: the record still names who was planned.
    planned = teaching[instead_of].stands_in_for or instead_of
    _replace(db, session, instead_of, person_id, None if planned == person_id else planned, reason)
    record_act(
        db, "instructor_replaced", "session", session.id, by=by, at=at, note=reason, old=instead_of, new=person_id
    )
    both = select(Person.id, Person.name).where(Person.id.in_([instead_of, person_id]))
    names = {row.id: row.name for row in db.execute(both)}
    params = {
        "title": {"id": session.title_id, "en": session.title_en or session.title_id},
        "starts_at": session.starts_at,
        "old": names[instead_of],
        "new": names[person_id],
        "reason": reason,
    }
    for told in sorted({instead_of, person_id} - {by}):
        outbox.notify(db, told, "instructor_replaced", params, f"/sessions/{session.id}", at=at)
    return True


def _teaching(db: Db, session: LiveSession) -> list[SessionInstructor]:
    return list(db.scalars(select(SessionInstructor).where(SessionInstructor.session_id == session.id)))


def _replace(db: Db, session: LiveSession, old: int, new: int, planned: int | None, reason: str) -> None:
    db.execute(
        delete(SessionInstructor).where(SessionInstructor.session_id == session.id, SessionInstructor.person_id == old)
    )
    row = SessionInstructor(
        session_id=session.id, person_id=new, stands_in_for=planned, reason=reason if planned else ""
    )
    db.add(row)
    db.flush()
    db.touch(session.id, None)
