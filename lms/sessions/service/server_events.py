"""What the meeting server posts: stored at once, once, and tied to the session whose room it names."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from lms.db import Db, insert_new
from lms.sessions.jitsi.reservations import OPENS_BEFORE_DOORS, Reservation, reservation_id
from lms.sessions.jitsi.rules import room_problems
from lms.sessions.jitsi.servers import MeetingServers
from lms.sessions.jitsi.wire import ServerEvent
from lms.sessions.models import JitsiEvent, LiveSession, RoomOpening
from lms.sessions.rules import DOOR_BEFORE, doors

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


def store(
    db: Db, event: ServerEvent, servers: MeetingServers, *, server: str, sender: str, body: bytes, at: datetime
) -> bool:
    """Store one event of this server; return whether it was new. The same event told again changes nothing.

    It belongs to the session whose room it names, if that session meets there: one server is no witness of what
    happens on another.
    """
    room = event.room.lower()
    session = db.execute(
        select(LiveSession.id, LiveSession.meeting_server).where(LiveSession.room_name == room)
    ).one_or_none()
    is_witness = session is not None and servers.key_of(session.meeting_server) == server
    return bool(
        insert_new(
            db,
            JitsiEvent,
            {
                "sender": sender,
                "server": server,
                "key": hashlib.sha256(f"{server}|{event.key}".encode()).hexdigest(),
                "what": event.what.value,
                "room": room[:120],
                "session_id": session.id if session is not None and is_witness else None,
                "happened_at": event.at,
                "received_at": at,
                "body": body.decode("utf-8", "replace"),
                "outcome": "",
            },
            unique=["key"],
        )
    )


def reservation_of(
    db: Db, servers: MeetingServers, asker: str = "", *, room: str = "", session_id: int | None = None
) -> Reservation | None:
    """Return the reservation of a room (its exact name, or a session's id), or None when no session has it.

    `asker` is the key of the server that asks; one on which the session does not meet is told where it does.
    """
    if session_id is None and room_problems(room.lower()):
        return None
    wanted = LiveSession.room_name == room.lower() if session_id is None else LiveSession.id == session_id
    found = db.scalars(select(LiveSession).where(wanted)).one_or_none()
    if found is None:
        return None
    window = doors(found.starts_at, found.ends_at)
    meets = servers.of(found.meeting_server)
    opened = db.scalar(
        select(RoomOpening.opened_at).where(
            RoomOpening.session_id == found.id, RoomOpening.server == asker, RoomOpening.closed_at.is_(None)
        )
    )
    return Reservation(
        reservation_id(found.id),
        found.room_name,
        window.start,
        window.end,
        cancelled=found.status == "cancelled",
        elsewhere="" if meets is not None and meets.key == asker else meets.name if meets is not None else "Jembatan",
        open_since=opened,
    )


def note_opening(db: Db, room: str, server: str, *, at: datetime) -> None:
    """Note that this server opens the session's room now; what another left open is over."""
    session = db.scalars(select(LiveSession).where(LiveSession.room_name == room.lower()).with_for_update()).one()
    note_closing(db, session.id, at=at)
    db.add(RoomOpening(session_id=session.id, server=server, opened_at=at))
    db.flush()


def note_closing(db: Db, session_id: int, server: str = "", *, at: datetime) -> None:
    """Note that the session's room is gone, on this server or on any."""
    of = [RoomOpening.session_id == session_id, RoomOpening.closed_at.is_(None)]
    if server:
        of.append(RoomOpening.server == server)
    db.execute(update(RoomOpening).where(*of).values(closed_at=at))


def settle_places(db: Db, servers: MeetingServers, *, at: datetime) -> int:
    """Let sessions whose doors are about to open keep the server that is the standard now; return how many.

    They named none: scheduled before there was one. From here on another standard moves nobody.
    """
    if not servers.standard:
        return 0
    opening = at + DOOR_BEFORE + OPENS_BEFORE_DOORS
    settled = db.execute(
        update(LiveSession)
        .where(LiveSession.meeting_server == "", LiveSession.starts_at <= opening, LiveSession.ends_at > at)
        .values(meeting_server=servers.standard)
    )
    return settled.rowcount  # type: ignore[attr-defined]


def any_unsettled(db: Db, *, at: datetime) -> bool:
    """Return whether `settle_places` would find a session."""
    opening = at + DOOR_BEFORE + OPENS_BEFORE_DOORS
    waits = select(LiveSession.id).where(
        LiveSession.meeting_server == "", LiveSession.starts_at <= opening, LiveSession.ends_at > at
    )
    return db.scalar(waits.limit(1)) is not None
