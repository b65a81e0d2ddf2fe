"""What the pages in a room are sent about its questions, and when."""

import logging
import threading
import time
from typing import Any

from lms import clock
from lms.db import Db, reading
from lms.pulses.models import Pulse
from lms.pulses.rules import State
from lms.pulses.service import reading as questions
from lms.pulses.service.reading import Asked
from lms.sessions.models import LiveSession
from lms.web import sockets

# Bars need not move more often, even when three hundred answer in the same second.
FLUSH_SECONDS = 0.3
# Long enough for answers of one moment to come along, too short to be noticed by whoever asked.
GATHER_SECONDS = 0.05

log = logging.getLogger(__name__)


def room_of(session_id: int) -> str:
    return f"pulse:{session_id}"


def askers_of(session_id: int) -> str:
    """Return the room of those who lead: they see names where names were announced."""
    return f"pulse-asking:{session_id}"


def as_json(asked: Asked | None, *, with_names: bool = False) -> dict[str, Any] | None:
    """Return a question as pages show it, in both languages; without names unless told."""
    if asked is None:
        return None
    pulse = asked.pulse
    # `known`: there is a right answer that may be shown. Which one, only once it is.
    leading: dict[str, Any] = {"known": bool(pulse.right_keys)} if with_names else {}
    if with_names and pulse.is_named:
        leading["names"] = asked.names
    return leading | {
        "id": pulse.id,
        "form": pulse.form,
        "text": {"id": pulse.text_id, "en": pulse.text_en},
        "choices": [
            {"key": bar.key, "id": bar.id, "en": bar.en, "count": bar.count, "share": bar.share, "right": bar.is_right}
            for bar in asked.bars
        ],
        "answered": asked.answered,
        "open": asked.state is State.OPEN,
        "named": pulse.is_named,
        "sign": pulse.is_sign,
        "revealed": pulse.revealed_at is not None,
    }


def waiting_json(pulse: Pulse) -> dict[str, Any]:
    """Return a prepared question for the list of whoever leads."""
    return {
        "id": pulse.id,
        "text": {"id": pulse.text_id, "en": pulse.text_en},
        "named": pulse.is_named,
        "sign": pulse.is_sign,
    }


def snapshot(db: Db, session: LiveSession, *, with_names: bool) -> dict[str, Any]:
    """Return what a page shows now, with the version by which it knows what is newer."""
    # Before the question: a page that takes itself for older than it is asks again, for newer it would not.
    number = questions.version(db, session.id)
    asked = questions.current(db, session, at=clock.now(), with_names=with_names)
    return {"session": session.id, "version": number, "question": as_json(asked, with_names=with_names)}


class Publisher:
    """Gathers the sessions whose questions or answers changed and sends their state to the rooms."""

    def __init__(self) -> None:
        self._pending: set[int] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def publish(self, session_id: int) -> None:
        """Send this session's state soon; from any thread, after the commit only."""
        with self._lock:
            self._pending.add(session_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="pulses")
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        begun = float("-inf")
        while True:
            self._wake.wait()
            time.sleep(max(GATHER_SECONDS, begun + FLUSH_SECONDS - time.monotonic()))
            begun = time.monotonic()
            self._wake.clear()
            with self._lock:
                pending, self._pending = self._pending, set()
            for session_id in pending:
                try:
                    send(session_id)
                except Exception:
                    # Pages compare the version now and then and fetch what they missed.
                    log.exception("questions of session %s not sent", session_id)


def send(session_id: int) -> None:
    """Send the session's question to everybody in its room, and with announced names to those who lead."""
    for room, with_names in ((room_of(session_id), False), (askers_of(session_id), True)):
        if not sockets.is_watched(room):
            continue
        with reading() as db:
            session = db.get(LiveSession, session_id)
            if session is not None:
                sockets.emit("pulse:now", snapshot(db, session, with_names=with_names), to=room)
