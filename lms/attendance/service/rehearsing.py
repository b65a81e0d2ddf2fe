"""Plays what a self-test made a meeting server tell through everything a real lecture's events go through.

The people and the lecture are made for it and nobody ever sees them: the caller takes the whole transaction back.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.service import server_events
from lms.attendance.service.standing import read_standing
from lms.db import Db
from lms.kernel.intervals import total
from lms.programmes.models import Batch, Enrolment, Programme
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.rules import Mode, Policy

# The lecture reaches further on both sides than any test lasts.
AROUND = timedelta(minutes=30)


def rehearse(db: Db, room: str, names: Sequence[str], *, at: datetime) -> list[timedelta]:
    """Return how long each of these test people was in the room by the stored events' own account.

    Rolls nothing back itself: call it in a transaction that will be.
    """
    session, people = _stage(db, room, names, at)
    for row in db.scalars(select(JitsiEvent).where(JitsiEvent.room == room, JitsiEvent.body != "")).all():
        body = db.scalar(select(JitsiEvent.body).where(JitsiEvent.id == row.id)) or ""
        for name, person in zip(names, people, strict=True):
            body = body.replace(json.dumps(name), json.dumps(str(person.id)))
        row.body, row.session_id, row.interpreted_at = body, session.id, None
    db.flush()
    while server_events.interpret_waiting(db, at=at):
        db.flush()
    standing = read_standing(db, session, [person.id for person in people])
    return [total(standing.presence(person.id, at).intervals) for person in people]


def _stage(db: Db, room: str, names: Sequence[str], at: datetime) -> tuple[LiveSession, list[Person]]:
    """Return a lecture going on now and the people of its batch."""
    programme = Programme(slug=room[:60], title_id=room, created_at=at)
    people = [Person(name=name, created_at=at) for name in names]
    db.add_all([programme, *people])
    db.flush()
    day = date(at.year, at.month, at.day)
    batch = Batch(programme_id=programme.id, name=room[:60], starts_on=day, ends_on=day, created_at=at)
    db.add(batch)
    db.flush()
    db.add_all(
        Enrolment(batch_id=batch.id, person_id=person.id, role="trainee", starts_at=at - AROUND) for person in people
    )
    session = LiveSession(
        batch_id=batch.id,
        mode=Mode.TELECONFERENCE.value,
        title_id=room,
        starts_at=at - AROUND,
        ends_at=at + AROUND,
        room_name=room,
        policy=Policy().stored(),
        uid=room,
        created_at=at,
        changed_at=at,
    )
    db.add(session)
    db.flush()
    return session, people
