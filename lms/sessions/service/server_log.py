"""Everything the meeting server told of one session, read for the people who lead it."""

from datetime import datetime

from sqlalchemy import select

from lms.db import Db
from lms.sessions.jitsi.story import Stored, Story, tell
from lms.sessions.models import JitsiEvent

# A lecture of three hundred people tells some two thousand events; more would be a fault.
MOST_EVENTS = 5000


def read_log(db: Db, session_id: int, *, at: datetime) -> Story:
    """Return the session's story; empty when no server told anything."""
    rows = db.execute(
        select(JitsiEvent.sender, JitsiEvent.happened_at, JitsiEvent.body)
        .where(JitsiEvent.session_id == session_id)
        .order_by(JitsiEvent.happened_at, JitsiEvent.id)
        .limit(MOST_EVENTS)
    )
    return tell([Stored(row.sender, row.happened_at, row.body) for row in rows], at=at)
