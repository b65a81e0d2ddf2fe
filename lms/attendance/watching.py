"""What watching pages are sent: the lines of a register as they are now, and those that change from then on."""

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms import clock
from lms.attendance.service import register
from lms.db import Db, reading
from lms.sessions.models import LiveSession
from lms.web import sockets

# Watchers hear of changes no more often than this, so that a class joining at once is a few messages …
FLUSH_SECONDS = 0.4
# … and of a single one after quiet as soon as what belongs to it had the time to follow.
GATHER_SECONDS = 0.1
# A list nobody can read helps nobody, and sending it to everyone would be the square of the class.
_PEOPLE_SHOWN = 60

log = logging.getLogger(__name__)


def rooms_of(session_id: int, units: Collection[int] | None) -> list[str]:
    """Return the rooms of somebody who sees these units' people (None: everyone's)."""
    if units is None:
        return [f"watch:{session_id}"]
    return [f"watch:{session_id}:{unit}" for unit in sorted(units)]


def times_room(session_id: int) -> str:
    """Return the room of everybody who has the session's room page open: its times may move while they sit in it."""
    return f"times:{session_id}"


def times_of(session: LiveSession, at: datetime) -> dict[str, Any]:
    """Return the session's times as a page shows them: instants as ISO UTC, which version of them it is, and whether
    it is over by our clock (the page's may be wrong)."""
    starts, ends = session.starts_at.isoformat(), session.ends_at.isoformat()
    is_over = session.ends_at <= at
    return {"session": session.id, "starts": starts, "ends": ends, "over": is_over, "sequence": session.sequence}


def people_here(db: Db, session: LiveSession, at: datetime) -> list[dict[str, Any]]:
    """Return who is in the conference by evidence: [{id, name}], by name, at most `_PEOPLE_SHOWN`."""
    return [{"id": person_id, "name": name} for person_id, name in register.who_is_here(db, session, at, _PEOPLE_SHOWN)]


@dataclass(frozen=True)
class Snapshot:
    """Lines of a register at one instant: (unit id, line as JSON); `begun` by the process's count of readings."""

    version: str
    at: datetime
    lines: list[tuple[int | None, dict[str, Any]]]
    begun: int


class Snapshots:
    """Whole registers, each read once for however many pages ask at the same moment.

    When a server restarts, everybody who watches comes back within a second; reading a thousand lines for each
    of them would keep the others waiting for many.
    """

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()
        self._reading: dict[int, threading.Lock] = {}
        self._last: dict[int, Snapshot] = {}

    def read(self, session: LiveSession, *, since: str = "") -> Snapshot:
        """Return the session's lines as they are after this call began: all, or those with news since a version."""
        if since:
            with reading() as db:
                at = clock.now()
                changed = register.changed_since(db, session.id, since)
                if changed is not None:
                    return self._read(db, session, at, changed, 0)
        with self._lock:
            self._count += 1
            asked = self._count
            turn = self._reading.setdefault(session.id, threading.Lock())
        with turn:
            # One that was begun after we asked knows everything that happened before we did.
            last = self._last.get(session.id)
            if last is not None and last.begun > asked:
                return last
            with self._lock:
                self._count += 1
                begun = self._count
            with reading() as db:
                found = self._read(db, session, clock.now(), None, begun)
            # The newest alone: it is for those who wait for it now.
            self._last = {session.id: found}
            return found

    def _read(self, db: Db, session: LiveSession, at: datetime, people: Collection[int] | None, begun: int) -> Snapshot:
        number = register.version(db, session.id)
        lines = register.read_lines(db, session, at=at, person_ids=people)
        return Snapshot(number, at, [(line.person.unit_id, line.as_json(session)) for line in lines], begun)


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
        begun = float("-inf")
        while True:
            self._wake.wait()
            # Counted from the last beginning: what reading and sending took is not waited for once more.
            self._stopping.wait(max(GATHER_SECONDS, begun + FLUSH_SECONDS - time.monotonic()))
            begun = time.monotonic()
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
        # Nobody in particular: the session itself may have changed.
        is_moved = None in people and sockets.is_watched(times_room(session_id))
        if not (in_room or watched or is_moved):
            return
        with reading() as db:
            session = db.get(LiveSession, session_id)
            if session is None:
                return
            if is_moved:
                sockets.emit("session:times", times_of(session, at), to=times_room(session_id))
            if in_room:
                payload = {"session": session_id, "people": people_here(db, session, at)}
                sockets.emit("room:people", payload, to=f"room:{session_id}")
            if not watched:
                return
            # Before the lines: a page that takes itself for older than it is asks again, for newer it would not.
            number = register.version(db, session_id)
            ids = None if None in people else [person for person in people if person is not None]
            lines = register.read_lines(db, session, at=at, person_ids=ids)
        head = {"session": session_id, "version": number, "at": at.isoformat()}
        by_unit: dict[int | None, list[dict[str, Any]]] = {}
        for line in lines:
            by_unit.setdefault(line.person.unit_id, []).append(line.as_json(session))
        everyone = [line for own in by_unit.values() for line in own]
        sockets.emit("register:lines", {**head, "lines": everyone}, to=f"watch:{session_id}")
        for unit_id, own in by_unit.items():
            if unit_id is not None and sockets.is_watched(f"watch:{session_id}:{unit_id}"):
                sockets.emit("register:lines", {**head, "lines": own}, to=f"watch:{session_id}:{unit_id}")
