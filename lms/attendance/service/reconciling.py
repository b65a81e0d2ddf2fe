"""What the meeting server left open or did not tell: closed where that is certain, told to somebody where it is not.

event_sync drops an event for good after a time-out, and a killed Prosody posts nothing at all: a `left` or a
`destroyed` that never came must not keep somebody in a meeting that is over.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import Evidence
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service import marks, recording
from lms.attendance.service.server_events import read_stored
from lms.attendance.service.telling import about, coordinators_of
from lms.db import Db
from lms.outbox import service as outbox
from lms.sessions.jitsi.wire import What
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.rules import DOOR_AFTER, doors

# The longest that a hibernating line and the retries of a post take to be told after the doors close.
LATE = timedelta(minutes=5)
# After so long nobody looks again; a register is signed by then.
LOOK_BACK = timedelta(days=2)
# The server's count holds recorders, and somebody is always just coming or going.
TOLERATED = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenStay:
    """A stay of which the server told the beginning and not the end: whose, which occupant, where, since when."""

    person_id: int
    occupant: str
    place: str
    since: datetime


def open_stays(db: Db, session_id: int) -> list[OpenStay]:
    """Return the stays that are open by the server's own word, by when they began."""
    told = db.scalars(
        select(Evidence).where(Evidence.session_id == session_id, Evidence.source == Source.JITSI.value)
    ).all()
    found: dict[tuple[int, str, str], OpenStay] = {}
    # Of one instant the going comes first: out and in again within a second is being in.
    for fact in sorted(told, key=lambda e: (e.claimed_at, e.kind == Kind.JOINED.value, e.id)):
        occupant, place = str(fact.detail.get("occupant")), str(fact.detail.get("room"))
        who = (fact.person_id, occupant, place)
        if fact.kind == Kind.JOINED.value:
            found.setdefault(who, OpenStay(fact.person_id, occupant, place, fact.claimed_at))
        elif who in found and fact.claimed_at >= found[who].since:
            del found[who]
    return sorted(found.values(), key=lambda stay: (stay.since, stay.person_id))


def sessions_left_open(db: Db, *, at: datetime) -> list[int]:
    """Return sessions whose doors closed a while ago and in which the server left somebody."""
    ids = db.scalars(
        select(LiveSession.id)
        .where(
            LiveSession.ends_at < at - DOOR_AFTER - LATE,
            LiveSession.ends_at > at - LOOK_BACK,
            LiveSession.id.in_(select(JitsiEvent.session_id).where(JitsiEvent.session_id.is_not(None))),
        )
        .order_by(LiveSession.id)
    ).all()
    return [session_id for session_id in ids if open_stays(db, session_id)]


def close_left_open(db: Db, session: LiveSession, *, at: datetime) -> int:
    """Close what the server left open in a session whose doors have closed; return how many stays.

    A room that was made anew after a stay began did not survive: the server was started again, and the stay
    ended then. Otherwise it ends with the doors, when reservations and tokens end. A second call finds nothing.
    """
    made = _rooms_made(db, session.id)
    closing = doors(session.starts_at, session.ends_at).end
    left = open_stays(db, session.id)
    for stay in left:
        again = [moment for place, moment in made if place == stay.place.split("/")[0] and moment > stay.since]
        ends = max(stay.since, min([*again, closing]))
        told = f"{stay.place}|{stay.occupant}|{int(stay.since.timestamp())}"
        recording.record(
            db,
            session,
            stay.person_id,
            Kind.LEFT,
            source=Source.JITSI,
            key=f"j:closed:{hashlib.sha256(told.encode()).hexdigest()[:40]}",
            claimed_at=ends,
            at=at,
            detail={"occupant": stay.occupant, "room": stay.place, "reconciled": True},
        )
    if left:
        log.warning("session %s: the meeting server left %d stays open; closed", session.id, len(left))
        marks.judge_marks(db, session, at=at, person_ids=sorted({stay.person_id for stay in left}))
    return len(left)


def _rooms_made(db: Db, session_id: int) -> list[tuple[str, datetime]]:
    """Return when the session's main room was made, each time: (room, instant)."""
    rows = db.scalars(
        select(JitsiEvent).where(JitsiEvent.session_id == session_id, JitsiEvent.what == What.ROOM_CREATED.value)
    )
    events = (read_stored(db, row) for row in rows)
    return [(event.room, event.at) for event in events if event is not None and not event.breakout]


def running(db: Db, *, at: datetime) -> list[LiveSession]:
    """Return the sessions under way in a meeting, after their first minutes."""
    return list(
        db.scalars(
            select(LiveSession)
            .where(
                LiveSession.starts_at <= at - timedelta(minutes=5),
                LiveSession.ends_at > at,
                LiveSession.mode == "teleconference",
                LiveSession.status != "cancelled",
            )
            .order_by(LiveSession.id)
        )
    )


def just_closed(db: Db, *, at: datetime) -> list[LiveSession]:
    """Return the sessions in a meeting whose doors closed within the last minutes; cancelled ones too, as somebody may
    sit in one that was called off while it ran."""
    return list(
        db.scalars(
            select(LiveSession)
            .where(
                LiveSession.ends_at <= at - DOOR_AFTER,
                LiveSession.ends_at > at - DOOR_AFTER - LATE,
                LiveSession.mode == "teleconference",
            )
            .order_by(LiveSession.id)
        )
    )


def people_missed(db: Db, session: LiveSession, in_room: int) -> int:
    """Return how many more the server counts in the main room than it told us of; 0 within what is tolerated.

    The other way round proves nothing: a count of 1 may be the focus alone, breakout rooms are not counted.
    """
    ours = sum("/" not in stay.place for stay in open_stays(db, session.id))
    guests = sum(
        {What.JOINED.value: 1, What.LEFT.value: -1}.get(what, 0)
        for what in db.scalars(
            select(JitsiEvent.what).where(JitsiEvent.session_id == session.id, JitsiEvent.outcome == "guest")
        )
    )
    missed = in_room - ours - max(0, guests)
    return missed if missed > TOLERATED else 0


def report(db: Db, session: LiveSession, template: str, *, at: datetime, **params: int) -> int:
    """Tell the session's coordinators once that its meeting server is no good witness; return how many were told."""
    told = 0
    for person_id in sorted(coordinators_of(db, session)):
        key = f"{template}:{session.id}:{person_id}"
        link = f"/sessions/{session.id}/register"
        told += outbox.tell(db, person_id, template, about(session) | params, key, link, at=at)
    if told:
        log.warning("session %s: %s %s", session.id, template, params)
    return told
