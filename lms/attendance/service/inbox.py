"""What waits for a coordinator across sessions: counted for a badge, read for her inbox."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from lms.attendance.models import Amnesty, Petition, WalkIn
from lms.attendance.service.petitions import Waiting
from lms.attendance.service.register import RegisterLine, read_lines
from lms.db import Db
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession


def lines_of(db: Db, waiting: Sequence[Waiting], *, at: datetime) -> dict[int, RegisterLine]:
    """Return petition id → the person's line, for sessions that have begun; a fixed number of statements a session."""
    by_session: dict[int, list[Waiting]] = {}
    for one in waiting:
        if one.session.starts_at <= at:
            by_session.setdefault(one.session.id, []).append(one)
    found: dict[int, RegisterLine] = {}
    for those in by_session.values():
        people = [one.person.id for one in those]
        lines = {line.person.id: line for line in read_lines(db, those[0].session, at=at, person_ids=people)}
        found |= {one.petition.id: lines[one.person.id] for one in those if one.person.id in lines}
    return found


def proposed(db: Db, reach: ColumnElement[bool]) -> list[tuple[Amnesty, LiveSession]]:
    """Return the proposed amnesties within reach with their sessions, the earliest first."""
    rows = db.execute(
        select(Amnesty, LiveSession)
        .join(LiveSession, LiveSession.id == Amnesty.session_id)
        .options(joinedload(LiveSession.batch).joinedload(Batch.programme))
        .where(Amnesty.state == "proposed", reach)
        .order_by(Amnesty.starts_at, Amnesty.id)
    )
    return [(row.Amnesty, row.LiveSession) for row in rows]


def count(db: Db, petitions: ColumnElement[bool], guests: ColumnElement[bool], amnesties: ColumnElement[bool]) -> int:
    """Return how many things wait; the conditions say which of them are within reach. One statement."""
    asked = (
        select(func.count(Petition.id))
        .join(LiveSession, LiveSession.id == Petition.session_id)
        .where(Petition.state == "asked", LiveSession.status == "scheduled", petitions)
        .scalar_subquery()
    )
    came = select(func.count()).select_from(WalkIn).where(WalkIn.state == "open", guests).scalar_subquery()
    struck = select(func.count(Amnesty.id)).where(Amnesty.state == "proposed", amnesties).scalar_subquery()
    return db.scalar(select(asked + came + struck)) or 0
