"""Attendance over Socket.IO: what the room page reports, and what a register page watches."""

from datetime import datetime
from typing import Any

from flask import Flask

from lms import clock
from lms import db as database
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.rules.drafts import WatchDraft, WitnessDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import marks, recording, register
from lms.attendance.service.reach import units_shown
from lms.attendance.watching import Publisher, Snapshots, people_here, rooms_of, times_of, times_room
from lms.attendance.witness import Witness
from lms.db import Db, reading, together
from lms.sessions.models import LiveSession
from lms.web import sockets

_witness: Witness | None = None
_snapshots = Snapshots()


@sockets.on("attendance:connected", WitnessDraft)
def connected(draft: WitnessDraft) -> dict[str, Any]:
    return _record(Kind.CONNECTED, draft, needs=Permission.SESSION_ATTEND)


@sockets.on("attendance:joined", WitnessDraft)
def joined(draft: WitnessDraft) -> dict[str, Any]:
    return _record(Kind.JOINED, draft, needs=Permission.SESSION_ATTEND)


@sockets.on("attendance:resumed", WitnessDraft)
def resumed(draft: WitnessDraft) -> dict[str, Any]:
    return _record(Kind.RESUMED, draft, needs=Permission.SESSION_ATTEND)


@sockets.on("attendance:left", WitnessDraft)
def left(draft: WitnessDraft) -> dict[str, Any]:
    return _record(Kind.LEFT, draft, needs=Permission.SESSION_ATTEND)


@sockets.on("attendance:opened_elsewhere", WitnessDraft)
def opened_elsewhere(draft: WitnessDraft) -> dict[str, Any]:
    return _record(Kind.OPENED_ELSEWHERE, draft, needs=Permission.SESSION_ATTEND)


def _record(kind: Kind, draft: WitnessDraft, *, needs: Permission) -> dict[str, Any]:
    """Store what the page reports and acknowledge after the commit; "since" is when recording began (ISO UTC), "times"
    the session's times as they are now."""
    at = clock.now()
    sid = sockets.current_sid()
    who = guard.principal()
    witness = current_witness()
    opened = sockets.opened(sid)

    def store(db: Db) -> tuple[bool, datetime | None, dict[str, Any]]:
        session = guard.load(db, LiveSession, draft.session, needs=needs)
        is_new = recording.witness(
            db,
            session,
            kind,
            draft,
            connection_id=sid,
            boot_id=witness.boot_id,
            by=who.id,
            at=at,
            opened=opened,
        )
        marks.judge_marks(db, session, at=at, person_ids=[who.id])
        return is_new, recording.recorded_since(db, session.id, who.id), times_of(session, at)

    is_new, since, times = together(store)
    # Before the answer, which tells the times as they are: from here on a change of them is pushed.
    sockets.enter(times_room(draft.session))
    if not sockets.is_alive(sid):
        # The connection ended while this event waited: its drop may have been stored before there was
        # a row to attach it to.
        witness.lost(sid, at, "ended while recording")
    return {"since": since.isoformat() if since else None, "at": at.isoformat(), "new": is_new, "times": times}


@sockets.on("room:watch", WatchDraft)
def watch_room(draft: WatchDraft) -> dict[str, Any]:
    """Give who else is in the practice room, and send changes from now on."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
        sockets.enter(f"room:{session.id}")
        return {"people": people_here(db, session, at)}


@sockets.on("register:watch", WatchDraft)
def watch(draft: WatchDraft) -> dict[str, Any]:
    """Give the register's lines with its version, and send changes from now on.

    To a page drawn a moment ago (`since` is its version) only the lines with news since then.
    """
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.REGISTER_READ)
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_READ))
    # First the rooms, then the snapshot, in a transaction begun after them: a change in between arrives twice
    # rather than never.
    for room in rooms_of(session.id, units):
        sockets.enter(room)
    seen = _snapshots.read(session, since=draft.since)
    lines = [line for unit, line in seen.lines if units is None or unit in units]
    return {"version": seen.version, "at": seen.at.isoformat(), "lines": lines}


@sockets.on("register:version", WatchDraft)
def version(draft: WatchDraft) -> dict[str, Any]:
    """Give the register's version, so that a watcher notices a message that never came."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.REGISTER_READ)
        return {"version": register.version(db, session.id)}


def current_witness() -> Witness:
    """Return this process's witness, its boot row written."""
    if _witness is None:
        raise RuntimeError("attendance is not set up: call create_app() first")
    _witness.ensure_booted()
    return _witness


def init_app(app: Flask) -> None:
    """Bind this process's witness and publisher to the app; their threads start with the serving process."""
    global _witness
    witness = _witness = Witness()
    database.current().publish = Publisher().publish
    sockets.on_disconnect(_lost)
    app.extensions.setdefault("at_start", []).append(witness.start)
    app.extensions.setdefault("at_stop", []).append(witness.stop)


def _lost(connection_id: str, last_heard: Any, reason: str) -> None:
    if _witness is not None:
        _witness.lost(connection_id, last_heard, reason)
