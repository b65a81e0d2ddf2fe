"""What the meeting server posts: stored at once, once, and tied to the session whose room it names."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from lms.db import Db, insert_new
from lms.sessions.jitsi.reservations import Reservation, reservation_id
from lms.sessions.jitsi.wire import ServerEvent
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.rules import doors

Interpreter = Callable[[datetime], None]


def nothing_to_interpret(_at: datetime) -> None:
    """Leave events uninterpreted; the job comes round anyway."""


_interpret: Interpreter = nothing_to_interpret


def interpret_with(call: Interpreter) -> None:
    """Let `call(at)` make something of new events right after they are stored; `create_app` does so.

    Attendance knows sessions, and not the other way round.
    """
    global _interpret
    _interpret = call


def interpret(at: datetime) -> None:
    """Have new events interpreted now. For an edge, after its transaction."""
    _interpret(at)


def store(db: Db, event: ServerEvent, *, sender: str, body: bytes, at: datetime) -> bool:
    """Store one event; return whether it was new. The same event told again changes nothing."""
    room = event.room.lower()
    session_id = db.scalar(select(LiveSession.id).where(LiveSession.room_name == room))
    return bool(
        insert_new(
            db,
            JitsiEvent,
            {
                "sender": sender,
                "key": hashlib.sha256(event.key.encode()).hexdigest(),
                "what": event.what.value,
                "room": room[:120],
                "session_id": session_id,
                "happened_at": event.at,
                "received_at": at,
                "body": body.decode("utf-8", "replace"),
                "outcome": "",
            },
            unique=["key"],
        )
    )


def reservation_of(db: Db, *, room: str = "", session_id: int | None = None) -> Reservation | None:
    """Return the reservation of a room (its exact name, or a session's id), or None when no session has it."""
    wanted = LiveSession.room_name == room.lower() if session_id is None else LiveSession.id == session_id
    found = db.scalars(select(LiveSession).where(wanted)).one_or_none()
    if found is None:
        return None
    window = doors(found.starts_at, found.ends_at)
    return Reservation(
        reservation_id(found.id), found.room_name, window.start, window.end, cancelled=found.status == "cancelled"
    )
