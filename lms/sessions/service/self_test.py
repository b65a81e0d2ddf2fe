"""What our own tables add to the self-test: that its event was made sense of, and when a real one last came."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from lms.db import Db
from lms.kernel.errors import Said
from lms.sessions.jitsi.self_test import TEST_ROOM, Link, State
from lms.sessions.models import JitsiEvent

# Kept for a look at what happened, then thrown away: they belong to no session.
KEPT = timedelta(days=1)


def arrived(db: Db, room: str) -> Link:
    """Return whether the event of this test room was stored and interpreted: it belongs to no session, and says so."""
    row = db.execute(select(JitsiEvent.interpreted_at, JitsiEvent.outcome).where(JitsiEvent.room == room)).one_or_none()
    if row is None:
        return Link("jitsi_link_arrived", State.BAD, Said("jitsi_test_not_stored"), "PUBLIC_URL")
    if row.interpreted_at is None or row.outcome != "unknown_room":
        return Link("jitsi_link_arrived", State.BAD, Said("jitsi_test_not_interpreted"))
    return Link("jitsi_link_arrived", State.GOOD, Said("jitsi_test_interpreted"))


def last_real_event(db: Db, server: str) -> Link:
    """Return when this meeting server last told us something about a session of ours."""
    last = db.scalar(
        select(func.max(JitsiEvent.received_at)).where(JitsiEvent.session_id.is_not(None), JitsiEvent.server == server)
    )
    if last is None:
        return Link("jitsi_link_real", State.UNTRIED, Said("jitsi_test_never"))
    return Link("jitsi_link_real", State.GOOD, Said("jitsi_test_last", {"moment": last}))


def forget_tests(db: Db, *, at: datetime) -> None:
    """Throw away the events of past self-tests."""
    db.execute(delete(JitsiEvent).where(JitsiEvent.room.startswith(TEST_ROOM), JitsiEvent.received_at < at - KEPT))
