"""Who taught a session, when by the evidence, and in whose place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person
from lms.attendance.rules.judgement import Judgement
from lms.attendance.rules.presence import Presence
from lms.attendance.rules.teaching import hours_taught
from lms.attendance.rules.timeline import Span, timeline
from lms.attendance.service.standing import read_standing
from lms.db import Db
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import read_breaks


@dataclass(frozen=True)
class Teacher:
    """An instructor of a session: `hours` (JP) by evidence, None where nobody has witnessed anything."""

    person: Person
    stands_in_for: Person | None
    reason: str
    verdict: Judgement
    presence: Presence
    spans: tuple[Span, ...]
    hours: float | None


def read_teachers(db: Db, session: LiveSession, *, at: datetime) -> list[Teacher]:
    """Return who teaches the session, by name."""
    absent = aliased(Person)
    rows = db.execute(
        select(SessionInstructor, Person, absent)
        .join(Person, Person.id == SessionInstructor.person_id)
        .outerjoin(absent, absent.id == SessionInstructor.stands_in_for)
        .where(SessionInstructor.session_id == session.id)
        .order_by(Person.name, Person.id)
    ).all()
    standing = read_standing(db, session, [person.id for _, person, _ in rows])
    found = []
    for teaching, person, other in rows:
        presence = standing.presence(person.id, at)
        verdict = standing.judge(person.id, at, found=presence)
        spans = timeline(presence, verdict, standing.window, read_breaks(session.breaks))
        hours = hours_taught(verdict, float(session.lesson_hours)) if presence.intervals else None
        found.append(Teacher(person, other, teaching.reason, verdict, presence, tuple(spans), hours))
    return found
