"""Jobs of attendance: judging sessions that have ended."""

from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import WorkerBoot
from lms.attendance.service import amnesties, marks, server_events
from lms.db import Db, reading, writing
from lms.outbox.jobs import every
from lms.sessions.models import LiveSession


@every(30, name="judge_ended_sessions")
def judge_ended_sessions(at: datetime) -> int:
    """Write the marks of sessions that have ended; return how many marks changed. Safe to run twice or at once."""
    with reading() as db:
        waiting = marks.sessions_to_judge(db, at=at)
    changed = 0
    for session_id in waiting:
        with writing() as db:
            changed += marks.judge_marks(db, locked_session(db, session_id), at=at)
    return changed


@every(10, name="interpret_server_events")
def interpret_server_events(at: datetime) -> None:
    """Make evidence of what the meeting server posted and nobody interpreted yet; only reads when nothing waits."""
    with reading() as db:
        if not server_events.any_waiting(db):
            return
    with writing() as db:
        server_events.interpret_waiting(db, at=at)


@every(60, name="propose_amnesties")
def propose_amnesties(at: datetime) -> int:
    """Find outages that struck many in sessions under way or just over; return how many are newly proposed."""
    with reading() as db:
        struck = amnesties.sessions_to_look_at(db, at=at)
        news = [one for one in struck if amnesties.has_news(db, db.get_one(LiveSession, one), at=at)]
    new = 0
    for session_id in news:
        with writing() as db:
            new += amnesties.propose_amnesties(db, locked_session(db, session_id), at=at)
    return new


def locked_session(db: Db, session_id: int) -> LiveSession:
    """Return the session's row, locked for the rest of the transaction, so that one judge works at a time."""
    return db.execute(select(LiveSession).where(LiveSession.id == session_id).with_for_update()).scalar_one()


def living_boots(db: Db, at: datetime) -> int:
    """Return how many serving processes beat within the last twenty seconds; for /healthz."""
    return len(
        db.scalars(
            select(WorkerBoot.id).where(WorkerBoot.ended_at.is_(None), WorkerBoot.beat_at > at - timedelta(seconds=20))
        ).all()
    )
