"""What our own tables add to the self-test: that its event was made sense of, and when a real one last came."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from lms.db import Db, insert_new
from lms.kernel.errors import Said
from lms.sessions.jitsi.self_test import STAYED, TEST_ROOM, Link, State
from lms.sessions.models import JitsiEvent

# Kept for a look at what happened, then thrown away: they belong to no session.
KEPT = timedelta(days=1)
# What stands for the question of a server whether it may open a test room.
ASKED = "asked"


def arrived(db: Db, room: str) -> Link:
    """Return whether both events of this test room were stored and interpreted: they belong to no session, and say
    so."""
    told = [JitsiEvent.room == room, JitsiEvent.what != ASKED]
    rows = db.execute(select(JitsiEvent.interpreted_at, JitsiEvent.outcome).where(*told)).all()
    if len(rows) < 2:
        return Link("jitsi_link_arrived", State.BAD, Said("jitsi_test_not_stored"), "PUBLIC_URL")
    if any(row.interpreted_at is None or row.outcome != "unknown_room" for row in rows):
        return Link("jitsi_link_arrived", State.BAD, Said("jitsi_test_not_interpreted"))
    return Link("jitsi_link_arrived", State.GOOD, Said("jitsi_test_interpreted"))


def counted(stayed: timedelta) -> Link:
    """Return whether our own two events become just the time they tell of."""
    if stayed == STAYED:
        return Link("jitsi_link_evidence", State.GOOD, Said("jitsi_test_evidence", {"stayed": stayed}))
    return Link("jitsi_link_evidence", State.BAD, Said("jitsi_test_no_evidence", {"stayed": stayed, "told": STAYED}))


def note_asked(db: Db, room: str, server: str, *, at: datetime) -> None:
    """Note that a server asked whether it may open a test room."""
    key = hashlib.sha256(f"{server}|asked|{room}".encode()).hexdigest()
    row = {
        "sender": "event_sync",
        "server": server,
        "key": key,
        "what": ASKED,
        "room": room,
        "session_id": None,
        "happened_at": at,
        "received_at": at,
        "body": "",
        "interpreted_at": at,
        "outcome": "self_test",
    }
    insert_new(db, JitsiEvent, row, unique=["key"])


def told_there(db: Db, room: str) -> list[Link]:
    """Return whether a real server asked before it opened this test room, and told of all who came and went."""
    told = list(db.scalars(select(JitsiEvent.what).where(JitsiEvent.room == room)))
    asked = (
        Link("jitsi_link_asked", State.GOOD, Said("jitsi_there_asked"))
        if ASKED in told
        else Link("jitsi_link_asked", State.BAD, Said("jitsi_there_not_asked"), "reservations_api_prefix")
    )
    came, went = told.count("joined"), told.count("left")
    if came >= 2 and went >= 2:
        return [asked, Link("jitsi_link_told", State.GOOD, Said("jitsi_there_told"))]
    count = {"came": came, "went": went}
    code = "jitsi_there_told_part" if came or went else "jitsi_there_silent"
    return [asked, Link("jitsi_link_told", State.BAD, Said(code, count), "event_sync: api_prefix, api_headers")]


def counted_there(stayed: list[timedelta]) -> Link:
    """Return whether what the server told of the test people closes; they stayed for less than a moment."""
    if all(timedelta(0) <= one < STAYED for one in stayed):
        return Link("jitsi_link_counted", State.GOOD, Said("jitsi_there_counted"))
    return Link("jitsi_link_counted", State.BAD, Said("jitsi_there_not_counted"), "NTP")


def last_real_event(db: Db, server: str) -> Link:
    """Return when this meeting server last told us something about a session of ours."""
    last = db.scalar(
        select(func.max(JitsiEvent.received_at)).where(JitsiEvent.session_id.is_not(None), JitsiEvent.server == server)
    )
    if last is None:
        return Link("jitsi_link_real", State.UNTRIED, Said("jitsi_test_never"))
    return Link("jitsi_link_real", State.GOOD, Said("jitsi_test_last", {"moment": last}))


def uninterpreted(db: Db, *, at: datetime) -> Link:
    """Return whether events wait for longer than a moment, or could not be interpreted since yesterday."""
    moment_ago = at - timedelta(minutes=1)
    waits = db.scalar(
        select(func.count()).where(JitsiEvent.interpreted_at.is_(None), JitsiEvent.received_at < moment_ago)
    )
    failed = db.scalar(
        select(func.count()).where(
            JitsiEvent.outcome.in_(("failed", "unreadable")), JitsiEvent.received_at > at - timedelta(days=1)
        )
    )
    if waits or failed:
        return Link("jitsi_link_heap", State.BAD, Said("jitsi_heap", {"waits": waits or 0, "failed": failed or 0}))
    return Link("jitsi_link_heap", State.GOOD, Said("jitsi_no_heap"))


def try_again(db: Db, *, at: datetime) -> None:
    """Let events of the last days that we could not cope with be interpreted once more: we may have been mended."""
    lately = JitsiEvent.received_at > at - timedelta(days=3)
    db.execute(update(JitsiEvent).where(JitsiEvent.outcome == "failed", lately).values(interpreted_at=None))


def forget_tests(db: Db, *, at: datetime) -> None:
    """Throw away the events of past self-tests."""
    db.execute(delete(JitsiEvent).where(JitsiEvent.room.startswith(TEST_ROOM), JitsiEvent.received_at < at - KEPT))
