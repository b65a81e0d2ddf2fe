"""What the meeting server posted → evidence. Interpreted after it is stored, again and again if need be."""

import hashlib
import logging
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from lms.attendance.models import Evidence
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service import marks, recording
from lms.db import Db
from lms.kernel.errors import Invalid
from lms.programmes.models import Enrolment
from lms.sessions.jitsi import wire
from lms.sessions.jitsi.wire import Occupant, ServerEvent, What
from lms.sessions.models import JitsiEvent, LiveSession

log = logging.getLogger(__name__)

# So many in one transaction: a class that comes in at once must not keep everybody else from writing.
AT_ONCE = 25

_READERS = {"event_sync": wire.read_event_sync, "jaas": wire.read_jaas}


def interpret_waiting(db: Db, *, at: datetime) -> int:
    """Turn stored events that wait into evidence; return how many were looked at.

    Several processes may do so at once: each takes rows no other holds. An event that cannot be
    interpreted is marked so, its effects taken back, and kept.
    """
    rows = db.scalars(
        select(JitsiEvent)
        .where(JitsiEvent.interpreted_at.is_(None))
        .order_by(JitsiEvent.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        number = row.id
        try:
            with db.begin_nested():
                row.outcome = _interpret(db, row, at)
                row.interpreted_at = at
        except OperationalError:  # the database, not the event: tried again
            raise
        except Exception:
            # One event that we cannot cope with must not keep all the others waiting; it is kept for a look.
            log.exception("event %s of a meeting server could not be interpreted", number)
            db.execute(update(JitsiEvent).where(JitsiEvent.id == number).values(outcome="failed", interpreted_at=at))
    return len(rows)


def any_waiting(db: Db) -> bool:
    """Return whether an event waits to be interpreted."""
    return db.scalar(select(JitsiEvent.id).where(JitsiEvent.interpreted_at.is_(None)).limit(1)) is not None


def read_stored(db: Db, row: JitsiEvent) -> ServerEvent | None:
    """Return a stored event as we understand it; None for one that cannot be read."""
    body = db.scalar(select(JitsiEvent.body).where(JitsiEvent.id == row.id)) or ""
    try:
        return _READERS[row.sender](body.encode(), at=row.received_at)
    except Invalid:
        return None


def _interpret(db: Db, row: JitsiEvent, at: datetime) -> str:
    """Return what became of the event: evidence, guest, ignored, unknown_room or unreadable (or `failed`, above)."""
    event = read_stored(db, row)
    if event is None:
        return "unreadable"
    session = db.get(LiveSession, row.session_id) if row.session_id is not None else None
    if session is None:
        return "unknown_room"
    if event.what in (What.JOINED, What.LEFT):
        return _stay(db, session, row, event, event.occupants[0], at)
    if event.what is What.ROOM_DESTROYED:
        return _close(db, session, row, event, at)
    return "ignored"


def _stay(db: Db, session: LiveSession, row: JitsiEvent, event: ServerEvent, occupant: Occupant, at: datetime) -> str:
    """Record one joined or left. A guest, or somebody who is not of this batch, goes to the coordinator's list."""
    person_id = _member(db, session, occupant.person)
    if person_id is None:
        return "guest"
    kind = Kind.JOINED if event.what is What.JOINED else Kind.LEFT
    if kind is Kind.LEFT and occupant.joined_at is not None:
        # Whoever left had come: a `joined` that is lost for good, or still under way, is known by this one.
        _record(db, session, person_id, Kind.JOINED, row, event, occupant, occupant.joined_at)
    _record(db, session, person_id, kind, row, event, occupant, event.at)
    marks.judge_marks(db, session, at=at, person_ids=[person_id])
    return "evidence"


def _close(db: Db, session: LiveSession, row: JitsiEvent, event: ServerEvent, at: datetime) -> str:
    """Close what is still open in a destroyed room; a stay whose own `left` has come, or comes later, is not doubled.

    The list in the event holds one stay an occupant though there may have been more, so it decides nothing
    else; whoever is open by our own evidence is closed at the destruction.
    """
    told = db.scalars(
        select(Evidence).where(Evidence.session_id == session.id, Evidence.source == Source.JITSI.value)
    ).all()
    place = _place(event)
    # Moving to a breakout room takes its left with it, so what is open here has really ended here.
    open_since: dict[tuple[int, str], datetime] = {}
    for fact in sorted(told, key=lambda e: (e.claimed_at, e.id)):
        if fact.detail.get("room") != place:
            continue
        who = (fact.person_id, str(fact.detail.get("occupant")))
        if fact.kind == Kind.JOINED.value:
            open_since[who] = fact.claimed_at
        else:
            open_since.pop(who, None)
    for (person_id, jid), since in open_since.items():
        known = next((one for one in event.occupants if one.jid == jid and one.joined_at == since), None)
        left_at = known.left_at if known is not None and known.left_at is not None else event.at
        occupant = Occupant(jid, str(person_id), "", since, left_at)
        _record(db, session, person_id, Kind.LEFT, row, event, occupant, max(left_at, since))
    if open_since:
        marks.judge_marks(db, session, at=at, person_ids=sorted({person for person, _ in open_since}))
    return "evidence" if open_since else "ignored"


def _record(
    db: Db,
    session: LiveSession,
    person_id: int,
    kind: Kind,
    row: JitsiEvent,
    event: ServerEvent,
    occupant: Occupant,
    happened: datetime,
) -> None:
    since = int(occupant.joined_at.timestamp()) if occupant.joined_at else event.key
    stay = f"{_place(event)}|{occupant.jid}|{since}"
    key = f"j:{kind.value}:{hashlib.sha256(stay.encode()).hexdigest()[:40]}"
    recording.record(
        db,
        session,
        person_id,
        kind,
        source=Source.JITSI,
        key=key,
        # Nothing is told before it happens: a server whose clock is ahead must not take minutes from who comes.
        claimed_at=min(happened, row.received_at),
        at=row.received_at,
        detail={"occupant": occupant.jid, "room": _place(event), "event": row.id},
    )


def _place(event: ServerEvent) -> str:
    """Return the room or breakout room as one name; moving between them is leaving one and joining the other."""
    return f"{event.room}/{event.breakout}" if event.breakout else event.room


def _member(db: Db, session: LiveSession, told: str | None) -> int | None:
    """Return the id of the person the token named, if she belongs to the session's batch."""
    if told is None or not told.isdecimal() or len(told) > 12:
        return None
    found = db.scalar(
        select(Enrolment.person_id)
        .where(Enrolment.batch_id == session.batch_id, Enrolment.person_id == int(told))
        .limit(1)
    )
    return found
