"""Attendance over Socket.IO: what the room page reports, and what a register page watches."""

import logging
import threading
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
from lms.attendance.witness import Witness
from lms.db import Db, reading, writing
from lms.sessions.models import LiveSession
from lms.web import sockets

# Changes are gathered this long before watchers hear of them, so that a class joining at once is one message.
FLUSH_SECONDS = 0.4

log = logging.getLogger(__name__)

_witness: Witness | None = None


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
    """Store what the page reports and acknowledge after the commit; "since" is when recording began (ISO UTC)."""
    at = clock.now()
    sid = sockets.current_sid()
    who = guard.principal()
    witness = current_witness()
    with writing() as db:
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
            opened=sockets.opened(sid),
        )
        marks.judge_marks(db, session, at=at, person_ids=[who.id])
        since = recording.recorded_since(db, session.id, who.id)
    if not sockets.is_alive(sid):
        # The connection ended while this event waited: its drop may have been stored before there was
        # a row to attach it to.
        witness.lost(sid, at, "ended while recording")
    return {"since": since.isoformat() if since else None, "at": at.isoformat(), "new": is_new}


@sockets.on("room:watch", WatchDraft)
def watch_room(draft: WatchDraft) -> dict[str, Any]:
    """Give who else is in the practice room, and send changes from now on."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
        sockets.enter(f"room:{session.id}")
        return {"people": _people(db, session, at)}


# A list nobody can read helps nobody, and sending it to everyone would be the square of the class.
_PEOPLE_SHOWN = 60


def _people(db: Db, session: LiveSession, at: datetime) -> list[dict[str, Any]]:
    """Return who is in the conference by evidence: [{id, name}], by name, at most `_PEOPLE_SHOWN`."""
    return [{"id": person_id, "name": name} for person_id, name in register.who_is_here(db, session, at, _PEOPLE_SHOWN)]


@sockets.on("register:watch", WatchDraft)
def watch(draft: WatchDraft) -> dict[str, Any]:
    """Give the register's lines with its version, and send changes from now on."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.REGISTER_READ)
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_READ))
        # First the room, then the snapshot: a change in between arrives twice rather than never.
        for room in _rooms_of(session.id, units):
            sockets.enter(room)
        lines = [line for line in register.read_lines(db, session, at=at) if _is_shown(line, units)]
        return {
            "version": register.version(db, session.id),
            "at": at.isoformat(),
            "lines": [line.as_json() for line in lines],
        }


@sockets.on("register:version", WatchDraft)
def version(draft: WatchDraft) -> dict[str, Any]:
    """Give the register's version, so that a watcher notices a message that never came."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.REGISTER_READ)
        return {"version": register.version(db, session.id)}


def _is_shown(line: register.RegisterLine, units: set[int] | None) -> bool:
    return units is None or line.person.unit_id in units


def _rooms_of(session_id: int, units: set[int] | None) -> list[str]:
    if units is None:
        return [f"watch:{session_id}"]
    return [f"watch:{session_id}:{unit}" for unit in sorted(units)]


class Publisher:
    """Gathers what committed transactions changed and sends the re-read lines to whoever watches.

    `publish` is called after each commit from any thread and returns at once. Lines are read at the
    flush, so that a person who changed five times is sent once, as she is now.
    """

    def __init__(self) -> None:
        self._pending: dict[int, set[int | None]] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def publish(self, changed: set[tuple[int, int | None]]) -> None:
        with self._lock:
            for session_id, person_id in changed:
                self._pending.setdefault(session_id, set()).add(person_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="publisher")
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._stopping.wait(FLUSH_SECONDS)
            self._wake.clear()
            with self._lock:
                pending, self._pending = self._pending, {}
            for session_id, people in pending.items():
                try:
                    self._send(session_id, people)
                except Exception:
                    # Watchers compare the version every ten seconds and fetch what they missed.
                    log.exception("changes of session %s not published", session_id)

    def _send(self, session_id: int, people: set[int | None]) -> None:
        at = clock.now()
        in_room, watched = sockets.is_watched(f"room:{session_id}"), sockets.is_watched(f"watch:{session_id}")
        if not (in_room or watched):
            return
        with reading() as db:
            session = db.get(LiveSession, session_id)
            if session is None:
                return
            if in_room:
                payload = {"session": session_id, "people": _people(db, session, at)}
                sockets.emit("room:people", payload, to=f"room:{session_id}")
            if not watched:
                return
            ids = None if None in people else [person for person in people if person is not None]
            lines = register.read_lines(db, session, at=at, person_ids=ids)
            number = register.version(db, session_id)
        head = {"session": session_id, "version": number, "at": at.isoformat()}
        sockets.emit("register:lines", {**head, "lines": [line.as_json() for line in lines]}, to=f"watch:{session_id}")
        by_unit: dict[int, list[dict[str, Any]]] = {}
        for line in lines:
            if line.person.unit_id is not None:
                by_unit.setdefault(line.person.unit_id, []).append(line.as_json())
        for unit_id, own in by_unit.items():
            sockets.emit("register:lines", {**head, "lines": own}, to=f"watch:{session_id}:{unit_id}")


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
